//! One `[[statement]]` of a policy file, read and checked.

use super::by_band::ByBand;
use super::condition::Condition;
use super::matching::{About, Match};
use super::message::MOST_TOLD;
use super::names::Names;
use super::{Action, Style};
use crate::diagnostic::Problems;
use crate::diagnostic::reader::{Choice, Read, Spanned, Table, Value};
use crate::pack::Confidence;

/// Characters that `mask` leaves readable when the policy does not say how many.
const MASK_KEEPS: usize = 4;
/// Most characters that `mask` may leave readable: the last four of a card are customary, more begins to identify.
const MASK_KEEPS_AT_MOST: usize = 8;

/// What a policy says about some exchanges, findings or uninspected parts.
#[derive(Debug)]
pub struct Statement {
    pub id: String,
    pub title: String,
    pub asks: Match,
    pub when: Option<Condition>,
    pub action: ByBand<Action>,
    /// Least confidence of the findings it speaks of; `None`: any.
    pub confidence: Option<ByBand<Confidence>>,
    pub style: Style,
    pub message: Option<String>,
}

/// As far as a `when` that asks for the `count` is told it in a stream.
const MOST_COUNTED: usize = 1_000;

impl Statement {
    /// So many distinct values of one kind tell the statement as much as any more.
    pub fn most_counted(&self) -> usize {
        let of_condition = if self.when.as_ref().is_some_and(Condition::counts) { MOST_COUNTED } else { 0 };
        self.asks.min_count().max(of_condition).max(MOST_TOLD)
    }

    /// Reads the table. `None` if anything is wrong with it, then reported.
    pub fn read(mut table: Table<'_>, names: &Names, problems: &mut Problems) -> Option<(Spanned<String>, Self)> {
        let before = problems.len();
        let id = table.req::<Spanned<String>>("id", problems);
        let title = table.opt::<String>("title", problems);
        let (asks, in_match) = match table.opt::<Table<'_>>("match", problems) {
            Some(asks) => Match::read(asks, names, problems),
            None => (Match::default(), None),
        };
        let when = table.opt::<Spanned<String>>("when", problems).and_then(|when| {
            let has_channel = asks.about() != About::Exchange;
            Condition::compile(&when.value, when.span, table.source(), has_channel, problems)
        });
        let action = table.req::<ByBand<Action>>("action", problems);
        let beside = table.opt::<ByBand<Confidence>>("confidence", problems);
        let style = table.opt::<Style>("style", problems).unwrap_or(Style::Label);
        let message = table.opt::<String>("message", problems);
        if beside.is_some() && in_match.is_some() {
            let help = "keep one of them";
            problems.at(table.source(), table.span_of("confidence"), "`confidence` is given here and in `match`", help);
        }
        let confidence = beside.or(in_match);
        if let Some(action) = &action {
            check(&table, &asks, when.is_some(), action, confidence.as_ref(), problems);
        }
        table.finish(problems);
        if problems.len() > before {
            return None;
        }
        let (id, action) = (id?, action?);
        let title = title.unwrap_or_else(|| id.value.clone());
        let statement = Self { id: id.value.clone(), title, asks, when, action, confidence, style, message };
        Some((id, statement))
    }
}

/// Whether the parts of a statement fit together.
fn check(
    table: &Table<'_>,
    asks: &Match,
    has_condition: bool,
    action: &ByBand<Action>,
    confidence: Option<&ByBand<Confidence>>,
    problems: &mut Problems,
) {
    let source = table.source();
    let may = |what: Action| action.each().any(|(_, a)| a == Some(what));
    if asks.is_empty() && !has_condition && action.each().any(|(_, a)| a.is_some_and(|a| a > Action::Log)) {
        problems.at(
            source,
            table.span_of("match"),
            format!("the statement asks about nothing, so it would {} every exchange", strictest(action).name()),
            "say what it is about, such as `match = { categories = [\"secret\"] }`, or take the action `log`",
        );
    } else if asks.about() == About::Exchange && may(Action::Redact) {
        problems.at(
            source,
            table.span_of("action"),
            "the statement redacts, but asks about no findings",
            "add the findings to `match`, such as `categories = [\"*\"]`",
        );
    }
    if asks.about() == About::Uninspected && may(Action::Redact) {
        problems.at(
            source,
            table.span_of("action"),
            "a part that was not inspected cannot be redacted",
            "choose `block`, or `log` to let it pass",
        );
    }
    if let Some(confidence) = confidence {
        if asks.about() == About::Uninspected || asks.about() == About::Exchange && table.has("confidence") {
            problems.at(
                source,
                table.span_of("confidence"),
                "`confidence` asks about findings, but the statement is not about findings",
                "remove it, or add the findings to `match`, such as `categories = [\"*\"]`",
            );
        } else if confidence.at(crate::risk::Band::Low).is_none() {
            problems.at(
                source,
                table.span_of(if table.has("confidence") { "confidence" } else { "match" }),
                "the confidence by band does not say what holds for `low`",
                "add `low`; bands left out have the value of the next lower one",
            );
        }
    }
}

fn strictest(action: &ByBand<Action>) -> Action {
    action.each().filter_map(|(_, a)| a).max().unwrap_or(Action::Log)
}

impl<'d> Read<'d> for Style {
    /// `"label"`, `"mask"`, `"hash"`, `"remove"`, or `{ mask = { keep = 4 } }`.
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        const HELP: &str = "choices are `label`, `mask`, `hash`, `remove`, or `{ mask = { keep = 4 } }`";
        let (source, span) = (value.source(), value.span());
        let Some(mut table) = value.as_table() else {
            let style = match value.as_str() {
                Some("label") => Some(Self::Label),
                Some("mask") => Some(Self::Mask { keep: MASK_KEEPS }),
                Some("hash") => Some(Self::Hash),
                Some("remove") => Some(Self::Remove),
                Some(other) => {
                    problems.at(source, span, format!("unknown style `{other}`"), HELP);
                    None
                }
                None => {
                    problems.at(source, span, format!("`style` is {}, not a name", value.type_name()), HELP);
                    None
                }
            };
            return style;
        };
        let before = problems.len();
        let mask = table.req::<Table<'d>>("mask", problems);
        table.finish(problems);
        let mut mask = mask?;
        let keep = mask.opt::<usize>("keep", problems).unwrap_or(MASK_KEEPS);
        if keep > MASK_KEEPS_AT_MOST {
            let message = format!("a mask that keeps {keep} characters shows too much");
            problems.at(source, mask.span_of("keep"), message, format!("keep at most {MASK_KEEPS_AT_MOST}"));
        }
        mask.finish(problems);
        (problems.len() == before).then_some(Self::Mask { keep })
    }
}
