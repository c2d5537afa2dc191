//! Files of any names and formats in one archive.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| onemap_fuzz::read_archive("areas.zip", onemap_fuzz::parts::split(bytes)));
