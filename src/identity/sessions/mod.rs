//! Sessions. `issue` begins one after the right password, [`authenticate()`] finds the customer behind an access token,
//! [`refresh()`] continues the session, and `reuse` rules on a refresh token that comes a second time. [`list`] shows the
//! live sessions, [`rename()`] names them, [`end()`] ends them, as [`end_for_owner()`] does for support, and [`ENDING_EXPIRED`] ends those whose time is over.
//! `devices` remembers from where an account was signed in to. [`own_state()`] says how old the password is and whether to
//! change it, and whether mail reaches the address, as every sign-in and refresh answers.

pub(super) mod authenticate;
pub(super) mod devices;
pub(super) mod end;
mod end_for_owner;
pub(super) mod issue;
pub(super) mod password_state;
pub(super) mod refresh;
mod rename;
mod reuse;

pub use authenticate::{Customer, authenticate};
pub use end::{ENDING_EXPIRED, ListedSession, SessionsToEnd, end, list};
pub use end_for_owner::end_for_owner;
pub use issue::SignedIn;
pub use password_state::{ChangeReason, OwnState, PasswordState, own_state, password_expires_at};
pub use refresh::refresh;
pub use rename::rename;
