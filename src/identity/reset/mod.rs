//! The reset of the customer guide, in the order in which it happens. [`request()`] stores the request, and
//! [`request_for_owner()`] one of support.
//! [`issue_link()`] makes the link in the background where the `verdict` allows it, by the `mail_history` and the
//! `mail_caps` of the number and by the budget of all, and [`outbox::send`](fn@super::outbox::send) hands the
//! mail over. [`verify_link()`] looks at the link. [`complete()`] sets the new password, or [`withdraw_link()`] ends
//! the link ("this was not me"). `live_link` tells these three which links can be used, `link` has what they share, and `mistakes` counts what
//! the holder of a link gets wrong.

pub(super) mod complete;
mod for_owner;
pub(super) mod issue_link;
pub(super) mod link;
pub(super) mod mail_caps;
pub(super) mod mail_history;
pub(super) mod mistakes;
pub(super) mod request;
pub(super) mod verdict;
pub(super) mod verify_link;
pub(super) mod withdraw_link;

pub use complete::{NewPasswordForm, complete};
pub use for_owner::{ResetForOwner, request_for_owner};
pub use issue_link::issue_link;
pub use request::{ResetForm, request};
pub use verify_link::verify_link;
pub use withdraw_link::withdraw_link;
