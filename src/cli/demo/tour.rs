//! The exchanges of the tour. All values are generated; the checksums are right, the people do not exist.

use serde_json::{Value, json};

/// Which of the demo's gateways an exchange goes to: each has its own policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum House {
    /// `policies/default.toml`
    Company,
    /// `policies/examples/hospital.toml`
    Hospital,
    /// `policies/examples/ministry.toml`
    Ministry,
}

/// A user of the demo, known by a gateway key.
#[derive(Debug, Clone, Copy)]
pub struct User {
    pub name: &'static str,
    pub group: &'static str,
    pub country: &'static str,
    pub industry: &'static str,
    /// A judgement from outside (SIEM, HR), as weight in the risk formula; 0 for none.
    pub signal: f64,
}

pub const MARIA: User = User { name: "maria", group: "finance", country: "DE", industry: "finance", signal: 0.0 };
pub const LIN: User = User { name: "lin", group: "sales", country: "CN", industry: "finance", signal: 0.0 };
pub const OMAR: User = User { name: "omar", group: "support", country: "GB", industry: "finance", signal: 45.0 };
pub const KIM: User = User { name: "kim", group: "support", country: "US", industry: "finance", signal: 200.0 };
pub const TOM: User = User { name: "tom", group: "engineering", country: "US", industry: "technology", signal: 0.0 };
pub const ADA: User = User { name: "ada", group: "clinicians", country: "GB", industry: "healthcare", signal: 0.0 };
pub const JONAS: User = User { name: "jonas", group: "policy", country: "DE", industry: "public-sector", signal: 0.0 };
pub const USERS: &[User] = &[MARIA, LIN, OMAR, KIM, TOM, ADA, JONAS];

/// What is sent.
#[derive(Debug, Clone)]
pub enum Body {
    /// `POST …/v1/chat/completions`
    Chat(Value),
    /// `POST …/v1/messages`
    Messages(Value),
    /// `POST …/v1/files`: a file name and its text.
    File(&'static str, &'static str),
}

/// One exchange of the tour.
#[derive(Debug, Clone)]
pub struct Stop {
    pub title: &'static str,
    pub house: House,
    pub user: User,
    pub body: Body,
}

/// A prompt that contains one identifier of medium severity: what becomes of it depends on who sends it.
const CONTACT_PROMPT: &str = "Write a short text message to our customer at +49 30 90182045 about the late refund.";

/// The whole tour, in order.
pub fn tour() -> Vec<Stop> {
    let chat =
        |text: &str| Body::Chat(json!({ "model": "stand-in", "messages": [{ "role": "user", "content": text }] }));
    let stop = |title, house, user, body| Stop { title, house, user, body };
    use House::{Company, Hospital, Ministry};
    vec![
        stop(
            "A clean prompt leaves byte for byte as it came",
            Company,
            MARIA,
            chat("Explain in two sentences what the Bauhaus was and why its workshops mattered."),
        ),
        stop(
            "Numbers that only look like identifiers are left alone",
            Company,
            MARIA,
            chat(
                "Order 4711-2209, ticket 86095742718, commit 9fceb02d0ae598e95dc970b74767f19372d61af8, \
                 trace 550e8400-e29b-41d4-a716-446655440000, build 2026.11.22-1843: why did the deploy fail?",
            ),
        ),
        stop(
            "A German tax number is redacted",
            Company,
            MARIA,
            chat("Meine Steuer-ID: 86 095 742 719. Welche Unterlagen brauche ich für die Steuererklärung?"),
        ),
        stop(
            "A Chinese resident id is redacted, in the Anthropic dialect",
            Company,
            LIN,
            Body::Messages(json!({
                "model": "stand-in", "max_tokens": 200,
                "messages": [{ "role": "user", "content": "我的身份证号是110101199003074215，请帮我写一份租房申请。" }],
            })),
        ),
        stop(
            "A cloud key is blocked, with an error every SDK understands",
            Company,
            TOM,
            chat("Why does this fail? AWS_ACCESS_KEY_ID=AKIAQ7FXK2MWZ3TB5LNV aws s3 ls"),
        ),
        stop("The same prompt from a user of low risk …", Company, MARIA, chat(CONTACT_PROMPT)),
        stop("… of high risk …", Company, OMAR, chat(CONTACT_PROMPT)),
        stop("… and of critical risk", Company, KIM, chat(CONTACT_PROMPT)),
        stop(
            "A user's own incidents raise his band: a second credential",
            Company,
            TOM,
            chat("And this one? export GITHUB_TOKEN=ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2VTPaf"),
        ),
        stop(
            "… a third",
            Company,
            TOM,
            chat("Connect with postgres://reports:Tr0ub4dor-and-3@db.internal.example:5432/sales please"),
        ),
        stop(
            "… now the prompt that others of low risk may send is treated more strictly",
            Company,
            TOM,
            chat(CONTACT_PROMPT),
        ),
        stop(
            "A hospital's policy: a patient's number does not reach an outside model",
            Hospital,
            ADA,
            Body::Messages(json!({
                "model": "stand-in", "max_tokens": 200, "system": "You help clinicians to write letters.",
                "messages": [{ "role": "user", "content": "Draft a discharge letter. Patient NHS number 613 482 9056, admitted with pneumonia." }],
            })),
        ),
        stop(
            "A ministry's policy: a classified paper stays in the house",
            Ministry,
            JONAS,
            chat("Fasse zusammen:\nVS-NUR FÜR DEN DIENSTGEBRAUCH\nSachstand zur Beschaffung der neuen Funkgeräte."),
        ),
        stop(
            "A streamed answer: the card number is cut over several chunks, and still does not arrive",
            Company,
            MARIA,
            Body::Chat(json!({
                "model": "stand-in/chunk=5", "stream": true,
                "messages": [{ "role": "user", "content": "SAY <<The card on file is 4539 57|87 63|62 1|486, valid until 11/29.>>" }],
            })),
        ),
        stop(
            "A streamed answer that turns out to be classified is ended by protocol",
            Ministry,
            JONAS,
            Body::Messages(json!({
                "model": "stand-in/chunk=7", "max_tokens": 200, "stream": true,
                "messages": [{ "role": "user", "content": "SAY <<Gern, hier der Entwurf. VS-NUR FÜR D|EN DIENST|GEBRAUCH: Sachstand zur Beschaffung.>>" }],
            })),
        ),
        stop(
            "An uploaded file is read like a prompt",
            Company,
            MARIA,
            Body::File(
                "suppliers.csv",
                "supplier,iban,city\nAlder GmbH,DE17100500000123456789,Berlin\nMarchand SA,FR1420041010050500013M02606,Lyon\n",
            ),
        ),
        stop(
            "A value hidden in a tool call's arguments, escaped: redacted, and the arguments still parse",
            Company,
            MARIA,
            Body::Chat(json!({
                "model": "stand-in",
                "messages": [
                    { "role": "user", "content": "Look up my tax file." },
                    { "role": "assistant", "content": null, "tool_calls": [{
                        "id": "call_1", "type": "function",
                        "function": { "name": "lookup", "arguments": "{\"steuer_id\": \"8\\u0036 095 742 719\", \"year\": 2026}" },
                    }] },
                    { "role": "tool", "tool_call_id": "call_1", "content": "no file found" },
                ],
            })),
        ),
    ]
}
