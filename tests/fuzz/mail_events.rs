//! Fuzzes the reading of delivery events.

#![no_main]

mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::run("mail_events", bytes));
