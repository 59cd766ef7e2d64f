//! The `when` of a statement: a CEL expression, compiled at load and closed at run time.
//!
//! Unknown variables and fields, a result that is not true or false, and functions that do not exist are found at load. What
//! still fails when a decision is made (an index out of bounds, say) is not taken for false: [`Holds::Unknown`].

mod slip;

use super::Subject;
use crate::decode::Channel;
use crate::diagnostic::reader::Choice;
use crate::diagnostic::{Problems, Source, nearest};
use crate::principal::{IdentitySource, Principal};
use crate::risk::Band;
use cel::common::ast::{EntryExpr, Expr, IdedExpr};
use cel::{Context, Env, ExecutionError, Program, Value};
use std::collections::HashMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock};

/// The standard functions of CEL; built once, since that takes longer than most evaluations.
static LANGUAGE: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// What an expression may name, with the fields of those that have some.
const VARIABLES: &[(&str, &[&str])] = &[
    ("principal", &["user", "groups", "country", "industry", "source"]),
    ("upstream", &["name", "provider", "region", "trust"]),
    ("band", &[]),
    ("score", &[]),
    ("model", &[]),
    ("operation", &[]),
    ("channel", &[]),
    ("count", &[]),
];

/// A compiled `when`.
pub struct Condition {
    text: String,
    program: Program,
}

impl std::fmt::Debug for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Condition({})", self.text)
    }
}

/// Whether a condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    Yes,
    No,
    /// It could not be evaluated, and why. Callers take the stricter side.
    Unknown(String),
}

impl Condition {
    /// Compiles `text`, which stands at `span` of `source`. `has_channel`: the statement is about findings or parts, which have one.
    pub fn compile(
        text: &str,
        span: Range<usize>,
        source: &Arc<Source>,
        has_channel: bool,
        problems: &mut Problems,
    ) -> Option<Self> {
        let place = Place { text, span, source };
        let program = match LANGUAGE.compile(text) {
            Ok(program) => program,
            Err(errors) => {
                // The parser speaks of tokens, and of the consequences of its first complaint.
                let (span, message, help) = match (slip::find(text), errors.errors.first()) {
                    (Some(slip), _) => {
                        let span = place.from(slip.range.start, slip.range.end);
                        (
                            span,
                            format!("`when` is not an expression: `{}` has no meaning here", slip.written),
                            slip.help,
                        )
                    }
                    (None, Some(error)) => {
                        let span = place.at(error.pos.0, error.pos.1);
                        (span, "`when` is not an expression from here on".to_owned(), HELP)
                    }
                    (None, None) => (place.span.clone(), "`when` is not an expression".to_owned(), HELP),
                };
                problems.at(source, span, message, help);
                return None;
            }
        };
        let before = problems.len();
        let mut scope = Scope { place: &place, has_channel, bound: Vec::new(), problems };
        scope.check(program.expression());
        if problems.len() > before {
            return None;
        }
        let condition = Self { text: text.to_owned(), program };
        condition.try_out(&place, problems);
        (problems.len() == before).then_some(condition)
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it asks how many values or parts there are.
    pub fn counts(&self) -> bool {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        self.text().split(|c| !is_name(c)).any(|word| word == "count")
    }

    /// Whether it holds for this exchange and, for a statement about findings or parts, `channel` and the `count` of them.
    pub fn holds(&self, subject: &Subject<'_>, channel: Option<Channel>, count: usize) -> Holds {
        match self.evaluate(subject, channel, count) {
            Some(Ok(Value::Bool(true))) => Holds::Yes,
            Some(Ok(Value::Bool(false))) => Holds::No,
            Some(Ok(_)) => Holds::Unknown("it is neither true nor false".to_owned()),
            Some(Err(error)) => Holds::Unknown(kind(&error).to_owned()),
            None => Holds::Unknown("its evaluation broke off".to_owned()),
        }
    }

    fn evaluate(
        &self,
        subject: &Subject<'_>,
        channel: Option<Channel>,
        count: usize,
    ) -> Option<Result<Value, ExecutionError>> {
        let text = |t: &Option<String>| Value::from(t.as_deref().unwrap_or_default());
        let principal = subject.principal;
        let upstream = subject.upstream;
        let mut context = Context::with_env(LANGUAGE.clone());
        let mut add = |name: &str, value: Value| context.add_variable_from_value(name, value);
        add(
            "principal",
            map([
                ("user", Value::from(principal.user.as_str())),
                ("groups", Value::from(principal.groups.clone())),
                ("country", text(&principal.country)),
                ("industry", text(&principal.industry)),
                ("source", Value::from(principal.source.name())),
            ]),
        );
        add(
            "upstream",
            map([
                ("name", Value::from(upstream.name.as_str())),
                ("provider", Value::from(upstream.provider.as_str())),
                ("region", text(&upstream.region)),
                ("trust", Value::from(upstream.trust.name())),
            ]),
        );
        add("band", Value::from(subject.band.name()));
        add("score", Value::Float(subject.score));
        add("model", Value::from(subject.model.unwrap_or_default()));
        add("operation", Value::from(subject.operation));
        add("channel", Value::from(channel.map_or("", Choice::name)));
        add("count", Value::Int(i64::try_from(count).unwrap_or(i64::MAX)));
        // a panic in the interpreter must not end the exchange: it is an evaluation that broke off
        catch_unwind(AssertUnwindSafe(|| self.program.execute(&context))).ok()
    }

    /// Evaluates once with made-up facts: what is wrong for any facts is found at load.
    fn try_out(&self, place: &Place<'_>, problems: &mut Problems) {
        let principal = Principal {
            user: "maria".to_owned(),
            groups: vec!["staff".to_owned()],
            country: Some("DE".to_owned()),
            industry: Some("finance".to_owned()),
            source: IdentitySource::Key,
        };
        let upstream = super::UpstreamFacts {
            name: "upstream".to_owned(),
            provider: "openai".to_owned(),
            region: Some("US".to_owned()),
            trust: super::Trust::External,
        };
        let subject = Subject {
            principal: &principal,
            band: Band::Low,
            score: 0.0,
            upstream: &upstream,
            model: Some("model"),
            operation: "chat",
            justification: None,
            failure: super::Failure::Closed,
        };
        let problem = match self.evaluate(&subject, Some(Channel::Prompt), 1) {
            Some(Ok(Value::Bool(_))) => return,
            Some(Ok(other)) => format!("`when` is {}, not true or false", article(&other)),
            Some(Err(error)) if always_wrong(&error) => format!("`when` cannot be evaluated: {}", kind(&error)),
            // facts that were made up may be at fault, such as a list with one group only
            Some(Err(_)) => return,
            None => "`when` cannot be evaluated".to_owned(),
        };
        problems.at(place.source, place.span.clone(), problem, HELP);
    }
}

const HELP: &str = "write a condition such as `\"hr\" in principal.groups`, `band == \"high\"` or `count > 3`";

/// Where the expression stands in the file.
struct Place<'a> {
    text: &'a str,
    /// The TOML string, quotes included.
    span: Range<usize>,
    source: &'a Arc<Source>,
}

