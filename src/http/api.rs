//! Every operation of the API: this table registers the routes and makes the OpenAPI document.

use super::{
    account, account_password, challenges,
    docs::problem_types,
    health, mail_events,
    oauth::token,
    operation::{Operation, operations},
    password_policy, password_resets, sessions, support, well_known,
};

/// The order is the order of matching, so a fixed address stands before a pattern that matches it too.
pub(super) const OPERATIONS: &[Operation] = operations![
    password_resets::create,
    password_resets::verify,
    password_resets::complete,
    password_resets::withdraw,
    challenges::create,
    password_policy::show,
    sessions::create,
    sessions::list,
    sessions::end_others,
    sessions::refresh,
    sessions::end_current,
    sessions::end_one,
    account::show,
    account_password::change,
    token::issue,
    well_known::jwks,
    well_known::change_password,
    support::diagnose,
    mail_events::receive,
    problem_types::list,
    problem_types::show,
    health::livez,
    health::readyz,
];
