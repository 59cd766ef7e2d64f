//! `portcullis list`: what there is, as a table or as JSON.

use super::{Exit, Failure, Format, Outcome};
use crate::decode::Channel;
use crate::detect::Gate;
use crate::detect::validator::VALIDATORS;
use crate::diagnostic::Problems;
use crate::diagnostic::reader::Choice;
use crate::generation::{Generation, Inputs};
use crate::policy::Action;
use crate::provider::DIALECTS;
use clap::ValueEnum;
use serde_json::{Value, json};
use std::io::Write;

#[derive(clap::Args)]
pub struct Args {
    #[arg(value_enum)]
    what: What,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Rules and packs of this country only (ISO 3166-1 alpha-2)
    #[arg(long, value_name = "XX")]
    country: Option<String>,
    /// For rules: by which sign in the text each is found and why by that, its longest match, and where long values end
    #[arg(long)]
    gates: bool,
    #[command(flatten)]
    config: super::ConfigArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    Packs,
    Rules,
    Validators,
    Actions,
    Providers,
    Channels,
}

pub fn run(args: &Args) -> Outcome {
    let rows = match args.what {
        What::Packs | What::Rules => {
            let mut problems = Problems::new();
            let inputs = Inputs { config: args.config.path(), policies: Vec::new(), strict: false };
            let Some(generation) = Generation::load(&inputs, &mut problems) else {
                return Err(Failure::problems(&problems));
            };
            if args.what == What::Packs { packs(args, &generation) } else { rules(args, &generation) }
        }
        What::Validators => VALIDATORS.iter().map(|v| json!({ "validator": v.name, "source": v.source })).collect(),
        What::Actions => {
            Action::CHOICES.iter().map(|(name, a)| json!({ "action": name, "does": a.describe() })).collect()
        }
        What::Channels => Channel::CHOICES.iter().map(|(name, _)| json!({ "channel": name })).collect(),
        What::Providers => (DIALECTS.iter().map(|make| make()).flat_map(|dialect| {
            let canonical = dialect.names()[0];
            dialect.names().iter().map(move |name| json!({ "provider": name, "dialect": canonical }))
        }))
        .collect(),
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    match args.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, &rows).map_err(Failure::new)?;
            writeln!(out)?;
        }
        Format::Text => table(&mut out, &rows)?,
    }
    out.flush()?;
    Ok(Exit::Fine)
}

fn of_country(args: &Args, jurisdiction: Option<&str>) -> bool {
    args.country.as_deref().is_none_or(|wanted| jurisdiction.is_some_and(|j| j.eq_ignore_ascii_case(wanted)))
}

fn packs(args: &Args, generation: &Generation) -> Vec<Value> {
    let packs = generation.library.packs.iter().filter(|p| of_country(args, p.jurisdiction.as_deref()));
    packs
        .map(|p| {
            json!({
                "pack": &*p.id, "title": p.title, "version": p.version, "rules": p.rules.len(),
                "jurisdiction": p.jurisdiction, "hash": &p.hash[..12],
            })
        })
        .collect()
}

fn rules(args: &Args, generation: &Generation) -> Vec<Value> {
    let engine = &generation.policies.engine;
    let mut rows = Vec::new();
    for rule in generation.library.rules().filter(|r| of_country(args, r.jurisdiction.as_deref())) {
        let mut row = json!({
            "rule": rule.id, "pack": &*rule.pack, "category": rule.category, "severity": rule.severity.name(),
            "validator": rule.validator.map(|v| v.name), "title": rule.title,
        });
        if args.gates {
            if matches!(args.format, Format::Text) {
                // Beside gates, which are long, there is no room for more.
                row = json!({ "rule": rule.id });
            }
            let index = engine.rule_index(&rule.id);
            let gates = index.and_then(|index| engine.gates().nth(index)).unwrap_or_default();
            let mut why: Vec<&str> = gates.iter().map(Gate::why).collect();
            why.dedup();
            row["longest_match"] = json!(index.and_then(|index| engine.longest_matches().nth(index)));
            row["until"] = json!(rule.until.as_ref().map(|until| &until.pattern));
            row["longest"] = json!(rule.until.as_ref().map(|until| until.longest));
            row["why"] = json!(why.join("; or "));
            row["gate"] = match &rule.dictionary {
                Some(list) => json!(format!("is one of {} words and phrases", list.len())),
                None => json!(gates.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")),
            };
        }
        rows.push(row);
    }
    rows
}

/// Columns as wide as their widest cell.
fn table(out: &mut impl Write, rows: &[Value]) -> std::io::Result<()> {
    let Some(Value::Object(first)) = rows.first() else { return Ok(()) };
    let cell = |row: &Value, key: &str| match &row[key] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let columns: Vec<(&str, usize)> = (first.keys())
        .map(|key| {
            let widest = rows.iter().map(|row| cell(row, key).chars().count()).max().unwrap_or(0);
            (key.as_str(), widest.max(key.len()))
        })
        .collect();
    let mut line = |cells: Vec<String>| {
        let mut text = String::new();
        for (cell, (_, width)) in cells.iter().zip(&columns) {
            text.push_str(&format!("{cell:<width$}  "));
        }
        writeln!(out, "{}", text.trim_end())
    };
    line(columns.iter().map(|(key, _)| key.to_uppercase()).collect())?;
    for row in rows {
        line(columns.iter().map(|(key, _)| cell(row, key)).collect())?;
    }
    Ok(())
}
