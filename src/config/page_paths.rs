//! The paths of hosted pages, for the default of `STAKIS_RESET_URL` and for links in mails.

/// The hosted page of a signed-in customer, with the sessions.
pub const ACCOUNT_PATH: &str = "/account";
/// The hosted page that changes a password.
pub const CHANGE_PASSWORD_PATH: &str = "/change-password";
/// The hosted page behind "this was not me" in a reset mail.
pub const WITHDRAW_RESET_PATH: &str = "/withdraw-reset";
/// The hosted page behind "this was not me" in the notice of a change or a sign-in.
pub const NOT_ME_PATH: &str = "/not-me";
