//! What policies say about made-up findings; no engine is needed to judge.

use super::judge::{judge, silent};
use super::*;
use crate::action::sample_rule;
use crate::decode::Reason;
use crate::pack::{Confidence, Pack, Severity};
use crate::principal::IdentitySource;

/// A library of four packs with a rule each.
fn library() -> Library {
    let rule = |pack: &str, id: &str, category: &str, severity, country: Option<&str>| {
        let rule = sample_rule(id, category, "");
        Arc::new(Rule { pack: pack.into(), severity, jurisdiction: country.map(str::to_owned), ..rule })
    };
    let rules = [
        rule("base/secrets", "secret_key", "secret", Severity::Critical, None),
        rule("country/de", "de_steuer_id", "tax_id", Severity::High, Some("DE")),
        rule("country/us", "us_ssn", "national_id", Severity::High, Some("US")),
        rule("industry/healthcare", "mrn", "health_id", Severity::Medium, None),
    ];
    let packs = rules.into_iter().map(|rule| {
        Arc::new(Pack {
            id: rule.pack.clone(),
            title: rule.pack.to_string(),
            version: "1.0.0".to_owned(),
            jurisdiction: rule.jurisdiction.clone(),
            sources: Vec::new(),
            checked: None,
            hash: "00".to_owned(),
            rules: vec![rule],
        })
    });
    Library { packs: packs.collect(), ..Library::default() }
}

fn try_read(text: &str) -> Result<Arc<Policy>, String> {
    let source = Source::new("test.toml", text);
    let mut problems = Problems::new();
    match Policy::read(&source, &Names::of(&library()), &mut problems) {
        Some((_, policy)) if problems.is_empty() => Ok(Arc::new(policy)),
        _ => Err(problems
            .iter()
            .map(|p| {
                let place = source.text[p.span.clone()].replace('\n', "⏎");
                format!("{} @ {place} → {}\n", p.message, p.help.as_deref().unwrap_or_default())
            })
            .collect()),
    }
}

/// A policy `p` with these statements.
fn policy(statements: &str) -> Arc<Policy> {
    named("p", "enforce", statements)
}

fn named(id: &str, mode: &str, statements: &str) -> Arc<Policy> {
    let text = format!("[policy]\nid = \"{id}\"\nmode = \"{mode}\"\n{statements}");
    try_read(&text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn refused(statement: &str) -> String {
    try_read(&format!("[policy]\nid = \"p\"\n[[statement]]\nid = \"s\"\n{statement}")).expect_err("the policy is wrong")
}

/// What is sent, and by whom.
struct Exchange {
    principal: Principal,
    band: Band,
    upstream: UpstreamFacts,
    justification: Option<&'static str>,
    failure: Failure,
    found: Vec<(Finding, Arc<Rule>, Channel, String, bool)>,
    uninspected: Vec<Uninspected>,
}

impl Exchange {
    fn new() -> Self {
        Self {
            principal: Principal {
                user: "maria".to_owned(),
                groups: vec!["finance".to_owned()],
                country: Some("DE".to_owned()),
                industry: Some("finance".to_owned()),
                source: IdentitySource::Key,
            },
            band: Band::Low,
            upstream: UpstreamFacts {
                name: "openai".to_owned(),
                provider: "openai".to_owned(),
                region: Some("US".to_owned()),
                trust: Trust::External,
            },
            justification: None,
            failure: Failure::Closed,
            found: Vec::new(),
            uninspected: Vec::new(),
        }
    }

    fn band(mut self, band: Band) -> Self {
        self.band = band;
        self
    }

    fn with(mut self, rule: &str, confidence: Confidence, channel: Channel, value: &str) -> Self {
        let rule = library().rules().find(|r| r.id == rule).expect("a rule of the test library").clone();
        let finding = Finding { confidence, ..Finding::sample() };
        self.found.push((finding, rule, channel, value.to_owned(), false));
        self
    }

    fn prompt(self, rule: &str, value: &str) -> Self {
        self.with(rule, Confidence::High, Channel::Prompt, value)
    }

    /// The last finding was judged in an earlier turn.
    fn seen(mut self) -> Self {
        self.found.last_mut().expect("a finding").4 = true;
        self
    }

    fn part(mut self, reason: Reason) -> Self {
        self.uninspected.push(Uninspected { reason, channel: Channel::Upload, bytes: 9, path: "part[1]".to_owned() });
        self
    }

    fn evidence(&self) -> Vec<Evidence<'_>> {
        self.found
            .iter()
            .map(|(finding, rule, channel, fingerprint, seen)| Evidence {
                finding,
                rule,
                channel: *channel,
                fingerprint,
                seen_before: *seen,
            })
            .collect()
    }

    fn decide(&self, policies: &[Arc<Policy>]) -> Decision {
        judge(policies, &self.subject(), &self.evidence(), &self.uninspected)
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            principal: &self.principal,
            band: self.band,
            score: 12.0,
            upstream: &self.upstream,
            model: Some("gpt-4o"),
            operation: "chat",
            justification: self.justification,
            failure: self.failure,
        }
    }
}

