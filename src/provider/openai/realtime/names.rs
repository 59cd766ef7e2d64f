//! Ids of a session, numbered in the order in which they were first named.

use std::collections::VecDeque;

/// Ids kept of each kind. A session has a few answers under way at a time, each with a few items.
const KEPT: usize = 256;

/// The ids named last, with what is known of each.
#[derive(Debug)]
pub(super) struct Names<T> {
    known: VecDeque<(String, T)>,
    /// Number of the first in `known`.
    first: u32,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { known: VecDeque::new(), first: 0 }
    }
}

impl<T: Default> Names<T> {
    /// The number of an id, and what is known of it.
    pub(super) fn of(&mut self, id: &str) -> (u32, &mut T) {
        let at = self.known.iter().rposition(|(known, _)| known == id).unwrap_or_else(|| {
            if self.known.len() == KEPT {
                self.known.pop_front();
                self.first = self.first.wrapping_add(1);
            }
            self.known.push_back((id.to_owned(), T::default()));
            self.known.len() - 1
        });
        (self.first.wrapping_add(at as u32), &mut self.known[at].1)
    }

    /// What is known of an id that was named before.
    pub(super) fn get(&self, id: &str) -> Option<&T> {
        self.known.iter().rev().find(|(known, _)| known == id).map(|(_, about)| about)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p7_numbers_stay_and_few_ids_are_kept() {
        let mut names: Names<bool> = Names::default();
        assert_eq!((names.of("a").0, names.of("b").0, names.of("a").0), (0, 1, 0));
        *names.of("b").1 = true;
        for n in 0..1000 {
            assert_eq!(names.of(&format!("item_{n}")).0, n + 2);
        }
        assert_eq!((names.known.len(), names.get("b")), (KEPT, None));
        assert_eq!(names.of("item_999").0, 1001);
    }
}
