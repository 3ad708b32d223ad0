//! Fuzzes the reading of JSON bodies.

#![no_main]

mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::run("strict_json", bytes));
