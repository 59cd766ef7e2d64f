#![no_main]

libfuzzer_sys::fuzz_target!(init: portcullis_fuzz::write_seeds("dialects"), |input: &[u8]| portcullis_fuzz::run("dialects", input));
