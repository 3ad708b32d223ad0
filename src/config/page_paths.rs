//! The paths of hosted pages, for the default of `STAKIS_RESET_URL` and for links in mails.

/// The hosted page of a signed-in customer, with the sessions.
pub const ACCOUNT_PATH: &str = "/account";
/// The hosted page that changes a password.
pub const CHANGE_PASSWORD_PATH: &str = "/change-password";
/// The hosted page behind "this was not me" in a reset mail.
pub const WITHDRAW_RESET_PATH: &str = "/withdraw-reset";
/// The hosted page behind the link that confirms a new address.
pub const CONFIRM_EMAIL_PATH: &str = "/confirm-email";
/// The hosted page behind the link that withdraws a change of the address.
pub const WITHDRAW_EMAIL_PATH: &str = "/withdraw-email";
/// The hosted page behind "this was not me" in a notice, which locks the access down.
pub const NOT_ME_PATH: &str = "/not-me";
