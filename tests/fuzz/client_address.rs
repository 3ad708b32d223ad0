//! Fuzzes the search for the address of the client.

#![no_main]

mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::run("client_address", bytes));
