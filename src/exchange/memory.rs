//! Remembers, per user, the values that exchanges were blocked for.
//!
//! A client resends the whole conversation with each turn. Without a memory, one blocked message would block every later
//! turn that repeats it. With it, a value in an *earlier* turn that was judged before is redacted instead (and counts once
//! for risk). Only keyed fingerprints are kept, never values.

use super::bounded::Bounded;
use std::collections::VecDeque;
use std::sync::Mutex;

/// Fingerprints kept per user; the oldest goes first. A conversation rarely holds more blocked values.
const PER_USER: usize = 256;
/// Users kept; the one remembered longest ago goes first.
const USERS: usize = 10_000;

/// Fingerprints of values that were blocked, per user.
pub struct Memory {
    users: Mutex<Users>,
}

type Users = Bounded<String, VecDeque<String>>;

impl Default for Memory {
    fn default() -> Self {
        Self { users: Mutex::new(Bounded::new(USERS)) }
    }
}

impl Memory {
    /// Whether any of this user's values is remembered: the cheap question asked first.
    pub fn knows(&self, user: &str) -> bool {
        self.lock().get(user).is_some()
    }

    /// Whether this user was blocked for this value before.
    pub fn contains(&self, user: &str, fingerprint: &str) -> bool {
        self.lock().get(user).is_some_and(|seen| seen.iter().any(|f| f == fingerprint))
    }

    /// Remembers a value.
    pub fn insert(&self, user: &str, fingerprint: &str) {
        let mut users = self.lock();
        let seen = users.entry(user.to_owned(), VecDeque::new);
        if seen.iter().any(|f| f == fingerprint) {
            return;
        }
        if seen.len() >= PER_USER {
            seen.pop_front();
        }
        seen.push_back(fingerprint.to_owned());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Users> {
        self.users.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_per_user_and_forgets_the_oldest() {
        let memory = Memory::default();
        memory.insert("ana", "f0");
        assert!(memory.contains("ana", "f0"));
        assert!(!memory.contains("ben", "f0"), "users are apart");
        for i in 1..=PER_USER {
            memory.insert("ana", &format!("f{i}"));
        }
        assert!(!memory.contains("ana", "f0"), "the oldest value went");
        assert!(memory.contains("ana", "f1"));
        for i in 0..USERS {
            memory.insert(&format!("user{i}"), "f");
        }
        assert!(!memory.knows("ana"), "the oldest user went");
    }
}
