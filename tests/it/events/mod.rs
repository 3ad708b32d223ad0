//! What happened, told to other systems: the catalogue of events, their order, and `GET /v1/events`. `reader` follows the
//! list as such a system does.

mod catalogue;
mod cursor;
mod cursors_that_end;
mod decoys;
mod document;
mod guide;
mod order;
pub(crate) mod reader;
mod session_ends;
mod worker;
