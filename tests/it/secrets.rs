//! Credentials of every format are found where people paste them, and what looks like one is left alone, with all packs on.
//!
//! `cargo test --test it secrets -- --nocapture` prints the figures and what is missed.

use crate::packs::SHIPPED;
use crate::quality::{Share, values::Maker};
use crate::random::Random;
use portcullis::detect::{Finding, Scratch};
use portcullis::pack::{Confidence, Rule};
use std::collections::BTreeSet;

/// Values of each rule.
const VALUES: usize = 12;

/// Where credentials stand; `{n}` is a name that says whose it is, `{v}` the value.
const PLACES: [&str; 12] = [
    "{n}_API_KEY={v}\n",
    "export {n}_TOKEN=\"{v}\"",
    "{n}_secret: {v}\n",
    "{\"{n}\": {\"api_key\": \"{v}\"}}",
    "const {n} = connect({ token: '{v}' });",
    "curl -H \"X-Api-Key: {v}\" https://{n}.example/v1/me # api key",
    "My {n} api key is {v}.",
    "Why does {n} refuse this token? {v}",
    "2026-05-04T10:15:02Z ERROR {n}: invalid api key {v}",
    "| {n} | api key | {v} |",
    "<add key=\"{n}ApiKey\" value=\"{v}\" /> <!-- {n} api key -->",
    "Der API-Key für {n} lautet {v}, bitte nicht weitergeben (token).",
];

/// Rules of no vendor: what is in the shape of any protocol or file.
const GENERIC: [&str; 24] = [
    "jwt",
    "private",
    "bearer",
    "basic",
    "url",
    "password",
    "env",
    "connection",
    "bcrypt",
    "wireguard",
    "netrc",
    "signed",
    "htpasswd",
    "shadow",
    "argon2",
    "django",
    "aspnet",
    "tink",
    "jwk",
    "putty",
    "http",
    "csrf",
    "age",
    "said",
];

fn secrets() -> impl Iterator<Item = (usize, &'static Rule)> {
    let rules = SHIPPED.1.rules().iter().enumerate().map(|(at, rule)| (at, &**rule));
    rules.filter(|(_, rule)| &*rule.pack == "base/secrets")
}

/// The words that name whose a credential is.
fn owner(rule: &Rule) -> String {
    let context = rule.context.as_ref();
    let signal = context.and_then(|c| c.signals.first()).and_then(|signal| signal.words.first());
    let word = signal.or_else(|| context.and_then(|c| c.words.first()));
    word.cloned().unwrap_or_else(|| "acme".to_owned())
}

fn credentials(text: &str, scratch: &mut Scratch) -> Vec<Finding> {
    let engine = &SHIPPED.1;
    let mut found = Vec::new();
    engine.scan(text, &engine.all(), scratch, &mut found);
    let is_secret = |f: &Finding| engine.rules()[f.rule as usize].category == "secret";
    found.retain(|finding| finding.confidence >= Confidence::Medium && is_secret(finding));
    found
}

#[test]
fn there_are_as_many_formats_and_vendors_as_the_readme_says() {
    let formats = secrets().count();
    let vendor = |rule: &Rule| rule.id.split('_').nth(1).unwrap_or_default().to_owned();
    let vendors: BTreeSet<String> =
        secrets().map(|(_, rule)| vendor(rule)).filter(|vendor| !GENERIC.contains(&vendor.as_str())).collect();
    println!("{formats} formats of {} vendors", vendors.len());
    assert!(formats >= 200, "{formats} formats");
    assert!(vendors.len() >= 140, "{} vendors: {vendors:?}", vendors.len());
}

#[test]
fn credentials_are_found_where_people_paste_them() {
    let (mut scratch, mut all, mut low) = (Scratch::default(), Share::default(), Vec::new());
    let mut measured = 0;
    for (_, rule) in secrets() {
        let Some(maker) = Maker::new(rule) else { continue };
        let mut random =
            Random(rule.id.bytes().fold(7, |hash: u64, b| hash.wrapping_mul(31).wrapping_add(b.into())) | 1);
        let (mut share, mut missed) = (Share::default(), None);
        for turn in 0..VALUES {
            let Some(value) = maker.valid(turn, &mut random) else { break };
            let place = PLACES[turn % PLACES.len()].replace("{n}", &owner(rule));
            let Some(start) = place.find("{v}") else { unreachable!("every place has a value") };
            let text = place.replace("{v}", &value.text);
            let span = start + value.value.start..start + value.value.end;
            // Another rule may know the value better, as a token in a URL; it has to be covered, under whatever name.
            let covered =
                credentials(&text, &mut scratch).iter().any(|f| f.span.start < span.end && span.start < f.span.end);
            share.count(covered);
            if !covered {
                missed = Some(text);
            }
        }
        measured += usize::from(share.of > 0);
        all.add(share);
        if let Some(text) = missed {
            println!("{}: {}/{}, such as {text:?}", rule.id, share.found, share.of);
        }
        if share.of > 0 && share.rate() < 0.75 {
            low.push(rule.id.as_str());
        }
    }
    println!("{measured} formats, recall {:.4} of {}", all.rate(), all.of);
    assert!(measured >= 200, "only {measured} formats could be made");
    assert!(all.rate() >= 0.99, "recall {:.4}", all.rate());
    assert!(low.is_empty(), "found less than three times of four: {}", low.join(", "));
}

