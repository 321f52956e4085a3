#![no_main]

mod desk;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| desk::serve(bytes));