const SECRETS: &str = r#"
[[statement]]
id = "secrets"
title = "Credentials never leave"
match = { channels = ["prompt", "upload"], categories = ["secret"], confidence = "medium" }
action = "block"
message = "Remove the credential."
"#;

const BY_BAND: &str = r#"
[[statement]]
id = "personal"
match = { categories = ["tax_id", "national_id"] }
action = { low = "log", medium = "redact", critical = "block" }
confidence = { low = "high", high = "low" }
style = { mask = { keep = 3 } }
"#;

#[test]
fn nothing_found_is_allowed() {
    let got = Exchange::new().decide(&[policy(SECRETS)]);
    assert_eq!((got.action, got.statements.len(), got.mode), (Action::Allow, 0, Mode::Enforce));
    assert!(got.policy.starts_with("p@") && got.policy.len() == 8, "{}", got.policy);
}

#[test]
fn a_statement_asks_for_channel_category_and_confidence() {
    let policies = [policy(SECRETS)];
    let action =
        |rule, confidence, channel| Exchange::new().with(rule, confidence, channel, "v").decide(&policies).action;
    assert_eq!(action("secret_key", Confidence::Medium, Channel::Prompt), Action::Block);
    assert_eq!(action("secret_key", Confidence::Low, Channel::Prompt), Action::Allow);
    assert_eq!(action("secret_key", Confidence::High, Channel::Response), Action::Allow);
    assert_eq!(action("de_steuer_id", Confidence::High, Channel::Prompt), Action::Allow);
}

#[test]
fn the_band_chooses_action_and_confidence() {
    let policies = [policy(BY_BAND)];
    let decide = |band, confidence| {
        Exchange::new().with("de_steuer_id", confidence, Channel::Prompt, "v").band(band).decide(&policies)
    };
    assert_eq!(decide(Band::Low, Confidence::High).action, Action::Log);
    assert_eq!(decide(Band::Low, Confidence::Medium).action, Action::Allow);
    let medium = decide(Band::Medium, Confidence::High);
    assert_eq!(medium.action, Action::Redact);
    assert_eq!(medium.values, [ValueAction::Redact(Style::Mask { keep: 3 })]);
    assert_eq!(decide(Band::High, Confidence::Low).action, Action::Redact, "high takes the action of medium");
    assert_eq!(decide(Band::Critical, Confidence::Low).action, Action::Block);
}

#[test]
fn p6_a_decision_says_why_and_what_would_have_passed() {
    let got = Exchange::new().prompt("de_steuer_id", "v").band(Band::High).decide(&[policy(BY_BAND)]);
    let spoke = &got.statements[0];
    assert_eq!(spoke.because, ["`de_steuer_id` in prompt: confidence high ≥ low (band high)"]);
    assert_eq!(spoke.would_pass, "without the value found by `de_steuer_id` in prompt; or band low");
    let got = Exchange::new().prompt("secret_key", "v").prompt("secret_key", "w").decide(&[policy(SECRETS)]);
    assert_eq!(
        got.statements[0].would_pass,
        "without the values found by `secret_key` in prompt; or confidence below medium"
    );
}

