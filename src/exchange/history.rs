//! Recognises texts that were scanned before, so that a conversation costs what its new text costs.
//!
//! A client resends the whole conversation with each turn. What a scan finds depends on the text, on the rules and on which
//! of them are active. A history therefore belongs to one generation, so that a reload begins with an empty one (P8), and
//! keeps sets of active rules apart; it keeps users apart as well, so that nobody learns from the time an answer takes what
//! somebody else has sent. Suppressions, which end with a date, are applied to what it recalls.
//!
//! No text is kept (P4): a text is recognised by a keyed tag, and a finding is its rule, its ranges and its confidence. Texts
//! with disguised findings, which carry the value they read as, are not kept.
//!
//! Memory is bounded for all users together, and for each user by a small share of it: who sends much forgets his own.

use super::tag::{Tag, Tagger};
use crate::detect::{Finding, RuleSet};
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

/// Texts shorter than this are scanned anew, in bytes: to recognise one takes 0.3 µs, and a new one costs as much again.
pub const SHORT: usize = 256;
/// Parts with a lock each: users in different parts never wait for each other.
const SHARDS: usize = 8;
/// A user's share of a part.
const USER_SHARE: usize = 8;
/// Memory of a tag and its findings in a hash table that is half full, without the findings themselves, in bytes.
const ENTRY: usize = 80;
/// Memory of a user without what is kept for him, in bytes.
const OWNER: usize = 400;

/// The findings of texts that were scanned under one generation.
pub struct History {
    tagger: Tagger,
    /// Which part a user is in.
    placing: RandomState,
    shards: Box<[Mutex<Users>]>,
    /// Of each user, in bytes.
    user_limit: usize,
}

/// What a user's texts held under one set of active rules.
pub struct Known<'h> {
    history: &'h History,
    owner: Owner,
}

#[derive(Clone, PartialEq, Eq)]
struct Owner {
    user: Box<str>,
    active: Arc<RuleSet>,
}

impl Hash for Owner {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // a user rarely has more than one set of rules
        self.user.hash(state);
    }
}

type Kept = Box<[Finding]>;
/// What texts of one user held.
type Texts = Aging<Tag, Kept>;
type Users = Aging<Owner, Texts>;

impl History {
    /// An empty history of at most so many bytes; 0 recognises nothing.
    pub fn new(bytes: usize) -> Self {
        let shard = bytes / SHARDS;
        Self {
            tagger: Tagger::random(),
            placing: RandomState::new(),
            shards: (0..SHARDS).map(|_| Mutex::new(Aging::new(shard))).collect(),
            user_limit: shard / USER_SHARE,
        }
    }

    /// What is known of a user's texts.
    pub fn of(&self, user: &str, active: &Arc<RuleSet>) -> Known<'_> {
        Known { history: self, owner: Owner { user: user.into(), active: active.clone() } }
    }
}

impl Known<'_> {
    /// The tag of a text, if it is worth recognising.
    pub fn tag(&self, text: &str) -> Option<Tag> {
        let worth = text.len() >= SHORT && self.history.user_limit > 0;
        worth.then(|| self.history.tagger.tag(text.as_bytes()))
    }

    /// Appends the findings of the text with that tag and says `true`, if it is known.
    pub fn recall(&self, tag: Tag, out: &mut Vec<Finding>) -> bool {
        let mut shard = self.shard();
        let kept = shard.with(&self.owner, |texts| texts.with(&tag, |findings| out.extend_from_slice(findings)));
        kept.flatten().is_some()
    }

    /// Keeps the findings of a text that was scanned whole.
    pub fn keep(&self, tag: Tag, findings: &[Finding]) {
        if findings.iter().any(|f| f.disguise.is_some()) {
            return;
        }
        let mut shard = self.shard();
        if shard.with(&self.owner, |texts| texts.insert(tag, findings.into())).is_none() {
            let mut texts = Aging::new(self.history.user_limit);
            texts.insert(tag, findings.into());
            shard.insert(self.owner.clone(), texts);
        }
    }

    fn shard(&self) -> std::sync::MutexGuard<'_, Users> {
        let place = self.history.placing.hash_one(&self.owner.user) as usize % SHARDS;
        self.history.shards[place].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Memory that something takes, in bytes.
trait Weigh {
    fn weight(&self) -> usize;
}

impl Weigh for Kept {
    fn weight(&self) -> usize {
        ENTRY + size_of_val(&**self)
    }
}

impl Weigh for Texts {
    fn weight(&self) -> usize {
        OWNER + self.young_weight + self.old_weight
    }
}

/// A map that forgets what was not used for longest. What is used moves to the young half; when that is full, it becomes the
/// old half and what was old goes. No lists, no clock, constant work.
struct Aging<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    young_weight: usize,
    old_weight: usize,
    /// Of one half, in bytes.
    half: usize,
}

