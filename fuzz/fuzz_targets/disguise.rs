#![no_main]

libfuzzer_sys::fuzz_target!(init: portcullis_fuzz::write_seeds("disguise"), |input: &[u8]| portcullis_fuzz::run("disguise", input));
