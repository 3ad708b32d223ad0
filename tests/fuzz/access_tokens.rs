//! Fuzzes the verification of access tokens.

#![no_main]

mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::run("access_tokens", bytes));
