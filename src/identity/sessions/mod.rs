//! Sessions: [`authenticate`] finds the customer behind an access token, `issue` begins a session, [`refresh`] continues
//! it, [`end`] ends it. Beside them stand the devices that have signed in, and the state of the password that each answer tells.

pub(super) mod authenticate;
pub(super) mod devices;
pub(super) mod end;
pub(super) mod issue;
pub(super) mod password_state;
pub(super) mod refresh;

pub use authenticate::{Customer, authenticate};
pub use end::{SessionsToEnd, end, end_expired, list};
pub use issue::SignedIn;
pub use password_state::{ChangeReason, PasswordState, password_expires_at, password_state};
pub use refresh::refresh;