impl Place<'_> {
    /// The character at a line and column (both from 1) of the expression. The whole string if escapes hide the place.
    fn at(&self, line: isize, column: isize) -> Range<usize> {
        let line = usize::try_from(line - 1).unwrap_or_default();
        let column = usize::try_from(column - 1).unwrap_or_default();
        let start: usize = self.text.split_inclusive('\n').take(line).map(str::len).sum();
        let within = self.text[start..].char_indices().nth(column).map_or(self.text.len(), |(i, _)| start + i);
        self.from(within, within + 1)
    }

    /// Byte range `start..end` of the expression.
    fn from(&self, start: usize, end: usize) -> Range<usize> {
        let Some(written) = self.source.text.get(self.span.clone()) else { return self.span.clone() };
        let Some(offset) = written.find(self.text) else { return self.span.clone() };
        let start = self.span.start + offset + start.min(self.text.len());
        let end = (self.span.start + offset + end).min(self.span.end);
        start..end.max(start)
    }

    /// The first place where `word` stands in the expression as a word of its own.
    fn word(&self, word: &str) -> Range<usize> {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        self.text
            .match_indices(word)
            .find(|(i, _)| {
                !self.text[..*i].chars().next_back().is_some_and(is_name)
                    && !self.text[i + word.len()..].chars().next().is_some_and(is_name)
            })
            .map_or(self.span.clone(), |(i, _)| self.from(i, i + word.len()))
    }
}