#[test]
fn the_strictest_wins_and_every_statement_that_spoke_is_listed() {
    let log = "[[statement]]\nid = \"all\"\nmatch = { categories = [\"*\"] }\naction = \"log\"\n";
    let got = Exchange::new().prompt("secret_key", "v").decide(&[policy(&format!("{log}{SECRETS}"))]);
    let spoken: Vec<_> = got.statements.iter().map(|s| (s.statement.as_str(), s.action)).collect();
    assert_eq!(spoken, [("secrets", Action::Block), ("all", Action::Log)]);
    assert_eq!(got.action, Action::Block);
}

#[test]
fn of_two_styles_the_one_that_hides_more_is_taken() {
    let label = BY_BAND.replace("personal", "other").replace("{ mask = { keep = 3 } }", "\"label\"");
    let exchange = Exchange::new().prompt("de_steuer_id", "v").band(Band::Medium);
    let got = exchange.decide(&[policy(&format!("{BY_BAND}{label}"))]);
    assert_eq!(got.values, [ValueAction::Redact(Style::Label)]);
}

#[test]
fn distinct_values_are_counted_once() {
    let policies = [policy(
        "[[statement]]\nid = \"bulk\"\nmatch = { categories = [\"tax_id\"], min_count = 3 }\naction = \"block\"\n",
    )];
    let two = || Exchange::new().prompt("de_steuer_id", "a").prompt("de_steuer_id", "b");
    assert_eq!(two().prompt("de_steuer_id", "a").decide(&policies).action, Action::Allow);
    let three = two().prompt("de_steuer_id", "c").decide(&policies);
    assert_eq!(three.action, Action::Block);
    assert!(three.statements[0].would_pass.contains("or fewer than 3 distinct values"));
}

#[test]
fn monitored_policies_are_recorded_and_not_carried_out() {
    let policies = [named("m", "monitor", SECRETS), named("e", "enforce", BY_BAND)];
    let got = Exchange::new().prompt("secret_key", "v").decide(&policies);
    assert_eq!((got.action, got.would, got.mode), (Action::Allow, Action::Block, Mode::Enforce));
    assert!(got.statements[0].monitored);
    assert_eq!(got.values, [ValueAction::Keep]);
    let all = Exchange::new().prompt("secret_key", "v").part(Reason::Encrypted).decide(&policies[..1]);
    assert_eq!((all.action, all.would, all.mode), (Action::Allow, Action::Block, Mode::Monitor));
}

#[test]
fn a_value_of_an_earlier_turn_is_redacted_not_blocked_again() {
    let policies = [policy(SECRETS)];
    let again = Exchange::new().prompt("secret_key", "v").seen().decide(&policies);
    assert_eq!((again.action, &again.values[..]), (Action::Redact, &[ValueAction::Redact(Style::Label)][..]));
    assert!(again.statements[0].because.iter().any(|b| b.contains("earlier turn")));
    let fresh = Exchange::new().prompt("secret_key", "v").seen().prompt("secret_key", "w").decide(&policies);
    assert_eq!(fresh.action, Action::Block);
}

#[test]
fn a_justification_lets_pass_and_is_recorded_as_a_reason() {
    let policies = [policy("[[statement]]\nid = \"j\"\nmatch = { categories = [\"tax_id\"] }\naction = \"justify\"\n")];
    let mut exchange = Exchange::new().prompt("de_steuer_id", "v");
    let without = exchange.decide(&policies);
    assert_eq!((without.action, &without.values[..]), (Action::Justify, &[ValueAction::Redact(Style::Label)][..]));
    assert!(without.statements[0].would_pass.contains("x-portcullis-justification"));
    exchange.justification = Some("audit of our own data");
    let with = exchange.decide(&policies);
    assert_eq!((with.action, &with.values[..]), (Action::Log, &[ValueAction::Keep][..]));
    exchange.justification = Some("  ");
    assert_eq!(exchange.decide(&policies).action, Action::Justify);
}

