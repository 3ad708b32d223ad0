//! Who is calling? Support asks for a number ([`ask()`]), and its owner gets six digits: on the account page, once the
//! customer says that the call is theirs ([`show()`]), or in a mail to the address on file. The customer reads them out, and
//! support checks them ([`check()`]). A number that leads to nobody takes the same steps (OW-11).
//!
//! `caps` limits how often support asks. The code shows who has the session or the mailbox, and no more: it never alone
//! suffices for a change of the address.

mod ask;
mod caps;
mod check;
mod show;

pub use ask::{AskedCode, CallerQuestion, ask};
pub use check::{CheckedCode, check};
pub use show::{ShownCode, show};
