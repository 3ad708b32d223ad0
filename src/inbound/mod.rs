//! The connections that callers open, and what each of them may cost (AP-04).
//!
//! actix' own settings do not suffice: its deadline for a head is that of the first request of a connection alone, an
//! answer that nobody takes has no end, and an answer is copied as a whole into a buffer. So [`listen()`] builds the
//! server from the parts of actix, with the parts of this room between them:
//!
//! - `places` bounds the connections of one source, and all of them. A connection beyond a bound is closed at once.
//! - `connection` knows what a connection is doing, since when, and how much may be read ahead of the service.
//! - `stream` is the socket as actix sees it: it reads no further than `connection` allows, and `head_lines` finds where
//!   a head ends and alters offers to change the protocol.
//! - `exchange` tells `connection` when a request begins and when it is answered; `incoming` is the body of the request
//!   with its deadline, `answer` the body of the answer in small pieces.
//! - `watch` drives a connection, and ends it at its deadline; `parting` closes the socket.
//!
//! [`Bounds`] holds the numbers, and `open_files` raises the limit of the process for them.

mod answer;
mod bounds;
mod connection;
mod exchange;
mod head_lines;
mod incoming;
mod listen;
mod open_files;
mod parting;
mod places;
mod stream;
mod watch;

pub use bounds::Bounds;
pub use listen::{Listening, listen};
pub use open_files::raise_limit_of_open_files;
pub use places::{Bound, Change};
