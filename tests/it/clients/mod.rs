//! Machine clients: their tokens, and the access that the tokens give.

mod access;
mod command_line;
mod guessing;
mod token_endpoint;
