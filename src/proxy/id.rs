//! Exchange ids: 26 characters of Crockford base 32, 48 bits of milliseconds then 80 random bits (the ULID layout), so that ids
//! sort by time and tell nothing else.

use aws_lc_rs::rand;
use http::HeaderValue;
use std::cell::RefCell;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// Crockford's alphabet: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Random bytes of one id.
const RANDOM: usize = 10;
/// Ids made from one call to the random generator.
const BATCH: usize = 64;

/// The id of one exchange, sent as `x-portcullis-id`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExchangeId([u8; 26]);

impl ExchangeId {
    /// A new id for an exchange that begins at `now`.
    pub fn new(now: SystemTime) -> Self {
        thread_local! {
            static POOL: RefCell<([u8; RANDOM * BATCH], usize)> = const { RefCell::new(([0; RANDOM * BATCH], BATCH)) };
        }
        let random = POOL.with_borrow_mut(|(pool, used)| {
            if *used == BATCH {
                rand::fill(pool).expect("the system's random generator works");
                *used = 0;
            }
            let at = *used * RANDOM;
            *used += 1;
            let mut random = [0; RANDOM];
            random.copy_from_slice(&pool[at..at + RANDOM]);
            random
        });
        let millis = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        Self::from_parts(millis, random)
    }

    fn from_parts(millis: u64, random: [u8; RANDOM]) -> Self {
        let mut wide = [0u8; 16];
        wide[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        wide[6..].copy_from_slice(&random);
        let mut bits = u128::from_be_bytes(wide);
        let mut text = [0; 26];
        for place in text.iter_mut().rev() {
            *place = ALPHABET[(bits & 31) as usize];
            bits >>= 5;
        }
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("the alphabet is ASCII")
    }

    pub(crate) fn header(&self) -> HeaderValue {
        HeaderValue::from_bytes(&self.0).expect("the alphabet is visible ASCII")
    }
}

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::time::Duration;

    #[test]
    fn ids_sort_by_time_and_never_repeat() {
        let start = UNIX_EPOCH + Duration::from_millis(1_800_000_000_000);
        let ids: Vec<_> = (0..1_000).map(|n| ExchangeId::new(start + Duration::from_millis(n))).collect();
        assert!(ids.is_sorted());
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    }

    #[test]
    fn the_layout_is_that_of_a_ulid() {
        // The ULID specification's example time, 1469918176385 ms, is written 01ARYZ6S41.
        let id = ExchangeId::from_parts(1_469_918_176_385, [0xff; RANDOM]);
        assert_eq!(id.as_str(), "01ARYZ6S41ZZZZZZZZZZZZZZZZ");
    }
}
