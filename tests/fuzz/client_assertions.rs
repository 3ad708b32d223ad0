//! Fuzzes the verification of assertions by which clients authenticate themselves.

#![no_main]

mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::run("client_assertions", bytes));
