//! The diagnosis that support reads.

mod diagnosis;
