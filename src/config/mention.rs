//! What a configuration names outside of itself.

use crate::diagnostic::{Problems, Source};
use std::io::ErrorKind;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// A file, folder or environment variable, and where the configuration names it.
#[derive(Debug, Clone)]
pub(super) struct Mention {
    source: Arc<Source>,
    span: Range<usize>,
    thing: Thing,
}

#[derive(Debug, Clone)]
enum Thing {
    /// Read at start.
    File(PathBuf),
    Folder(PathBuf),
    Variable(String),
}

impl Mention {
    pub(super) fn file(source: &Arc<Source>, span: Range<usize>, path: PathBuf) -> Self {
        Self { source: source.clone(), span, thing: Thing::File(path) }
    }
    pub(super) fn folder(source: &Arc<Source>, span: Range<usize>, path: PathBuf) -> Self {
        Self { source: source.clone(), span, thing: Thing::Folder(path) }
    }
    pub(super) fn variable(source: &Arc<Source>, span: Range<usize>, name: &str) -> Self {
        Self { source: source.clone(), span, thing: Thing::Variable(name.to_owned()) }
    }

    pub(super) fn check_file(&self, problems: &mut Problems) {
        let (path, read) = match &self.thing {
            Thing::File(path) => (path, std::fs::File::open(path).and_then(|file| file.metadata())),
            Thing::Folder(path) => (path, std::fs::read_dir(path).and_then(|_| std::fs::metadata(path))),
            Thing::Variable(_) => return,
        };
        let message = match read {
            Ok(metadata) if metadata.is_dir() == matches!(self.thing, Thing::Folder(_)) => return,
            Ok(_) => "this is a folder, not a file",
            Err(error) => match error.kind() {
                ErrorKind::NotFound if matches!(self.thing, Thing::Folder(_)) => "there is no such folder",
                ErrorKind::NotFound => "there is no such file",
                ErrorKind::PermissionDenied => "the gateway may not read this",
                ErrorKind::NotADirectory => "this is not a folder",
                _ => "this cannot be read",
            },
        };
        let folder = if path.is_relative() { "the current folder" } else { "the root of the file system" };
        problems.at(&self.source, self.span.clone(), message, format!("looked for `{}` from {folder}", path.display()));
    }

    pub(super) fn check_variable(&self, is_set: &impl Fn(&str) -> bool, problems: &mut Problems) {
        if let Thing::Variable(name) = &self.thing
            && !is_set(name)
        {
            problems.at(
                &self.source,
                self.span.clone(),
                format!("the environment variable `{name}` is not set"),
                "set it before the gateway starts, or remove this line",
            );
        }
    }
}
