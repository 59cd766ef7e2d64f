//! Other ways to find where a rule may match. Each names places; what stands there is verified by the engine's own automata,
//! validators, context search and overlap order, so that all do the same work but for the search.

mod expression;
#[cfg(feature = "hyperscan")]
mod hyperscan;
mod literals;
mod sets;

use literals::Literals;
use portcullis::detect::{Engine, Finding, RuleSet, Scratch};
use sets::Sets;
use std::ops::Range;

/// Places at which matches of a rule may begin.
pub type Place = (u32, Range<usize>);

/// A matcher that is compared with the engine's own.
pub trait Peer {
    fn name(&self) -> &'static str;
    /// Size of what it compiled, in bytes, if it tells.
    fn memory(&self) -> Option<usize>;
    /// Adds places outside of which no rule matches, in any order.
    fn places(&mut self, text: &str, out: &mut Vec<Place>);
}

/// Hyperscan, if it is compiled in.
pub fn hyperscan(engine: &Engine) -> Option<Box<dyn Peer>> {
    #[cfg(feature = "hyperscan")]
    return Some(Box::new(hyperscan::Hyperscan::new(&expression::of(engine.rules()))));
    #[cfg(not(feature = "hyperscan"))]
    {
        let _ = engine;
        None
    }
}

pub fn sets(engine: &Engine) -> Box<dyn Peer> {
    Box::new(Sets::new(expression::of(engine.rules())))
}

pub fn literals(engine: &Engine, sample: &str) -> Box<dyn Peer> {
    Box::new(Literals::new(&expression::of(engine.rules()), sample))
}

/// A peer, and the engine that verifies what it finds.
pub struct Verified<'e> {
    pub peer: Box<dyn Peer>,
    pub engine: &'e Engine,
    places: Vec<Place>,
    scratch: Scratch,
}

impl<'e> Verified<'e> {
    pub fn new(peer: Box<dyn Peer>, engine: &'e Engine) -> Self {
        Self { peer, engine, places: Vec::new(), scratch: Scratch::default() }
    }

    /// Every finding of a text.
    pub fn scan(&mut self, text: &str, active: &RuleSet, out: &mut Vec<Finding>) {
        self.places.clear();
        self.peer.places(text, &mut self.places);
        self.places.sort_unstable_by_key(|(rule, starts)| (*rule, starts.start));
        self.places.dedup_by(|later, own| {
            let joined = later.0 == own.0 && later.1.start <= own.1.end;
            if joined {
                own.1.end = own.1.end.max(later.1.end);
            }
            joined
        });
        self.engine.scan_places(text, active, self.places.drain(..), &mut self.scratch, out);
    }
}