/// Walks an expression for names that do not exist.
struct Scope<'a> {
    place: &'a Place<'a>,
    has_channel: bool,
    /// Names bound by `exists`, `all`, `map`, … around the place.
    bound: Vec<String>,
    problems: &'a mut Problems,
}

impl Scope<'_> {
    fn check(&mut self, node: &IdedExpr) {
        match &node.expr {
            Expr::Ident(name) => self.variable(name),
            Expr::Select(select) => {
                match &select.operand.expr {
                    Expr::Ident(name) if !self.bound.contains(name) => self.field(name, &select.field),
                    _ => {}
                }
                self.check(&select.operand);
            }
            Expr::Call(call) => {
                call.target.iter().for_each(|t| self.check(t));
                call.args.iter().for_each(|a| self.check(a));
            }
            Expr::Comprehension(c) => {
                self.check(&c.iter_range);
                self.check(&c.accu_init);
                let outer = self.bound.len();
                self.bound.extend([c.iter_var.clone(), c.accu_var.clone()]);
                self.bound.extend(c.iter_var2.clone());
                [&c.loop_cond, &c.loop_step, &c.result].into_iter().for_each(|e| self.check(e));
                self.bound.truncate(outer);
            }
            Expr::List(list) => list.elements.iter().for_each(|e| self.check(e)),
            Expr::Map(map) => map.entries.iter().for_each(|e| self.entry(&e.expr)),
            Expr::Struct(s) => s.entries.iter().for_each(|e| self.entry(&e.expr)),
            _ => {}
        }
    }

    fn entry(&mut self, entry: &EntryExpr) {
        match entry {
            EntryExpr::StructField(field) => self.check(&field.value),
            EntryExpr::MapEntry(entry) => {
                self.check(&entry.key);
                self.check(&entry.value);
            }
        }
    }

    fn variable(&mut self, name: &str) {
        if self.bound.iter().any(|b| b == name) || name.starts_with('@') {
            return;
        }
        let known = VARIABLES.iter().map(|(n, _)| *n);
        if !VARIABLES.iter().any(|(n, _)| *n == name) {
            let message = format!("`when` names `{name}`, which does not exist");
            self.report(name, message, known);
        } else if name == "channel" && !self.has_channel {
            self.problems.at(
                self.place.source,
                self.place.word(name),
                "`channel` is not known here: the statement is about whole exchanges",
                "ask for findings too, such as `channels = [\"prompt\"]` in `match`",
            );
        }
    }

    fn field(&mut self, name: &str, field: &str) {
        let Some((_, fields)) = VARIABLES.iter().find(|(n, _)| *n == name) else { return };
        if fields.contains(&field) {
            return;
        }
        let message = format!("`{name}` has no field `{field}`");
        self.report(field, message, fields.iter().copied());
    }

    fn report(&mut self, word: &str, message: String, known: impl Iterator<Item = &'static str> + Clone) {
        let help = match nearest(word, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let names: Vec<String> = known.map(|n| format!("`{n}`")).collect();
                if names.is_empty() {
                    "it is a plain value without fields".to_owned()
                } else {
                    format!("known are {}", names.join(", "))
                }
            }
        };
        self.problems.at(self.place.source, self.place.word(word), message, help);
    }
}

fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::from(fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<HashMap<String, Value>>())
}

/// Errors that no facts could mend.
fn always_wrong(error: &ExecutionError) -> bool {
    !matches!(
        error,
        ExecutionError::IndexOutOfBounds(_) | ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_)
    )
}

/// The kind of an evaluation error. Never its values: they are facts about a person (P4).
fn kind(error: &ExecutionError) -> &'static str {
    match error {
        ExecutionError::NoSuchKey(_) => "it names a field that does not exist",
        ExecutionError::UndeclaredReference(_) => "it calls a function that does not exist",
        ExecutionError::IndexOutOfBounds(_) => "it asks for an element past the end of a list",
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => "it divides by zero",
        ExecutionError::Overflow(..) => "a number is too large",
        ExecutionError::InvalidArgumentCount { .. } => "a function gets the wrong number of arguments",
        _ => "its parts do not fit together, such as a number compared with a text",
    }
}

fn article(value: &Value) -> String {
    let name = value.type_of().to_string();
    match name.as_str() {
        "int" | "uint" => "a whole number".to_owned(),
        "float" => "a number".to_owned(),
        "string" => "a text".to_owned(),
        "null" => "nothing".to_owned(),
        other => format!("a {other}"),
    }
}
