//! One policy file: read, checked against a library, and named by its content.

use super::Mode;
use super::case::Case;
use super::judge::BUILT_IN;
use super::names::Names;
use super::packs::Packs;
use super::statement::Statement;
use crate::diagnostic::reader::{Document, Spanned, Table};
use crate::diagnostic::{Problems, Source};
use aws_lc_rs::digest;
use std::fmt::Write as _;
use std::sync::Arc;

/// One policy file, checked against a library.
#[derive(Debug)]
pub struct Policy {
    pub id: String,
    pub title: String,
    pub mode: Mode,
    /// First six hex digits of the SHA-256 of the file.
    pub hash: String,
    pub(super) packs: Packs,
    pub(super) statements: Vec<Statement>,
    pub(super) cases: Vec<Case>,
    source: Arc<Source>,
}

impl Policy {
    /// Reads one file. `None` if anything is wrong with it, then reported.
    pub(super) fn read(
        source: &Arc<Source>,
        names: &Names,
        problems: &mut Problems,
    ) -> Option<(Spanned<String>, Self)> {
        let before = problems.len();
        let document = Document::parse(source.clone(), problems)?;
        let mut root = document.root();
        let head = root.req::<Table<'_>>("policy", problems).and_then(|table| Head::read(table, names, problems));
        let statements = read_statements(&mut root, names, problems);
        let ids: Vec<&str> = statements.iter().map(|s| s.id.as_str()).collect();
        let cases = root.opt::<Vec<Table<'_>>>("case", problems).unwrap_or_default();
        // a statement that could not be read is unknown to the cases only because of its own problem
        let known = (problems.len() == before).then_some(ids.as_slice());
        let cases = cases.into_iter().filter_map(|case| Case::read(case, names, known, problems)).collect();
        root.finish(problems);
        let Head { id, title, packs, mode } = head?;
        let policy = Self {
            id: id.value.clone(),
            title,
            mode,
            hash: sha256(&[&source.text])[..6].to_owned(),
            packs,
            statements,
            cases,
            source: source.clone(),
        };
        (problems.len() == before).then_some((id, policy))
    }

    /// `acme@3f2a9c`
    pub fn versioned(&self) -> String {
        format!("{}@{}", self.id, self.hash)
    }

    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The tests that the policy carries; [`case::run`] runs them.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The file it was read from.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }
}

/// The `[policy]` table.
struct Head {
    id: Spanned<String>,
    title: String,
    packs: Packs,
    mode: Mode,
}

impl Head {
    fn read(mut table: Table<'_>, names: &Names, problems: &mut Problems) -> Option<Self> {
        let id = table.req::<Spanned<String>>("id", problems);
        if let Some(id) = &id {
            check_id(id, table.source(), problems);
        }
        let title = table.opt::<String>("title", problems);
        let packs = Packs::read(&mut table, names, problems);
        let mode = table.opt::<Mode>("mode", problems).unwrap_or(Mode::Enforce);
        table.finish(problems);
        let id = id?;
        Some(Self { title: title.unwrap_or_else(|| id.value.clone()), id, packs: packs?, mode })
    }
}

/// The statements of a file, with ids that occur once.
fn read_statements(root: &mut Table<'_>, names: &Names, problems: &mut Problems) -> Vec<Statement> {
    let tables = root.opt::<Vec<Table<'_>>>("statement", problems).unwrap_or_default();
    let mut statements: Vec<Statement> = Vec::with_capacity(tables.len());
    for table in tables {
        let source = table.source().clone();
        let Some((id, statement)) = Statement::read(table, names, problems) else { continue };
        check_id(&id, &source, problems);
        if statements.iter().any(|s| s.id == id.value) {
            let message = format!("a second statement has the id `{}`", id.value);
            problems.at(&source, id.span, message, "give each statement an id of its own; records name it");
        }
        statements.push(statement);
    }
    statements
}

/// Ids stand in headers, records and metrics: letters, digits and `-_.`.
fn check_id(id: &Spanned<String>, source: &Arc<Source>, problems: &mut Problems) {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if id.value.is_empty() || id.value.len() > 64 || !id.value.chars().all(fits) {
        let message = format!("`{}` cannot be an id", id.value.escape_debug());
        problems.at(
            source,
            id.span.clone(),
            message,
            "use 1 to 64 letters, digits, `-`, `_` or `.`, such as `secrets-never-leave`",
        );
    } else if id.value == BUILT_IN {
        problems.at(
            source,
            id.span.clone(),
            format!("`{BUILT_IN}` is the name of the built-in policy"),
            "choose another id",
        );
    }
}

/// Reads each file; a policy id may occur once.
pub(super) fn read_policies(sources: &[Arc<Source>], names: &Names, problems: &mut Problems) -> Vec<Arc<Policy>> {
    let mut policies: Vec<Arc<Policy>> = Vec::with_capacity(sources.len());
    for source in sources {
        let Some((id, policy)) = Policy::read(source, names, problems) else { continue };
        if let Some(other) = policies.iter().find(|p| p.id == policy.id) {
            let message = format!("policy `{}` is also in `{}`", policy.id, other.source.name);
            problems.at(source, id.span, message, "give each active policy an id of its own");
        }
        policies.push(Arc::new(policy));
    }
    policies
}

/// Lower-case hex SHA-256 of texts, each preceded by its length.
pub(super) fn sha256(texts: &[&str]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for text in texts {
        if texts.len() > 1 {
            context.update(&(text.len() as u64).to_be_bytes());
        }
        context.update(text.as_bytes());
    }
    context.finish().as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes what is written");
        hex
    })
}
