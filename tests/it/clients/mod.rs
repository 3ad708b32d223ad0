//! Machine clients: their tokens, and what those open.

mod access;
mod command_line;
mod guessing;
mod token_endpoint;
