//! The kinds of tokens, forged tokens, and the keys that sign.

mod forged;
mod kinds;
mod signing_keys;
