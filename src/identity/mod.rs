//! The use cases, one file each: the story of a reset is `request_reset`, `issue_reset_link`,
//! `send_mail`, `verify_reset_link` and `complete_reset`, each read from top to bottom.

mod authenticate;
mod complete_reset;
mod issue_reset_link;
mod manage_account;
mod refusal;
mod request_reset;
mod send_mail;
mod sign_in;
mod verify_reset_link;
mod withdraw_reset_link;
mod work;

pub use authenticate::authenticate;
pub use complete_reset::{NewPasswordForm, complete_reset};
pub use issue_reset_link::issue_reset_link;
pub use manage_account::{
    AccountToCreate, close_account, create_account, find_account, password_expires_at, reopen_account,
};
pub use refusal::{Field, FieldError, IdentityError, LinkReason, Refusal};
pub use request_reset::request_reset;
pub use send_mail::send_mail;
pub use sign_in::{SignedIn, sign_in};
pub use verify_reset_link::verify_reset_link;
pub use withdraw_reset_link::withdraw_reset_link;
pub use work::Work;
