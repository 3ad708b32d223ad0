//! The use cases, one file each: the story of a reset is `request_reset`, `issue_reset_link`,
//! `send_mail`, `verify_reset_link` and `complete_reset`, each read from top to bottom.

mod authenticate;
mod change_email;
mod change_password;
mod change_token;
mod clients;
mod complete_reset;
mod devices;
mod diagnose;
mod end_sessions;
mod expire_password;
mod finding;
mod forget;
mod issue_reset_link;
mod issue_session;
mod lift_suppression;
mod manage_account;
mod new_password;
mod password_state;
mod record_delivery;
mod refresh_session;
mod refusal;
mod remind_of_expiry;
mod request_reset;
mod send_mail;
mod sign_in;
mod throttle;
mod verify_reset_link;
mod withdraw_reset_link;
mod work;

pub use authenticate::{Customer, authenticate};
pub use change_email::change_email;
pub use change_password::{Changed, PasswordChange, change_password};
pub use change_token::ChangeToken;
pub use clients::{
    IssueError, Machine, MachineToken, authenticate_machine, create_client, issue_machine_token, revoke_client,
};
pub use complete_reset::{NewPasswordForm, complete_reset};
pub use diagnose::{Asker, Diagnosis, Moment, Question, diagnose};
pub use end_sessions::{SessionsToEnd, end_expired_sessions, end_sessions, list_sessions};
pub use expire_password::expire_password;
pub use finding::{Finding, FindingCode, Severity};
pub use forget::forget;
pub use issue_reset_link::issue_reset_link;
pub use issue_session::SignedIn;
pub use lift_suppression::lift_suppression;
pub use manage_account::{AccountToCreate, close_account, create_account, find_account, reopen_account};
pub use password_state::{ChangeReason, PasswordState, password_expires_at, password_state};
pub use record_delivery::record_delivery;
pub use refresh_session::refresh_session;
pub use refusal::{Field, FieldError, IdentityError, LinkReason, PasswordExpiry, Refusal};
pub use remind_of_expiry::remind_of_expiry;
pub use request_reset::request_reset;
pub use send_mail::send_mail;
pub use sign_in::{Credentials, sign_in};
pub use verify_reset_link::verify_reset_link;
pub use withdraw_reset_link::withdraw_reset_link;
pub use work::Work;
