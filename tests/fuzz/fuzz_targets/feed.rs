#![no_main]
#![allow(dead_code, reason = "each target takes one of them")]

mod parsers;
mod watched;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| watched::watched(|| parsers::feed(bytes)));
