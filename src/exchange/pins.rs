//! Remembers how servers described their tools when they first did, so that a description that changes is seen.
//!
//! A description is text that a model follows. One that was harmless when a person looked at it, and is not any more, changes
//! what every conversation does that has the tool at hand.

use crate::provider::Described;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Tools remembered. Later ones are not: forgetting would let whoever describes many tools change the first.
const REMEMBERED: usize = 20_000;
/// Characters of a tool's name that are told.
const LONGEST_NAME: usize = 64;
/// Hexadecimal digits of a digest that are told.
const SHORT_DIGEST: usize = 12;

/// The descriptions of tools as they first came.
#[derive(Default)]
pub struct Pins {
    first: Mutex<HashMap<String, [u8; 32]>>,
}

impl Pins {
    /// Takes in the description of a tool that is offered at a path of an upstream. If it is not the first one, gives the text
    /// that the rule `tool_changed` finds.
    pub fn changed(&self, upstream: &str, path: &str, tool: &Described) -> Option<String> {
        // lengths keep the parts apart
        let key = format!("{} {} {upstream}{path}{}", upstream.len(), path.len(), tool.name);
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        match first.get(&key) {
            Some(known) if *known == tool.digest => None,
            Some(_) => Some(told(tool)),
            None => {
                if first.len() < REMEMBERED {
                    first.insert(key, tool.digest);
                }
                None
            }
        }
    }
}

/// `[[tool changed: pay 3f2a9c1b77e0]]`: the tool, and what it is now, so that a suppression means this description alone.
fn told(tool: &Described) -> String {
    let name = tool.name.chars().take(LONGEST_NAME);
    let name: String = name.map(|c| if c.is_ascii_alphanumeric() || "_-./:".contains(c) { c } else { '_' }).collect();
    let digest: String = tool.digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("[[tool changed: {name} {}]]", &digest[..SHORT_DIGEST])
}
