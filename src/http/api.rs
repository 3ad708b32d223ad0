//! Every operation of the API and who may call it: this table registers the routes and makes the OpenAPI document.

use super::{
    access::Access::{Anyone, Client, Customer, CustomerOrChangeToken, Machine, MailApi},
    account, account_activity, account_email, account_password, challenges,
    docs::problem_types,
    email_changes, health, listed_sessions, lock_downs, mail_events,
    oauth::token,
    operation::{Operation, operations},
    password_policy, password_resets, sessions, support, well_known,
};
use crate::types::Scope;

/// The order is the order of matching, so a fixed address stands before a pattern that matches it too.
pub(super) const OPERATIONS: &[Operation] = operations![
    password_resets::create => Anyone,
    password_resets::verify => Anyone,
    password_resets::complete => Anyone,
    password_resets::withdraw => Anyone,
    challenges::create => Anyone,
    password_policy::show => Anyone,
    sessions::create => Anyone,
    listed_sessions::list => Customer,
    sessions::end_others => Customer,
    sessions::refresh => Anyone,
    sessions::end_current => Customer,
    sessions::end_one => Customer,
    listed_sessions::rename => Customer,
    account::show => Customer,
    account_activity::list => Customer,
    account_password::change => CustomerOrChangeToken,
    account_email::ask => Customer,
    account_email::confirm_present => Customer,
    lock_downs::by_owner => Customer,
    lock_downs::by_link => Anyone,
    email_changes::confirm => Anyone,
    email_changes::withdraw => Anyone,
    token::issue => Client,
    well_known::jwks => Anyone,
    well_known::change_password => Anyone,
    support::diagnose => Machine(Scope::SupportRead),
    mail_events::receive => MailApi,
    problem_types::list => Anyone,
    problem_types::show => Anyone,
    health::livez => Anyone,
    health::readyz => Anyone,
];
