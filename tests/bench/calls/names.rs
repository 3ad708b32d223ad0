//! The names of the operations, by which their figures are compared from run to run.

pub(super) const RESET_KNOWN: &str = "reset request, known number";
pub(super) const RESET_UNKNOWN: &str = "reset request, unknown number";
pub(super) const VERIFY: &str = "verify";
pub(super) const ACCOUNT: &str = "GET /v1/account";
pub(super) const REFRESH: &str = "refresh";
pub(super) const BY_SECRET: &str = "client credentials, secret";
pub(super) const BY_KEY: &str = "client credentials, private_key_jwt";
pub(super) const INTROSPECTION: &str = "introspection";
pub(super) const DIAGNOSIS: &str = "diagnosis";
pub(super) const SIGN_IN: &str = "sign-in";
pub(super) const ACTIVITY: &str = "GET /v1/account/activity";
pub(super) const SEARCH: &str = "search of an account";
