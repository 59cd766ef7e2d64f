//! The program's own log, on standard error. Decision records are not part of it.

use tracing_subscriber::EnvFilter;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Starts logging. Levels come from the environment variable `PORTCULLIS_LOG` (`info`, `portcullis=debug`, …), else `default`.
/// A process has one log; later calls do nothing. Panics are logged by their place alone.
pub fn init(format: LogFormat, default: &str) {
    let filter = EnvFilter::try_from_env("PORTCULLIS_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // An error only says that a log was started before.
    let _started_before = match format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    std::panic::set_hook(Box::new(|panic| {
        // Only where: messages of panics can quote the text they failed on (P4).
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic; this is a bug");
    }));
}
