use super::*;
use crate::audit::Target;
use crate::diagnostic::reader::Value;
use crate::policy::Glob;
use crate::risk::Band;
use std::collections::BTreeSet;

const EXAMPLE: &str = include_str!("../../config.example.toml");
const PROVIDERS: &[&str] = &["openai", "azure", "anthropic", "generic"];

fn read(text: &str) -> Result<Config, String> {
    let mut problems = Problems::new();
    let config = Config::read(&Source::new("etc/config.toml", text), PROVIDERS, &mut problems);
    assert_eq!(config.is_some(), problems.is_empty());
    config.ok_or_else(|| problems.render(false))
}

/// The example with commented keys as keys: all, or one line only.
fn uncommented(only: Option<usize>) -> String {
    let is_key = |line: &str| {
        line.split_once(" = ")
            .is_some_and(|(key, _)| key.bytes().all(|b| b.is_ascii_lowercase() || b"_0123456789".contains(&b)))
    };
    let line = |(number, line): (usize, &str)| match line.strip_prefix("# ") {
        Some(key) if is_key(key) && only.is_none_or(|only| only == number) => key.to_owned(),
        _ => line.to_owned(),
    };
    EXAMPLE.lines().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// Every path of `value` as [`Document::asked`] writes it.
fn paths(value: &Value<'_>, path: &str, out: &mut BTreeSet<String>) {
    if let Some(mut table) = value.as_table() {
        for (key, value) in table.entries() {
            let path = if path.is_empty() { key.value.to_owned() } else { format!("{path}.{}", key.value) };
            out.insert(path.clone());
            paths(&value, &path, out);
        }
    }
    for element in value.as_array().unwrap_or_default() {
        paths(&element, &format!("{path}[]"), out);
    }
}

/// Everything but where it was read.
fn told(config: &Config) -> String {
    format!("{:#?}", Config { mentions: Vec::new(), ..config.clone() })
}

#[test]
fn the_example_equals_the_defaults() {
    let example = read(EXAMPLE).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(told(&example), told(&Config::default()));
    assert_eq!(told(&read("").expect("an empty file is fine")), told(&Config::default()));
}

#[test]
fn the_example_mentions_every_key() {
    let mut problems = Problems::new();
    let document = Document::parse(Source::new("all", uncommented(None)), &mut problems).expect("it is TOML");
    Config::of(&document, PROVIDERS, &mut problems);
    let mut mentioned = BTreeSet::new();
    for (key, value) in document.root().entries() {
        mentioned.insert(key.value.to_owned());
        paths(&value, key.value, &mut mentioned);
    }
    let asked: BTreeSet<String> = document.asked().into_iter().collect();
    assert_eq!(asked.difference(&mentioned).collect::<Vec<_>>(), Vec::<&String>::new(), "keys without a line");
    assert!(asked.len() > 60, "{asked:?}");
}

#[test]
fn every_commented_key_of_the_example_is_right_when_uncommented() {
    let mut changed = 0;
    for number in 0..EXAMPLE.lines().count() {
        let text = uncommented(Some(number));
        if text.trim_end() != EXAMPLE.trim_end() {
            changed += 1;
            read(&text).unwrap_or_else(|problems| panic!("{problems}"));
        }
    }
    assert_eq!(changed, 20, "commented keys");
}

#[test]
fn values_are_read_and_paths_taken_from_the_folder_of_the_file() {
    let config = read(
        r#"
        [server]
        listen = ["127.0.0.1:1", "[::1]:2"]
        tls = { cert = "c.pem", key = "/k.pem" }
        [admin]
        listen = "0.0.0.0:9090"
        token_env = "TOKEN"
        [policies]
        dir = "p"
        active = ["p/a.toml", "embedded:policies/default.toml"]
        [failure]
        request = "open"
        [[upstream]]
        name = "eu"
        provider = "openai"
        prefix = "/models/eu"
        base_url = "http://127.0.0.1:9/base/"
        region = "eu-central-1"
        http = "http2"
        failure = { response = "open" }
        [risk]
        bands = { medium = 10 }
        unknown_floor = "high"
        [audit]
        records = "file:records.jsonl"
        [limits]
        connect = "250ms"
        "#,
    )
    .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.server.listen.len(), 2);
    let tls = config.server.tls.as_ref().expect("TLS is configured");
    assert_eq!((tls.cert.as_path(), tls.key.as_path()), (Path::new("etc/c.pem"), Path::new("/k.pem")));
    assert_eq!(config.admin.token, Some(Token::Env("TOKEN".to_owned())));
    assert_eq!(config.policies.dir.as_deref(), Some(Path::new("etc/p")));
    assert_eq!(config.policies.active[0], Path::new("etc/p/a.toml"));
    assert_eq!(config.policies.active[1], Path::new("embedded:policies/default.toml"));
    let [upstream] = config.upstreams.as_slice() else { panic!("one upstream") };
    assert_eq!(upstream.base_url, "http://127.0.0.1:9/base");
    assert_eq!(upstream.failure, Failure { request: OnFailure::Open, response: OnFailure::Open });
    assert_eq!(upstream.http, HttpVersion::Http2);
    assert_eq!(config.risk.formula.bands.medium, 10.0);
    assert_eq!(config.risk.formula.anonymous_floor, Band::High);
    assert_eq!(config.audit.records, Target::File(PathBuf::from("etc/records.jsonl")));
    assert_eq!(config.limits.connect.as_millis(), 250);
}

