//! `portcullis scan`: files, folders, standard input, or one JSON object a line.

use super::{Exit, Failure, Outcome};
use crate::action::Key;
use crate::decode::{Channel, Reason, Segment};
use crate::detect::rank::{Origin, Rank};
use crate::detect::{Engine, Finding, RuleSet, Scratch};
use crate::diagnostic::Problems;
use crate::diagnostic::reader::Choice;
use crate::generation::{Generation, Inputs};
use crate::pack::Confidence;
use crate::principal::{IdentitySource, Principal};
use clap::ValueEnum;
use serde::Serialize;
use std::cmp::Reverse;
use std::io::{BufRead, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Args {
    /// Files or folders; `-` or nothing is standard input
    #[arg(value_name = "FILE|DIR|-")]
    paths: Vec<PathBuf>,
    /// Use the packs that this policy names, instead of every pack
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Only the packs of these countries beside the base packs (ISO 3166-1 alpha-2)
    #[arg(long, value_name = "XX", value_delimiter = ',')]
    country: Vec<String>,
    /// Only the packs of these industries beside the base packs
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    industry: Vec<String>,
    #[arg(long, value_enum, default_value_t = ScanFormat::Text)]
    format: ScanFormat,
    /// Leave out findings less sure than this
    #[arg(long, value_enum, default_value_t = Least::Medium)]
    confidence: Least,
    /// Each input line is a JSON object with "text"; each output line is {"findings":[…],"receipt":{…}}, in order
    #[arg(long)]
    lines: bool,
    /// Show the matched values; only on a terminal
    #[arg(long)]
    show_values: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ScanFormat {
    Text,
    Json,
    Jsonl,
    Sarif,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Least {
    Low,
    Medium,
    High,
}

impl Least {
    fn confidence(self) -> Confidence {
        match self {
            Self::Low => Confidence::Low,
            Self::Medium => Confidence::Medium,
            Self::High => Confidence::High,
        }
    }
}

/// A finding as scripts read it. Offsets are half-open, into the original text.
#[derive(Debug, Serialize)]
struct Row {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    rule: String,
    pack: String,
    category: String,
    severity: &'static str,
    confidence: &'static str,
    /// Bytes of UTF-8.
    start: usize,
    end: usize,
    /// Code points.
    start_char: usize,
    end_char: usize,
    segment: String,
    validated: bool,
    context: bool,
    fingerprint: String,
    /// How the value was read if it is not written as it is, outermost first: `base64`, …
    #[serde(skip_serializing_if = "Vec::is_empty")]
    disguise: Vec<&'static str>,
    #[serde(skip)]
    line: usize,
    #[serde(skip)]
    column: usize,
    #[serde(skip)]
    value: Option<String>,
    #[serde(skip)]
    title: String,
}

/// What was read of the input and what was not.
#[derive(Debug, Default, Serialize)]
struct Receipt {
    inspected_bytes: u64,
    uninspected: Vec<Unread>,
}

#[derive(Debug, Serialize)]
struct Unread {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    reason: &'static str,
    bytes: u64,
}

#[derive(Debug, Default, Serialize)]
struct Results {
    findings: Vec<Row>,
    receipt: Receipt,
}

/// The engine with the rules that were asked for.
struct Scanner {
    engine: Arc<Engine>,
    active: RuleSet,
    key: Key,
    scratch: Scratch,
    least: Confidence,
    show_values: bool,
    /// The country whose packs were asked for, if it is one.
    country: Option<String>,
}

/// Largest file read whole, in bytes; a larger one is reported as not inspected.
const LARGEST_FILE: u64 = 256 << 20;

pub fn run(args: &Args) -> Outcome {
    let mut scanner = Scanner::new(args)?;
    if args.lines {
        return scan_lines(args, &mut scanner);
    }
    let mut results = Results::default();
    let standard_input = [PathBuf::from("-")];
    let paths = if args.paths.is_empty() { &standard_input[..] } else { &args.paths };
    for path in paths {
        if path == Path::new("-") {
            let mut bytes = Vec::new();
            std::io::stdin().lock().take(LARGEST_FILE).read_to_end(&mut bytes)?;
            scanner.bytes(None, &bytes, &mut results);
        } else {
            scan_path(&mut scanner, path, &mut results)?;
        }
    }
    write_results(args, &results)?;
    Ok(if results.findings.is_empty() { Exit::Fine } else { Exit::Failed })
}

impl Scanner {
    fn new(args: &Args) -> Result<Self, Failure> {
        use std::io::IsTerminal;
        if args.show_values && !std::io::stdout().is_terminal() {
            return Err(Failure::new(
                "`--show-values` works on a terminal only, so that values do not end up in files or logs",
            ));
        }
        let mut problems = Problems::new();
        let inputs = Inputs { config: None, policies: args.policy.iter().cloned().collect(), strict: false };
        let Some(generation) = Generation::load(&inputs, &mut problems) else {
            return Err(Failure::problems(&problems));
        };
        let engine = generation.policies.engine.clone();
        let active = active_rules(args, &generation)?;
        Ok(Self {
            engine,
            active,
            key: Key::random(),
            scratch: Scratch::default(),
            least: args.confidence.confidence(),
            show_values: args.show_values,
            country: (args.country.len() == 1).then(|| args.country[0].to_uppercase()),
        })
    }

    /// Scans bytes, if they are text.
    fn bytes(&mut self, file: Option<&Path>, bytes: &[u8], results: &mut Results) {
        match Segment::bytes(Channel::Upload, "", 0..bytes.len(), bytes, None) {
            Ok(segment) => self.segment(file, bytes, &segment, results),
            Err(reason) => results.receipt.uninspected.push(unread(file, reason, bytes.len() as u64)),
        }
    }

    /// Scans a text that may be in another form than its bytes (a charset, escapes of JSON): places are those of `body`.
    fn segment(&mut self, file: Option<&Path>, body: &[u8], segment: &Segment<'_>, results: &mut Results) {
        let mut found = Vec::new();
        self.engine.scan(&segment.text, &self.active, &mut self.scratch, &mut found);
        found.retain(|f| f.confidence >= self.least);
        // Of one value that several rules find, the likeliest first.
        let (rules, origin) = (self.engine.rules(), Origin::of(self.country.as_deref(), &segment.text));
        found.sort_by_key(|f| (f.span.start, Reverse(Rank::of(f, &rules[f.rule as usize], &origin))));
        let mut at = Position::default();
        for finding in &found {
            let span = segment.source_span(finding.span.clone());
            at.advance(body, span.start);
            results.findings.push(self.row(file, segment, finding, span, &at, body));
        }
        results.receipt.inspected_bytes += segment.source_len();
    }

    fn row(
        &self,
        file: Option<&Path>,
        segment: &Segment<'_>,
        finding: &Finding,
        span: Range<usize>,
        at: &Position,
        body: &[u8],
    ) -> Row {
        let rule = &self.engine.rules()[finding.rule as usize];
        let value = finding.value(&segment.text);
        Row {
            file: file.map(|f| f.to_string_lossy().into_owned()),
            rule: rule.id.clone(),
            pack: rule.pack.to_string(),
            category: rule.category.clone(),
            severity: rule.severity.name(),
            confidence: finding.confidence.name(),
            start: span.start,
            end: span.end,
            start_char: at.chars,
            end_char: at.chars + code_points(&body[span]),
            segment: segment.path.clone(),
            validated: finding.validated,
            context: finding.context.is_some(),
            fingerprint: self.key.fingerprint(rule, value),
            disguise: finding.disguise.as_ref().map(|d| d.layers.clone()).unwrap_or_default(),
            line: at.line + 1,
            column: at.column + 1,
            value: self.show_values.then(|| value.to_owned()),
            title: rule.title.clone(),
        }
    }
}

/// Code points of UTF-8: every byte but continuations.
fn code_points(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| (**b & 0xc0) != 0x80).count()
}

/// A place in a text, counted forward once.
#[derive(Debug, Default)]
struct Position {
    byte: usize,
    chars: usize,
    line: usize,
    column: usize,
}

impl Position {
    /// Moves on to byte `to`; findings come in order, but may overlap.
    fn advance(&mut self, text: &[u8], to: usize) {
        if to < self.byte {
            *self = Self::default();
        }
        let passed = &text[self.byte..to];
        self.chars += code_points(passed);
        self.line += passed.iter().filter(|b| **b == b'\n').count();
        self.column = match passed.iter().rposition(|b| *b == b'\n') {
            Some(newline) => code_points(&passed[newline + 1..]),
            None => self.column + code_points(passed),
        };
        self.byte = to;
    }
}

/// The rules that `--policy`, `--country` and `--industry` choose; every rule without them.
fn active_rules(args: &Args, generation: &Generation) -> Result<RuleSet, Failure> {
    let engine = &generation.policies.engine;
    let rules = engine.rules();
    if args.country.is_empty() && args.industry.is_empty() {
        if args.policy.is_none() {
            return Ok(engine.all());
        }
        let nobody = Principal {
            user: "scan".into(),
            groups: Vec::new(),
            country: None,
            industry: None,
            source: IdentitySource::Anonymous,
        };
        return Ok((*generation.policies.active(&nobody)).clone());
    }
    let wanted: Vec<String> = (args.country.iter().map(|c| format!("country/{}", c.to_ascii_lowercase())))
        .chain(args.industry.iter().map(|i| format!("industry/{}", i.to_ascii_lowercase())))
        .collect();
    for pack in &wanted {
        if !generation.library.packs.iter().any(|p| *p.id == **pack) {
            let known = generation.library.packs.iter().map(|p| &*p.id);
            let near = crate::diagnostic::nearest(pack, known).map(|n| format!("; did you mean `{n}`?"));
            return Err(Failure::new(format_args!(
                "there is no pack `{pack}`{}\nhelp: `portcullis list packs` shows them all",
                near.unwrap_or_default()
            )));
        }
    }
    let mut active = RuleSet::none(rules.len());
    for (index, rule) in rules.iter().enumerate() {
        if rule.pack.starts_with("base/") || wanted.iter().any(|w| **w == *rule.pack) {
            active.insert(index);
        }
    }
    Ok(active)
}

/// Scans a file, or every file below a folder, in the order of their names.
fn scan_path(scanner: &mut Scanner, path: &Path, results: &mut Results) -> Result<(), Failure> {
    let about = |error| Failure::new(format_args!("cannot read `{}`: {error}", path.display()));
    let meta = std::fs::symlink_metadata(path).map_err(about)?;
    if meta.is_dir() {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(path).map_err(about)?.filter_map(|e| e.ok().map(|e| e.path())).collect();
        entries.sort();
        for entry in entries {
            // links are not followed: a folder may point at itself
            if !entry.is_symlink() {
                scan_path(scanner, &entry, results)?;
            }
        }
    } else if std::fs::metadata(path).map_err(about)?.len() > LARGEST_FILE {
        results.receipt.uninspected.push(unread(Some(path), Reason::TooLarge, meta.len()));
    } else {
        let bytes = std::fs::read(path).map_err(about)?;
        scanner.bytes(Some(path), &bytes, results);
    }
    Ok(())
}

fn unread(file: Option<&Path>, reason: Reason, bytes: u64) -> Unread {
    Unread { file: file.map(|f| f.to_string_lossy().into_owned()), reason: reason.name(), bytes }
}

/// `--lines`: one JSON object in, one out, in order. A line that cannot be read is answered as malformed, never skipped.
fn scan_lines(args: &Args, scanner: &mut Scanner) -> Outcome {
    #[derive(serde::Deserialize)]
    struct Line {
        text: String,
    }
    let input: Box<dyn BufRead> = match args.paths.as_slice() {
        [] => Box::new(std::io::stdin().lock()),
        [path] if path == Path::new("-") => Box::new(std::io::stdin().lock()),
        [path] => {
            let file = std::fs::File::open(path)
                .map_err(|error| Failure::new(format_args!("cannot read `{}`: {error}", path.display())))?;
            Box::new(std::io::BufReader::new(file))
        }
        _ => return Err(Failure::new("`--lines` reads one file or standard input")),
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut any = false;
    for line in input.split(b'\n') {
        let line = line?;
        let mut results = Results::default();
        match serde_json::from_slice::<Line>(&line) {
            Ok(line) => {
                let segment = Segment::raw(Channel::Prompt, "text", 0..line.text.len(), &line.text);
                scanner.segment(None, line.text.as_bytes(), &segment, &mut results);
            }
            Err(_) => results.receipt.uninspected.push(unread(None, Reason::Malformed, line.len() as u64)),
        }
        any |= !results.findings.is_empty();
        serde_json::to_writer(&mut out, &results).map_err(Failure::new)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(if any { Exit::Failed } else { Exit::Fine })
}

fn write_results(args: &Args, results: &Results) -> Result<(), Failure> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    match args.format {
        ScanFormat::Text => write_text(&mut out, results)?,
        ScanFormat::Json => {
            serde_json::to_writer_pretty(&mut out, results).map_err(Failure::new)?;
            out.write_all(b"\n")?;
        }
        ScanFormat::Jsonl => {
            for row in &results.findings {
                serde_json::to_writer(&mut out, row).map_err(Failure::new)?;
                out.write_all(b"\n")?;
            }
        }
        ScanFormat::Sarif => {
            serde_json::to_writer_pretty(&mut out, &sarif(results)).map_err(Failure::new)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    Ok(())
}

fn write_text(out: &mut impl Write, results: &Results) -> std::io::Result<()> {
    for row in &results.findings {
        let place = format!("{}:{}:{}", row.file.as_deref().unwrap_or("-"), row.line, row.column);
        let evidence = match (row.validated, row.context) {
            (true, true) => "validated + context",
            (true, false) => "validated",
            (false, true) => "context",
            (false, false) => "pattern",
        };
        write!(
            out,
            "{place}: {} ({}) {} confidence, {evidence}, {} bytes, #{}",
            row.rule,
            row.title,
            row.confidence,
            row.end - row.start,
            row.fingerprint
        )?;
        if !row.disguise.is_empty() {
            write!(out, ", written as {}", row.disguise.join(" of "))?;
        }
        match &row.value {
            Some(value) => writeln!(out, ": {value}")?,
            None => writeln!(out)?,
        }
    }
    let receipt = &results.receipt;
    let unread: u64 = receipt.uninspected.iter().map(|u| u.bytes).sum();
    writeln!(
        out,
        "{} finding{}; {} bytes inspected, {unread} not",
        results.findings.len(),
        if results.findings.len() == 1 { "" } else { "s" },
        receipt.inspected_bytes
    )?;
    for part in &receipt.uninspected {
        writeln!(
            out,
            "not inspected: {} ({}, {} bytes)",
            part.file.as_deref().unwrap_or("-"),
            part.reason,
            part.bytes
        )?;
    }
    Ok(())
}

/// SARIF 2.1.0, for code hosts and editors.
fn sarif(results: &Results) -> serde_json::Value {
    use serde_json::json;
    let mut rules: Vec<&Row> = Vec::new();
    for row in &results.findings {
        if !rules.iter().any(|r| r.rule == row.rule) {
            rules.push(row);
        }
    }
    let level = |severity: &str| match severity {
        "critical" | "high" => "error",
        "medium" => "warning",
        _ => "note",
    };
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "portcullis",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|r| json!({
                    "id": r.rule,
                    "shortDescription": { "text": r.title },
                    "defaultConfiguration": { "level": level(r.severity) },
                    "properties": { "pack": r.pack, "category": r.category },
                })).collect::<Vec<_>>(),
            }},
            "results": results.findings.iter().map(|r| json!({
                "ruleId": r.rule,
                "level": level(r.severity),
                "message": { "text": format!("{} ({} confidence)", r.title, r.confidence) },
                "locations": [{ "physicalLocation": {
                    "artifactLocation": { "uri": r.file.as_deref().unwrap_or("-") },
                    "region": {
                        "startLine": r.line, "startColumn": r.column,
                        "byteOffset": r.start, "byteLength": r.end - r.start,
                    },
                }}],
                "partialFingerprints": { "portcullis/v1": r.fingerprint },
            })).collect::<Vec<_>>(),
        }],
    })
}