#[test]
fn p5_parts_nobody_speaks_of_are_refused() {
    let closed = Exchange::new().part(Reason::Encrypted).decide(&[policy(SECRETS)]);
    assert_eq!((closed.action, closed.statements[0].statement.as_str()), (Action::Block, REFUSED));
    assert_eq!(closed.statements[0].uninspected, ["encrypted"]);
    let mut open = Exchange::new().part(Reason::Encrypted);
    open.failure = Failure::Open;
    let open = open.decide(&[policy(SECRETS)]);
    assert_eq!((open.action, open.statements[0].statement.as_str()), (Action::Log, LET_THROUGH));
    let remote = Exchange::new().part(Reason::Remote).part(Reason::Opaque).decide(&[]);
    assert_eq!((remote.action, remote.statements.len()), (Action::Log, 1));
    assert_eq!(remote.statements[0].statement, REMOTE);
}

#[test]
fn p5_a_statement_may_let_named_parts_pass() {
    let allow = policy("[[statement]]\nid = \"a\"\nmatch = { uninspected = [\"encrypted\"] }\naction = \"allow\"\n");
    assert_eq!(Exchange::new().part(Reason::Encrypted).decide(std::slice::from_ref(&allow)).action, Action::Allow);
    let other = Exchange::new().part(Reason::Encrypted).part(Reason::TooLarge).decide(std::slice::from_ref(&allow));
    assert_eq!(other.action, Action::Block);
    let monitored =
        named("m", "monitor", "[[statement]]\nid = \"a\"\nmatch = { uninspected = [\"*\"] }\naction = \"allow\"\n");
    let got = Exchange::new().part(Reason::Encrypted).decide(&[monitored, policy(SECRETS)]);
    assert_eq!(got.action, Action::Block, "a permission that is not in force permits nothing");
}

#[test]
fn p5_a_condition_that_cannot_be_evaluated_takes_the_stricter_side() {
    let when = "when = 'principal.groups[5] == \"x\"'\n";
    let block = policy(&format!("{SECRETS}{when}"));
    let got = Exchange::new().prompt("secret_key", "v").decide(&[block]);
    assert_eq!(got.action, Action::Block);
    let why = got.statements[0].because.last().expect("a reason");
    assert_eq!(
        why,
        "`when` could not be evaluated: it asks for an element past the end of a list; the stricter side is taken"
    );
    let allow = format!("[[statement]]\nid = \"a\"\nmatch = {{ uninspected = [\"*\"] }}\naction = \"allow\"\n{when}");
    assert_eq!(Exchange::new().part(Reason::Encrypted).decide(&[policy(&allow)]).action, Action::Block);
}

#[test]
fn a_condition_sees_principal_upstream_band_channel_and_count() {
    let exchange =
        || Exchange::new().prompt("secret_key", "v").with("secret_key", Confidence::High, Channel::Upload, "w");
    let cases = [
        ("principal.groups.exists(g, g == \"hr\")", Action::Allow),
        ("\"finance\" in principal.groups && principal.country == \"DE\"", Action::Block),
        (
            "principal.user == \"maria\" && principal.industry == \"finance\" && principal.source == \"key\"",
            Action::Block,
        ),
        ("upstream.region != \"US\"", Action::Allow),
        ("upstream.trust == \"external\" && upstream.name == upstream.provider", Action::Block),
        ("band == \"low\" && score < 13.0 && model.startsWith(\"gpt\") && operation == \"chat\"", Action::Block),
        ("count > 2", Action::Allow),
        ("count == 2 && channel == \"upload\"", Action::Block),
        ("channel == \"response\"", Action::Allow),
    ];
    for (when, expected) in cases {
        let got = exchange().decide(&[policy(&format!("{SECRETS}when = '{when}'\n"))]);
        assert_eq!(got.action, expected, "{when}");
    }
    let upload_only = exchange().decide(&[policy(&format!("{SECRETS}when = 'channel == \"upload\"'\n"))]);
    assert_eq!(upload_only.values, [ValueAction::Keep, ValueAction::Redact(Style::Label)]);
}

#[test]
fn jurisdictions_that_disagree_are_named() {
    let us = "[[statement]]\nid = \"us\"\nmatch = { data_countries = [\"US\"] }\naction = \"log\"\n";
    let de =
        "[[statement]]\nid = \"de\"\nmatch = { countries = [\"DE\"], categories = [\"*\"] }\naction = \"redact\"\n";
    let mut exchange = Exchange::new().prompt("us_ssn", "v");
    exchange.principal.country = Some("DE".to_owned());
    let both = named("p", "enforce", &format!("{us}{de}")).as_ref().statements.len();
    assert_eq!(both, 2);
    let text = format!("[policy]\nid = \"p\"\npacks = [\"country/*\"]\n{us}{de}");
    let got = exchange.decide(&[try_read(&text).unwrap()]);
    assert_eq!(got.action, Action::Redact);
    assert_eq!(
        got.statements[0].because.last().unwrap(),
        "`us` for data of US asks for log, this for redact: the stricter wins"
    );
}

