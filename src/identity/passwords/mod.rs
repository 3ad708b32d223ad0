//! New passwords: [`change()`] sets one for a signed-in customer, who proves to be its owner by the `current` one. `replace` is what every change and reset has in common,
//! [`expire()`] makes one necessary, and the tasks of [`REMINDING`] tell the owner beforehand.

mod bearer;
pub(super) mod change;
pub(super) mod current;
pub(super) mod expire;
pub(super) mod remind;
pub(super) mod replace;
mod tries;

pub use bearer::Bearer;
pub use change::{Changed, PasswordChange, change};
pub use expire::expire;
pub use remind::REMINDING;