#[test]
fn a_path_belongs_to_the_upstream_whose_prefix_it_begins_with() {
    let entrance = Entrance::prefix("/openai");
    assert_eq!(entrance.rest(None, "/openai/v1/models?limit=1"), Some("/v1/models?limit=1"));
    assert_eq!(entrance.rest(None, "/openai"), Some(""));
    assert_eq!(entrance.rest(None, "/openai-eu/v1"), None);
    assert_eq!(entrance.rest(None, "/"), None);
}

#[test]
fn a_host_belongs_to_the_upstream_that_names_it() {
    let entrance = Entrance { hosts: vec!["llm.example.com".into()], ..Entrance::default() };
    assert_eq!(entrance.rest(Some("LLM.example.com:8080"), "/v1/models"), Some("/v1/models"));
    assert_eq!(entrance.rest(Some("llm.example.com"), "/v1/models"), Some("/v1/models"));
    assert_eq!(entrance.rest(Some("evil.llm.example.com"), "/v1/models"), None);
    assert_eq!(entrance.rest(None, "/v1/models"), None);
}

#[test]
fn models_are_allowed_and_denied() {
    let globs = |names: &[&str]| names.iter().map(|name| Glob::new(*name)).collect::<Vec<_>>();
    let all = Entrance::default();
    assert!(all.serves("any"));
    let some = Entrance { models: globs(&["gpt-*", "o3"]), deny_models: globs(&["*-preview"]), ..all };
    assert!(some.serves("gpt-4o") && some.serves("o3"));
    assert!(!some.serves("o3-mini") && !some.serves("gpt-5-preview") && !some.serves("claude"));
}

#[test]
fn files_and_variables_are_checked_apart() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("ca.pem"), "").expect("the folder is writable");
    let text = r#"
        [server]
        tls = { cert = "gone.pem", key = "." }
        [policies]
        dir = "ca.pem"
        [[upstream]]
        name = "a"
        provider = "openai"
        prefix = "/a"
        base_url = "https://a.example"
        ca = "ca.pem"
        api_key_env = "SET"
        [audit]
        records = "file:nowhere/records.jsonl"
        fingerprint_key_env = "UNSET"
    "#;
    let source = Source::new(folder.path().join("config.toml").display().to_string(), text);
    let mut problems = Problems::new();
    let config =
        Config::read(&source, PROVIDERS, &mut problems).unwrap_or_else(|| panic!("{}", problems.render(false)));
    config.check_files(&mut problems);
    let told: Vec<(&str, &str)> = problems.iter().map(|p| (&text[p.span.clone()], p.message.as_str())).collect();
    assert_eq!(
        told,
        [
            ("\"gone.pem\"", "there is no such file"),
            ("\".\"", "this is a folder, not a file"),
            ("\"ca.pem\"", "this is not a folder"),
            ("\"file:nowhere/records.jsonl\"", "there is no such folder"),
        ]
    );
    let mut problems = Problems::new();
    config.check_environment(|name| name == "SET", &mut problems);
    let told: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(told, ["the environment variable `UNSET` is not set"]);
}

#[test]
fn p4_credentials_in_the_file_never_show() {
    let canary = "zq-canary-7f3a";
    for text in [
        format!(
            "[[upstream]]\nname = \"a\"\nprovider = \"openai\"\nprefix = \"/a\"\nbase_url = \"https://a\"\napi_key = \"{canary}\"\n"
        ),
        format!(
            "[[upstream]]\nname = \"a\"\nprovider = \"openai\"\nprefix = \"/a\"\nbase_url = \"https://a\"\napi_key_env = \"{canary}\"\n"
        ),
        format!("[admin]\ntoken = \"{canary}\"\n"),
        format!("[admin]\ntoken_sha256 = \"{canary}\"\n"),
        format!("[identity]\nkeys = [{{ sha256 = \"{canary}\", user = \"maria\" }}]\n"),
        format!(
            "[[upstream]]\nname = \"a\"\nprovider = \"openai\"\nprefix = \"/a\"\nbase_url = \"https://user:{canary}@a\"\n"
        ),
        format!("[audit]\nfingerprint_key_env = {canary}\n"),
    ] {
        let problems = read(&text).expect_err("it is wrong");
        assert!(!problems.contains(canary), "{problems}");
    }
}