#[test]
fn a_policy_speaks_only_of_its_packs() {
    let all = "[[statement]]\nid = \"all\"\nmatch = { categories = [\"*\"] }\naction = \"block\"\n";
    let auto = policy(all);
    let action = |rule, country: Option<&str>| {
        let mut exchange = Exchange::new().prompt(rule, "v");
        exchange.principal.country = country.map(str::to_owned);
        exchange.decide(std::slice::from_ref(&auto)).action
    };
    assert_eq!(action("de_steuer_id", Some("DE")), Action::Block);
    assert_eq!(action("us_ssn", Some("DE")), Action::Allow);
    assert_eq!(action("us_ssn", None), Action::Block, "of an unknown country every pack applies");
    assert_eq!(action("mrn", Some("DE")), Action::Allow);
    assert_eq!(action("secret_key", Some("DE")), Action::Block);
}

#[test]
fn a_statement_about_exchanges_speaks_without_findings() {
    let text =
        "[[statement]]\nid = \"m\"\nmatch = { models = [\"gpt-4*\"], groups = [\"finance\"] }\naction = \"block\"\n";
    let got = Exchange::new().decide(&[policy(text)]);
    assert_eq!(got.action, Action::Block);
    assert_eq!(got.statements[0].because, ["group is finance", "model is gpt-4o"]);
    assert_eq!(got.statements[0].would_pass, "another model than `gpt-4*`");
    let log = policy("[[statement]]\nid = \"l\"\naction = \"log\"\n");
    assert_eq!(Exchange::new().decide(&[log]).action, Action::Log);
}

#[test]
fn p6_silent_statements_say_why() {
    let statement = |rest: &str| policy(&format!("[[statement]]\nid = \"s\"\n{rest}"));
    let cases = [
        ("match = { categories = [\"tax_id\"] }\naction = { high = \"block\" }", "it says nothing at band low"),
        (
            "match = { countries = [\"FR\"], categories = [\"*\"] }\naction = \"block\"",
            "`countries` in its `match` does not fit",
        ),
        ("match = { categories = [\"secret\"] }\naction = \"block\"", "nothing of what it asks about was found"),
        (
            "match = { categories = [\"tax_id\"], confidence = \"high\" }\naction = \"block\"",
            "confidence medium is below high",
        ),
        (
            "match = { categories = [\"tax_id\"], min_count = 2 }\naction = \"block\"",
            "1 of at least 2 distinct values found",
        ),
        ("match = { categories = [\"tax_id\"] }\nwhen = 'count > 1'\naction = \"block\"", "its `when` does not hold"),
        ("match = { uninspected = [\"*\"] }\naction = \"block\"", "no part it asks about was left uninspected"),
    ];
    let exchange = Exchange::new().with("de_steuer_id", Confidence::Medium, Channel::Prompt, "v");
    for (text, expected) in cases {
        let policies = [statement(text)];
        assert_eq!(exchange.decide(&policies).action, Action::Allow, "{text}");
        let got = silent(&policies, &exchange.subject(), &exchange.evidence(), &exchange.uninspected);
        assert_eq!(got.iter().map(|s| s.why.as_str()).collect::<Vec<_>>(), [expected], "{text}");
    }
}

/// Problems of packs are for the tests of packs: only those of the policies count here.
#[test]
fn the_embedded_policies_are_read_without_a_problem() {
    let library = Library::read(&Library::embedded_sources(), &mut Problems::new());
    let (names, mut problems) = (Names::of(&library), Problems::new());
    for source in Policies::embedded_sources() {
        let read = Policy::read(&source, &names, &mut problems);
        assert!(read.is_none_or(|(_, policy)| policy.cases().len() >= 4), "{}", source.name);
    }
    assert!(problems.is_empty(), "{}", problems.render(false));
}

