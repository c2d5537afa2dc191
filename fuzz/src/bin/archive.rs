//! A ZIP archive as it comes: its own structure, and whatever it holds.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| onemap_fuzz::read_file("areas.zip", bytes));