impl<K: Hash + Eq + Clone, V: Weigh> Aging<K, V> {
    /// An empty map of at most so many bytes.
    fn new(bytes: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), young_weight: 0, old_weight: 0, half: bytes / 2 }
    }

    /// Uses the value of a key. It may grow by that.
    fn with<R>(&mut self, key: &K, used: impl FnOnce(&mut V) -> R) -> Option<R> {
        if !self.young.contains_key(key) {
            let value = self.old.remove(key)?;
            self.old_weight -= value.weight();
            self.insert(key.clone(), value);
        }
        let value = self.young.get_mut(key)?;
        let before = value.weight();
        let used = used(value);
        self.young_weight = self.young_weight - before + value.weight();
        Some(used)
    }

    /// Puts a value in, if it is not larger than half the map.
    fn insert(&mut self, key: K, value: V) {
        let weight = value.weight();
        if weight > self.half {
            return;
        }
        if self.young_weight + weight > self.half {
            self.old = std::mem::take(&mut self.young);
            self.old_weight = std::mem::take(&mut self.young_weight);
        }
        self.young_weight += weight;
        if let Some(replaced) = self.young.insert(key, value) {
            self.young_weight -= replaced.weight();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Confidence;
    use proptest::prelude::*;

    fn finding(start: usize) -> Finding {
        Finding {
            rule: 1,
            span: start..start + 4,
            confidence: Confidence::High,
            validated: true,
            context: None,
            disguise: None,
            opener: None,
            goes_on: false,
        }
    }

    fn text(n: usize) -> String {
        format!("{n:0$}", SHORT)
    }

    fn active(rule: usize) -> Arc<RuleSet> {
        let mut active = RuleSet::none(64);
        active.insert(rule);
        Arc::new(active)
    }

    fn recalled(known: &Known<'_>, text: &str) -> Option<Vec<Finding>> {
        let mut out = Vec::new();
        known.recall(known.tag(text)?, &mut out).then_some(out)
    }

    fn keep(known: &Known<'_>, text: &str, findings: &[Finding]) {
        known.keep(known.tag(text).expect("it is long enough"), findings);
    }

    fn weight(history: &History) -> usize {
        let of = |shard: &Mutex<Users>| {
            let shard = shard.lock().expect("no test panics under the lock");
            shard.young.values().chain(shard.old.values()).map(Weigh::weight).sum::<usize>()
        };
        history.shards.iter().map(of).sum()
    }

    #[test]
    fn users_and_rules_are_apart() {
        let history = History::new(1 << 20);
        let ana = history.of("ana", &active(1));
        keep(&ana, &text(1), &[finding(3)]);
        keep(&ana, &text(2), &[]);
        assert_eq!(recalled(&history.of("ana", &active(1)), &text(1)), Some(vec![finding(3)]));
        assert_eq!(recalled(&ana, &text(2)), Some(vec![]));
        assert_eq!(recalled(&ana, &text(3)), None);
        assert_eq!(recalled(&history.of("ben", &active(1)), &text(1)), None, "another user");
        assert_eq!(recalled(&history.of("ana", &active(2)), &text(1)), None, "other rules");
        assert_eq!(recalled(&History::new(1 << 20).of("ana", &active(1)), &text(1)), None, "another generation");
    }

    #[test]
    fn what_is_short_or_carries_a_value_is_not_kept() {
        let history = History::new(1 << 20);
        let known = history.of("ana", &active(1));
        assert_eq!(known.tag(&text(1)[1..]), None);
        assert_eq!(History::new(0).of("ana", &active(1)).tag(&text(1)), None);
        let disguise = crate::detect::Disguise { layers: vec!["base64"], value: "secret".into() };
        keep(&known, &text(1), &[Finding { disguise: Some(Arc::new(disguise)), ..finding(3) }]);
        assert_eq!(recalled(&known, &text(1)), None);
    }

    #[test]
    fn p7_a_user_forgets_only_his_own_and_memory_is_bounded() {
        let bytes = 1 << 20;
        let history = History::new(bytes);
        let ana = history.of("ana", &active(1));
        keep(&ana, &text(0), &[]);
        for user in ["ben", "eve", "kim"] {
            let known = history.of(user, &active(1));
            for n in 0..2_000 {
                keep(&known, &text(n), &[finding(0)]);
                assert!(recalled(&known, &text(n)).is_some());
            }
            assert_eq!(recalled(&known, &text(0)), None, "the oldest went");
        }
        assert!(recalled(&ana, &text(0)).is_some());
        for user in 0..10_000 {
            keep(&history.of(&format!("user{user}"), &active(1)), &text(user), &[finding(0)]);
            assert!(weight(&history) <= bytes + SHARDS * history.user_limit);
        }
        assert_eq!(recalled(&ana, &text(0)), None, "the user seen longest ago went");
    }

    proptest! {
        /// Against a map that forgets nothing: what is recalled is what was kept, and what was used lately is recalled.
        #[test]
        fn nothing_is_recalled_but_what_was_kept(uses in prop::collection::vec((0usize..40, any::<bool>()), 0..200)) {
            let mut aging: Aging<usize, Kept> = Aging::new(20 * (ENTRY + size_of::<Finding>()));
            let mut kept = HashMap::new();
            let mut order: Vec<usize> = Vec::new();
            for (key, keeps) in uses {
                order.retain(|k| *k != key);
                if keeps {
                    aging.insert(key, [finding(key)].into());
                    kept.insert(key, finding(key));
                    order.push(key);
                } else {
                    let got = aging.with(&key, |findings| findings[0].clone());
                    match got {
                        Some(_) => order.push(key),
                        None => prop_assert!(kept.remove(&key).is_none() || order.len() >= 9, "lost {key} early"),
                    }
                    prop_assert!(got.is_none() || got.as_ref() == kept.get(&key));
                }
                let weigh = |half: &HashMap<usize, Kept>| half.values().map(Weigh::weight).sum::<usize>();
                prop_assert_eq!((aging.young_weight, aging.old_weight), (weigh(&aging.young), weigh(&aging.old)));
                prop_assert!(aging.young_weight <= aging.half && aging.old_weight <= aging.half);
            }
        }
    }
}