/// Texts that only look like credentials, by kind.
fn look_alikes(random: &mut Random) -> Vec<(&'static str, String)> {
    let hex = |random: &mut Random, n: usize| {
        (0..n).map(|_| char::from(b"0123456789abcdef"[random.below(16)])).collect::<String>()
    };
    let base64 = |random: &mut Random, n: usize| {
        const ALL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        (0..n).map(|_| char::from(ALL[random.below(64)])).collect::<String>()
    };
    let mut all = Vec::new();
    for turn in 0..60 {
        let uuid = format!(
            "{}-{}-4{}-a{}-{}",
            hex(random, 8),
            hex(random, 4),
            hex(random, 3),
            hex(random, 3),
            hex(random, 12)
        );
        all.push(("hash", format!("{}  release-{turn}.tar.gz", hex(random, 64))));
        all.push(("hash", format!("md5 {} of the token table", hex(random, 32))));
        all.push(("commit", format!("commit {}\nAuthor: L. Hale", hex(random, 40))));
        all.push(("commit", format!("Fixed in {}, see the key change log", hex(random, 40))));
        all.push(("lock file", format!("\"integrity\": \"sha512-{}==\"", base64(random, 86))));
        all.push(("lock file", format!("checksum = \"{}\"", hex(random, 64))));
        all.push(("lock file", format!("    --hash=sha256:{} \\", hex(random, 64))));
        all.push(("uuid", format!("request id {uuid} took 41 ms")));
        all.push(("uuid", format!("{{\"id\": \"{uuid}\", \"key\": \"orders\"}}")));
        all.push(("public key", format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{} hale@host", base64(random, 43))));
        all.push((
            "public key",
            format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", base64(random, 64)),
        ));
        all.push(("certificate", format!("-----BEGIN CERTIFICATE-----\nMIID{}\n", base64(random, 60))));
        all.push(("code", format!("background: url(data:image/png;base64,iVBORw0KGgo{})", base64(random, 90))));
        all.push((
            "code",
            format!("!function(e,t){{var n=t({turn});e.token=n,e.key=t}}(this,function(r){{return r}});"),
        ));
        all.push(("image", format!("docker pull registry.example/app@sha256:{}", hex(random, 64))));
        all.push(("etag", format!("ETag: W/\"{}\"\nCache-Control: no-store", hex(random, 32))));
    }
    for (_, rule) in secrets() {
        let Some(maker) = Maker::new(rule) else { continue };
        let Some(value) = maker.valid(0, random) else { continue };
        let own = &value.text[value.value.clone()];
        let fixed = own.len().min(8);
        let masked = |with: char| {
            let kept = own.char_indices().take_while(|(at, _)| *at < fixed).map(|(_, c)| c);
            let rest = own.chars().skip(fixed).map(|c| if c.is_ascii_alphanumeric() { with } else { c });
            kept.chain(rest).collect::<String>()
        };
        let name = owner(rule);
        all.push(("masked", format!("{name}_api_key={}", masked('*'))));
        all.push(("placeholder", format!("{name}_token: {}", masked('x'))));
        all.push(("placeholder", format!("export {name}_API_KEY=<your {name} api key>")));
        all.push(("reference", format!("{name}_api_key = os.environ[\"{}_API_KEY\"]", name.to_uppercase())));
        all.push(("reference", format!("token: ${{{{ secrets.{} }}}}", name.to_uppercase().replace(' ', "_"))));
    }
    for documented in [
        "AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "Authorization: Bearer YOUR_TOKEN_HERE",
        "password = changeme",
        "postgres://user:password@localhost/db",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "g\u{68}p_aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789",
        "api_key: ${API_KEY}",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
    ] {
        all.push(("documentation", documented.to_owned()));
    }
    all
}

#[test]
fn look_alikes_of_credentials_are_left_alone() {
    let (mut scratch, mut flagged) = (Scratch::default(), Share::default());
    let mut random = Random(0x5EC2_E701);
    for (kind, text) in look_alikes(&mut random) {
        let found = credentials(&text, &mut scratch);
        if let Some(first) = found.first() {
            println!("{kind}: {text:?} {}", SHIPPED.1.rules()[first.rule as usize].id);
        }
        flagged.count(!found.is_empty());
    }
    println!("look-alikes flagged: {} of {} ({:.4})", flagged.found, flagged.of, flagged.rate());
    assert!(flagged.of >= 1500, "only {} look-alikes", flagged.of);
    assert!(flagged.rate() <= 0.005, "{:.4} of look-alikes", flagged.rate());
}
