//! New passwords: [`change()`] sets one for a signed-in customer, who proves to be its owner by the `current` one.
//! `replace` is what every change and reset has in common, [`expire()`] makes one necessary, and the tasks of
//! [`REMINDING`] tell the owner beforehand. `cost` is where every password is checked, [`count_costs`] counts what the
//! stored hashes cost, and [`wrap_fast_hashes`] protects those that an import has brought.

mod bearer;
pub(super) mod change;
pub(super) mod cost;
pub(super) mod current;
pub(super) mod expire;
pub(super) mod remind;
pub(super) mod replace;
mod tries;
mod wrap;

pub use bearer::Bearer;
pub use change::{Changed, PasswordChange, change};
pub use cost::count_costs;
pub use expire::expire;
pub use remind::REMINDING;
pub use wrap::wrap_fast_hashes;
