//! A workbook by the documents it is made of.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| onemap_fuzz::read_archive("areas.xlsx", onemap_fuzz::parts::split(bytes)));