#[test]
fn p4_the_message_names_kinds_and_advice_never_values() {
    let exchange = Exchange::new().prompt("secret_key", "hunter2").prompt("secret_key", "hunter3");
    let got = exchange.decide(&[policy(SECRETS)]);
    assert_eq!(
        message(&got, &exchange.evidence()),
        "Blocked by the GenAI policy: “Credentials never leave”. Found: 2 × Sample secret_key (secret) in prompt. Remove the credential."
    );
    let part = Exchange::new().part(Reason::Encrypted);
    assert_eq!(
        message(&part.decide(&[]), &[]),
        "Blocked by the GenAI policy: “What cannot be inspected does not pass”. Found: a part that could not be inspected \
         (encrypted). Send the content as plain text, or leave the part out."
    );
    assert_eq!(message(&Exchange::new().decide(&[]), &[]), "");
}

#[test]
fn wrong_policies_are_explained() {
    let cases = [
        (
            "match = { categories = [\"secrets\"] }\naction = \"block\"",
            "unknown category `secrets` @ \"secrets\" → did you mean `secret`?",
        ),
        ("match = { rules = [\"de_steuerid\"] }\naction = \"block\"", "unknown rule `de_steuerid`"),
        ("match = { packs = [\"contry/*\"] }\naction = \"block\"", "no pack matches `contry/*`"),
        (
            "match = { countries = [\"UK\"], categories = [\"*\"] }\naction = \"log\"",
            "`UK` is not a country code @ \"UK\" → write `GB`",
        ),
        ("match = { industries = [\"healthcaer\"] }\naction = \"log\"", "unknown industry `healthcaer`"),
        (
            "match = { categories = [\"*\"], upstream = { trust = \"extern\" } }\naction = \"log\"",
            "unknown trust `extern`",
        ),
        ("action = \"block\"", "the statement asks about nothing, so it would block every exchange"),
        (
            "match = { users = [\"eve\"] }\naction = \"redact\"",
            "the statement redacts, but asks about no findings @ \"redact\"",
        ),
        (
            "match = { uninspected = [\"encrypted\"] }\naction = \"redact\"",
            "a part that was not inspected cannot be redacted",
        ),
        (
            "match = { uninspected = [\"encrypted\"], categories = [\"*\"] }\naction = \"log\"",
            "`categories` asks about findings, `uninspected` about parts",
        ),
        ("match = { categories = [\"*\"], min_count = 0 }\naction = \"log\"", "`min_count` is 0 @ 0"),
        (
            "match = { categories = [\"*\"], confidence = \"low\" }\naction = \"log\"\nconfidence = \"high\"",
            "`confidence` is given here and in `match` @ \"high\"",
        ),
        (
            "match = { categories = [\"*\"] }\naction = \"log\"\nconfidence = { high = \"low\" }",
            "does not say what holds for `low`",
        ),
        ("match = { categories = [\"*\"] }\naction = {}", "the action by band names no band"),
        ("match = { categories = [\"*\"] }\naction = \"redact\"\nstyle = \"masked\"", "unknown style `masked`"),
        (
            "match = { categories = [\"*\"] }\naction = \"redact\"\nstyle = { mask = { keep = 12 } }",
            "a mask that keeps 12 characters shows too much @ 12",
        ),
        ("match = { categories = [\"*\"] }\naction = \"log\"\nwhen = 'band = \"low\"'", "`when` is not an expression"),
        (
            "match = { categories = [\"*\"] }\naction = \"log\"\nwhen = 'principal.grups == []'",
            "`principal` has no field `grups` @ grups",
        ),
        (
            "match = { categories = [\"*\"] }\naction = \"log\"\nwhen = 'user == \"eve\"'",
            "`when` names `user`, which does not exist @ user",
        ),
        (
            "match = { categories = [\"*\"] }\naction = \"log\"\nwhen = 'count'",
            "`when` is a whole number, not true or false",
        ),
        (
            "match = { categories = [\"*\"] }\naction = \"log\"\nwhen = 'principal.groups > 3'",
            "`when` cannot be evaluated: its parts do not fit together",
        ),
        (
            "match = { categories = [\"*\"] }\naction = \"log\"\nwhen = 'principal.user.lower() == \"x\"'",
            "`when` cannot be evaluated: it calls a function that does not exist",
        ),
        (
            "match = { users = [\"eve\"] }\naction = \"log\"\nwhen = 'channel == \"prompt\"'",
            "`channel` is not known here",
        ),
    ];
    for (statement, expected) in cases {
        let got = refused(statement);
        assert!(got.contains(expected), "{statement}\n  expected: {expected}\n  got: {got}");
    }
}

