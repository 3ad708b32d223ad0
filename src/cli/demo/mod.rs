//! `demo`: steps 2 to 8 of the customer guide, over HTTP, on a database that is deleted at the end. [`run()`] starts the
//! service and makes two customers, `walk` takes the steps, `caller` sends the requests and reads the mailbox,
//! `printer` shows both.

mod caller;
mod customers;
mod printer;
mod run;
mod walk;

pub(super) use run::run;
