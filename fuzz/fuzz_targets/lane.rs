#![no_main]

libfuzzer_sys::fuzz_target!(init: portcullis_fuzz::write_seeds("lane"), |input: &[u8]| portcullis_fuzz::run("lane", input));
