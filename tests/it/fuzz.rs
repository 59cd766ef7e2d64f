//! The fuzz targets without a fuzzer: their seeds, and pseudo-random mutations of them. `fuzz/run` does the same for hours.

#[path = "../../fuzz/src/targets/mod.rs"]
mod targets;

/// Inputs of each target, besides its seeds.
const INPUTS: u64 = 3000;

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % n
    }
}

/// A seed with some bytes changed, dropped, repeated, or taken from another.
fn mutation(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut input = seeds[random.below(seeds.len())].clone();
    for _ in 0..random.below(8) {
        let at = random.below(input.len() + 1);
        let end = (at + random.below(12)).min(input.len());
        match random.below(4) {
            0 => {
                input.drain(at..end);
            }
            1 => input.insert(at, random.below(256) as u8),
            2 => {
                let part = input[at..end].to_vec();
                input.splice(end..end, part);
            }
            _ => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len() + 1);
                input.splice(at..end, other[from..(from + 16).min(other.len())].iter().copied());
            }
        }
    }
    input
}

#[test]
fn every_fuzz_target_on_mutations_of_its_seeds() {
    for targets::Target { name, run, seeds } in targets::TARGETS {
        let seeds = seeds();
        let mut random = Random(0x0DDB_1A5E_5BAD_5EED);
        let mutations = (0..INPUTS).map(|_| mutation(&mut random, &seeds));
        for input in seeds.iter().cloned().chain(mutations) {
            let result = std::panic::catch_unwind(|| run(&input));
            assert!(result.is_ok(), "target `{name}` fails on {input:?}");
        }
    }
}
