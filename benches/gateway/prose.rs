//! Clean chat requests of a given size: English prose in which no rule has anything to find.
//!
//! Every message holds a word of its own that changes with each request, since a gateway that recognises text it has
//! already scanned would otherwise be measured at not scanning.

/// Words from which sentences are made, by their place in it.
const SUBJECTS: [&str; 12] = [
    "the old lighthouse",
    "our small team",
    "a careful gardener",
    "the morning train",
    "every good recipe",
    "the quiet library",
    "that long bridge",
    "the village choir",
    "a patient teacher",
    "the northern wind",
    "this wooden table",
    "the new museum",
];
const VERBS: [&str; 12] = [
    "carries",
    "follows",
    "describes",
    "gathers",
    "remembers",
    "improves",
    "surrounds",
    "explains",
    "welcomes",
    "repairs",
    "observes",
    "connects",
];
const OBJECTS: [&str; 12] = [
    "the valley below",
    "a story about rivers",
    "many kinds of apples",
    "the people who wait",
    "an idea worth sharing",
    "the colours of autumn",
    "bread with fresh herbs",
    "letters from distant friends",
    "the rhythm of the sea",
    "a map of the forest",
    "the sound of rain",
    "small acts of kindness",
];
const ENDINGS: [&str; 8] = [
    "before the evening begins",
    "while the kettle sings",
    "with surprising ease",
    "in every season of the year",
    "because nobody else would",
    "as it always has",
    "without making any noise",
    "when the market opens",
];
/// Syllables of the words that make messages differ; pronounceable, so that they look like no key.
const SYLLABLES: [&[u8; 2]; 16] =
    [b"ba", b"de", b"fi", b"go", b"hu", b"ka", b"le", b"mi", b"no", b"pu", b"ra", b"se", b"ti", b"vo", b"wu", b"za"];
/// Holds the place of such a word in a template.
const SLOT: &[u8; 12] = b"slotslotslot";

/// A body with places for words that change.
#[derive(Clone)]
pub struct Template {
    body: Vec<u8>,
    slots: Vec<usize>,
}

impl Template {
    /// A chat request of about `size` bytes: a system prompt, then turns of about a kilobyte.
    pub fn chat(size: usize, stream: bool) -> Template {
        let mut prose = Prose(size as u64);
        let options = if stream { r#","stream":true"# } else { "" };
        let mut body = format!(
            r#"{{"model":"gpt-4o-mini","temperature":0.7{options},"messages":[{{"role":"system","content":"You help slotslotslot to write. {}"}}"#,
            prose.sentences(120)
        );
        let mut role = "user";
        while body.len() + 80 < size {
            let length = (size - body.len() - 60).min(1000);
            body.push_str(&format!(
                r#",{{"role":"{role}","content":"Dear slotslotslot, {}"}}"#,
                prose.sentences(length)
            ));
            role = if role == "user" { "assistant" } else { "user" };
        }
        body.push_str("]}");
        Template::new(body)
    }

    /// The upstream's answer.
    pub fn answer() -> Template {
        let prose = Prose(7).sentences(300);
        Template::new(format!(
            r#"{{"id":"chatcmpl-slotslotslot","object":"chat.completion","created":1767225600,"model":"gpt-4o-mini","choices":[{{"index":0,"message":{{"role":"assistant","content":"Dear slotslotslot, {prose}","refusal":null}},"logprobs":null,"finish_reason":"stop"}}],"usage":{{"prompt_tokens":200,"completion_tokens":80,"total_tokens":280}}}}"#
        ))
    }

    fn new(body: String) -> Template {
        let body = body.into_bytes();
        let slots = memchr::memmem::find_iter(&body, SLOT).collect();
        Template { body, slots }
    }

    /// The body with words that no other `number` has.
    pub fn fill(&mut self, number: u64) -> &[u8] {
        for (nth, slot) in self.slots.iter().enumerate() {
            // The message's number goes in as well, so that the messages of one request differ too.
            let mut rest = number.wrapping_mul(self.slots.len() as u64).wrapping_add(nth as u64);
            for pair in self.body[*slot..slot + SLOT.len()].chunks_exact_mut(2) {
                pair.copy_from_slice(SYLLABLES[(rest % 16) as usize]);
                rest /= 16;
            }
        }
        &self.body
    }
}

/// The words of a streamed answer, one delta each.
pub fn deltas(count: usize) -> Vec<String> {
    let text = Prose(11).sentences(count * 12);
    let words = text.split(' ').take(count).enumerate();
    words.map(|(nth, word)| if nth == 0 { word.to_owned() } else { format!(" {word}") }).collect()
}

/// Writes sentences, always the same for the same seed.
struct Prose(u64);

impl Prose {
    fn sentences(&mut self, bytes: usize) -> String {
        let mut text = String::new();
        while text.len() < bytes {
            let sentence =
                [self.pick(&SUBJECTS), self.pick(&VERBS), self.pick(&OBJECTS), self.pick(&ENDINGS)].join(" ");
            text.push_str(&sentence[..1].to_uppercase());
            text.push_str(&sentence[1..]);
            text.push_str(". ");
        }
        text.truncate(text.trim_end().len().min(bytes));
        text
    }

    fn pick(&mut self, words: &[&'static str]) -> &'static str {
        // Knuth's multiplier for 64-bit linear congruential generators; the high bits are the better ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        words[(self.0 >> 33) as usize % words.len()]
    }
}
