#![no_main]

libfuzzer_sys::fuzz_target!(init: portcullis_fuzz::write_seeds("encoding"), |input: &[u8]| portcullis_fuzz::run("encoding", input));
