//! Well-known text of a geometry.

#![no_main]

use onemap_fuzz::formats::wkt;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (_, outline) = wkt::split_srid(text);
    let looks_like = wkt::looks_like(text);
    let read = wkt::read(outline);
    assert!(looks_like || !matches!(read, Ok(Some(_))), "what is read does not look like well-known text");
});
