//! The kinds of tokens, forged ones, and the keys that sign.

mod forged;
mod kinds;
mod signing_keys;