#[test]
fn every_problem_of_a_file_is_reported_at_once() {
    let got = try_read(
        "[policy]\nid = \"portcullis\"\n\
         [[statement]]\nid = \"a\"\nmatch = { categories = [\"x1\"] }\naction = \"log\"\n\
         [[statement]]\nid = \"b c\"\nmatch = { categories = [\"*\"] }\naction = \"log\"\n\
         [[statement]]\nid = \"d\"\naction = \"log\"\n[[statement]]\nid = \"d\"\naction = \"log\"\n\
         [[case]]\nname = \"n\"\nexpect = { action = \"allow\", statements = [\"zzz\"] }\n",
    )
    .expect_err("the policy is wrong");
    for expected in [
        "`portcullis` is the name of the built-in policy",
        "unknown category `x1`",
        "`b c` cannot be an id",
        "a second statement has the id `d`",
        "the case sends nothing",
    ] {
        assert!(got.contains(expected), "{expected} in {got}");
    }
}

#[test]
fn cases_are_checked_when_read() {
    let case = |case: &str| {
        let statement = "[[statement]]\nid = \"everything\"\nmatch = { categories = [\"*\"] }\naction = \"log\"\n";
        try_read(&format!("[policy]\nid = \"p\"\n{statement}[[case]]\nname = \"c\"\n{case}"))
            .expect_err("the case is wrong")
    };
    let cases = [
        (
            "prompt = \"x\"\nexpect = { action = \"log\", statements = [\"everythng\"] }",
            "unknown statement `everythng` @ \"everythng\" → did you mean `everything`?",
        ),
        ("prompt = \"x\"\nexpect = { action = \"log\", rules = [\"us_*\"] }", "`us_*` is no single name"),
        (
            "prompt = \"x\"\nprincipal = { country = \"de\" }\nexpect = { action = \"log\" }",
            "`de` is not a country code @ \"de\" → write `DE`",
        ),
        (
            "prompt = \"x\"\nresponse = \"y\"\nexpect = { action = \"log\", text = \"x\" }",
            "`text` is asked of a case with 2 texts",
        ),
    ];
    for (text, expected) in cases {
        let got = case(text);
        assert!(got.contains(expected), "{text}\n  expected: {expected}\n  got: {got}");
    }
}

/// Every TOML block of `docs/policies.md` is a policy, or a part of one that needs only its head.
#[test]
fn every_block_in_the_documentation_is_read() {
    let page = include_str!("../../docs/policies.md");
    let blocks: Vec<&str> = page.split("```toml\n").skip(1).filter_map(|b| b.split("```").next()).collect();
    assert!(blocks.len() >= 7, "{}", blocks.len());
    for block in blocks {
        let head = if block.contains("[policy]") { "" } else { "[policy]\nid = \"p\"\n" };
        if let Err(problems) = try_read(&format!("{head}{block}")) {
            panic!("{block}\n{problems}");
        }
    }
}

#[test]
fn policies_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Policies>();
    shared::<Decision>();
}

/// The promises of the embedded policies, kept by the production engine, whole and in pieces.
#[test]
fn the_cases_of_the_embedded_policies_pass() {
    let library = Library::read(&Library::embedded_sources(), &mut Problems::new());
    let mut problems = Problems::new();
    let policies = Policies::read(&Policies::embedded_sources(), &library, &mut problems);
    let policies = policies.unwrap_or_else(|| panic!("{}", problems.render(false)));
    let run = case::run(&policies, &mut crate::detect::Scratch::default());
    assert!(run.problems.is_empty(), "{}", run.problems.render(false));
    assert!(run.passed >= 40 && run.failed == 0, "{} passed", run.passed);
}
