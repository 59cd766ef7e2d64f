//! Paths that the configuration gives a meaning, where the provider's own dialect knows them not.

use super::{Dialect, Target, speaking};
use std::sync::Arc;

/// The operations of all dialects that a path may be given.
pub const OPERATIONS: &[&str] = &[
    "chat",
    "responses",
    "text_completion",
    "embeddings",
    "rerank",
    "moderations",
    "images",
    "audio",
    "files",
    "batches",
    "count_tokens",
    "models",
];

/// The segment of a path that names the model.
const MODEL: &str = "{model}";

/// Endings of paths and the operations they stand for: `/models/{model}/chat-generations` for `chat`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operations(pub Vec<(String, &'static str)>);

impl Operations {
    /// The dialect that an upstream of `dialect` speaks at a path, and what a request's address says: what the configuration
    /// knows before what the dialect does.
    pub fn spoken(&self, dialect: &Arc<dyn Dialect>, method: &str, path: &str) -> (Arc<dyn Dialect>, Target) {
        if let Some(target) = self.target(path) {
            return (dialect.clone(), target);
        }
        let dialect = speaking(dialect, path);
        let target = dialect.target(method, path);
        (dialect, target)
    }

    /// What the configuration says of a path (with its query), if it does.
    fn target(&self, path: &str) -> Option<Target> {
        let path = path.split('?').next().unwrap_or_default().trim_end_matches('/');
        self.0.iter().find_map(|(ending, operation)| {
            let (mut segments, mut model) = (path.rsplit('/'), None);
            for expected in ending.trim_start_matches('/').rsplit('/') {
                match segments.next()? {
                    segment if expected == MODEL && !segment.is_empty() => model = Some(segment.to_owned()),
                    segment if segment == expected => {}
                    _ => return None,
                }
            }
            Some(Target { model, ..Target::of(operation) })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_of_paths_stand_for_operations() {
        let operations = Operations(vec![
            ("/models/{model}/chat-generations".into(), "chat"),
            ("/cortex/inference:complete".into(), "chat"),
            ("/embed".into(), "embeddings"),
        ]);
        let found = |path: &str| operations.target(path).map(|target| (target.operation, target.model));
        assert_eq!(found("/v1/models/gpt-4o/chat-generations?x=1"), Some(("chat", Some("gpt-4o".into()))));
        assert_eq!(found("/api/v2/cortex/inference:complete/"), Some(("chat", None)));
        assert_eq!(found("/v1/embed"), Some(("embeddings", None)));
        for path in ["/v1/reembed", "/models//chat-generations", "/chat-generations", "/embed/x", ""] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
