//! The reset by mail, in the order of the customer guide: the request, the link, the new password.

mod complete;
mod neutrality;
mod request;
mod steps;
mod verify_link;
mod what_counts;
