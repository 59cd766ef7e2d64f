//! Word lists: the files that `dictionary` names → entries, checked.
//!
//! A list is plain UTF-8, one entry a line. Blank lines do not count, nor lines that begin with `#`. An entry may stand there
//! twice, since lists are put together from others.

use super::embedded;
use crate::detect::{Case, MAX_WIDTH, WordList};
use crate::diagnostic::reader::{Choice, Spanned};
use crate::diagnostic::{Problems, Source};
use aws_lc_rs::digest;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Longest word list, in bytes.
pub const LIST_LIMIT: usize = 64 << 20;

/// Reads the file of that name, or says why it cannot; no more than one byte beyond [`LIST_LIMIT`].
pub type Open<'a> = &'a dyn Fn(&str) -> Result<Vec<u8>, String>;

/// Problems told of one list: one that is no list at all has one in every line.
const MOST_PROBLEMS: usize = 10;

impl Choice for Case {
    const WHAT: &'static str = "case";
    const CHOICES: &'static [(&'static str, Self)] = &[("any", Self::Any), ("exact", Self::Exact)];
}

/// The lists of one pack, as its rules name them.
pub(super) struct Lists<'a> {
    source: &'a Arc<Source>,
    open: Open<'a>,
    /// Of the pack's file, and then of every list.
    digest: digest::Context,
}

impl<'a> Lists<'a> {
    pub fn new(source: &'a Arc<Source>, open: Open<'a>) -> Self {
        let mut digest = digest::Context::new(&digest::SHA256);
        digest.update(source.text.as_bytes());
        Self { source, open, digest }
    }

    /// SHA-256 of the pack's file, followed by those of its lists, if it has any, in the order in which rules name them; in
    /// lower-case hex.
    pub fn hash(self) -> String {
        self.digest.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The entries of some files. Each file that cannot be used is reported.
    pub fn read(&mut self, files: &[Spanned<String>], case: Case, problems: &mut Problems) -> WordList {
        let texts: Vec<String> = files.iter().filter_map(|file| self.text(file, problems)).collect();
        WordList::from_entries(texts.iter().flat_map(|text| entries(text)).map(|(_, entry)| entry), case)
    }

    fn text(&mut self, file: &Spanned<String>, problems: &mut Problems) -> Option<String> {
        let name = self.name(file, problems)?;
        let mut refuse = |message: String, help: &str| {
            problems.at(self.source, file.span.clone(), message, help);
            None
        };
        let bytes = match name.strip_prefix(embedded::PREFIX) {
            Some(inside) => embedded::file(inside)
                .map(|text| text.as_bytes().to_vec())
                .ok_or_else(|| "there is none of that name".to_owned()),
            None => (self.open)(&name),
        };
        let bytes = match bytes {
            Ok(bytes) if bytes.len() > LIST_LIMIT => {
                let message = format!("the word list `{name}` is longer than {} MiB", LIST_LIMIT >> 20);
                return refuse(message, "split it, and name both: `dictionary = [\"…\", \"…\"]`");
            }
            Ok(bytes) => bytes,
            Err(why) => {
                let message = format!("cannot read the word list `{name}`: {why}");
                return refuse(message, "check the path, which is relative to the pack's file");
            }
        };
        self.digest.update(digest::digest(&digest::SHA256, &bytes).as_ref());
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let list = Source::new(name, String::from_utf8_lossy(error.as_bytes()));
                problems.at(&list, at..at + 1, "this word list is not UTF-8", "save it as UTF-8");
                return None;
            }
        };
        if entries(&text).next().is_none() {
            let help = "write one entry a line; lines that begin with `#` are comments";
            return refuse(format!("the word list `{name}` has no entry"), help);
        }
        self.check(name, text, problems)
    }

    /// The list's name, in the folder of the pack or below.
    fn name(&self, file: &Spanned<String>, problems: &mut Problems) -> Option<String> {
        let mut inside = PathBuf::new();
        for component in Path::new(&file.value).components() {
            match component {
                Component::Normal(part) => inside.push(part),
                Component::CurDir => {}
                _ => {
                    let message = format!("`{}` leaves the folder of the pack", file.value);
                    let help = "put the list beside the pack or in a folder below it, as in `lists/names.txt`";
                    problems.at(self.source, file.span.clone(), message, help);
                    return None;
                }
            }
        }
        Some(Path::new(&self.source.name).with_file_name(inside).to_string_lossy().into_owned())
    }

    fn check(&self, name: String, text: String, problems: &mut Problems) -> Option<String> {
        let wrong = |entry: &str| {
            if entry.len() > MAX_WIDTH {
                let message = format!("this entry is {} bytes long, more than {MAX_WIDTH}", entry.len());
                Some((message, "list only how it begins"))
            } else if entry.bytes().all(|b| b.is_ascii_punctuation()) {
                Some(("this entry has no letter or digit".to_owned(), "drop the line"))
            } else {
                None
            }
        };
        let told: Vec<_> = entries(&text)
            .filter_map(|(at, entry)| wrong(entry).map(|said| (at..at + entry.len(), said)))
            .take(MOST_PROBLEMS)
            .collect();
        if told.is_empty() {
            return Some(text);
        }
        let list = Source::new(name, text);
        for (span, (message, help)) in told {
            problems.at(&list, span, message, help);
        }
        None
    }
}

/// The entries of a list, with their places.
fn entries(text: &str) -> impl Iterator<Item = (usize, &str)> {
    // Some editors put a mark before the first line.
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}';
    let mut end = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        end += line.len();
        let entry = line.trim_start_matches(blank);
        let start = end - entry.len();
        let entry = entry.trim_end();
        (!entry.is_empty() && !entry.starts_with('#')).then_some((start, entry))
    })
}
