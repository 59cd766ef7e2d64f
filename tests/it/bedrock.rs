//! Bedrock through the gateway as users run it: paths as they came, and signatures of what really leaves.

use crate::envelope::recording;
use crate::gateway::{Gateway, call};
use aws_lc_rs::{digest, hmac};
use http::HeaderMap;
use portcullis::sigv4::Signer;
use std::time::{Duration, SystemTime};

const REDACT_ALL: &str = "[policy]\nid = \"redact\"\ntitle = \"Redact\"\npacks = [\"base/*\"]\n\
    [[statement]]\nid = \"redact\"\nmatch = { categories = [\"*\"] }\naction = \"redact\"\n";

const TARGET: &str = "/model/eu.anthropic.claude-3-haiku-20240307-v1%3A0%2fx/converse";
const BODY: &str = r#"{"messages":[{"role":"user","content":[{"text":"My card is 4539 5787 6362 1486."}]}]}"#;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha256(text: &str) -> String {
    hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// The signature of a request that has but the headers every signature covers.
fn signature(host: &str, path: &str, date: &str, body: &str, secret: &str) -> String {
    let canonical = format!(
        "POST\n{path}\n\ncontent-type:application/json\nhost:{host}\nx-amz-date:{date}\n\n\
         content-type;host;x-amz-date\n{}",
        sha256(body)
    );
    let scope = format!("{}/eu-central-1/bedrock/aws4_request", &date[..8]);
    let mut key = format!("AWS4{secret}").into_bytes();
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", sha256(&canonical));
    for part in scope.split('/').chain([to_sign.as_str()]) {
        key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec();
    }
    hex(&key)
}

#[test]
fn what_leaves_is_signed_after_it_was_judged() {
    let (addr, upstream) = recording(1);
    // variables that cargo sets for every test
    let gateway = Gateway::start(
        &format!(
            "[[upstream]]\nname = \"bedrock\"\nprovider = \"bedrock\"\nprefix = \"/bedrock\"\nbase_url = \"http://{addr}\"\n\
             aws = {{ region = \"eu-central-1\", access_key_id_env = \"CARGO_PKG_NAME\", secret_access_key_env = \"CARGO_PKG_VERSION\" }}\n"
        ),
        REDACT_ALL,
    );
    let headers = "content-type: application/json\r\nauthorization: AWS4-HMAC-SHA256 Credential=callers\r\n\
        x-amz-date: 20000101T000000Z\r\nx-amz-security-token: callers\r\nx-amz-content-sha256: callers\r\n";
    let answer = call(gateway.addr, "POST", &format!("/bedrock{TARGET}"), headers, BODY.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let requests = upstream.join().expect("the upstream has answered");
    let (head, body) = requests[0].split_once("\r\n\r\n").expect("a whole request");

    assert!(head.starts_with(&format!("POST {TARGET} HTTP/1.1\r\n")), "{head}");
    assert!(!body.contains("1486") && body.starts_with(r#"{"messages""#), "{body}");
    assert!(!head.contains("callers"), "{head}");
    let header = |name: &str| head.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(": ")).expect("it is sent");
    let date = header("x-amz-date");
    assert_ne!(date, "20000101T000000Z");
    // the path is encoded once more than it is sent
    let path = TARGET.replace('%', "%25");
    let expected = format!(
        "AWS4-HMAC-SHA256 Credential={}/{}/eu-central-1/bedrock/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date, Signature={}",
        env!("CARGO_PKG_NAME"),
        &date[..8],
        signature(&addr.to_string(), &path, date, body, env!("CARGO_PKG_VERSION")),
    );
    assert_eq!(header("authorization"), expected);
}

#[test]
fn callers_are_known_by_what_they_signed() {
    let (addr, upstream) = recording(1);
    // a variable that cargo sets for every test
    let gateway = Gateway::start(
        &format!(
            "[[upstream]]\nname = \"bedrock\"\nprovider = \"bedrock\"\nprefix = \"/bedrock\"\nbase_url = \"http://{addr}\"\n\
             [identity]\naws_keys = [{{ access_key_id = \"PKMARIA0000000001\", secret_access_key_env = \"CARGO_PKG_NAME\", user = \"maria\" }}]\n"
        ),
        REDACT_ALL,
    );
    let target = format!("/bedrock{TARGET}");
    let call = |secret: &str, signed: &str, sent: &str, at: SystemTime| {
        let signer = Signer::new("eu-central-1", "PKMARIA0000000001", secret, None).expect("it is valid");
        let mut headers = HeaderMap::new();
        // as `call` names the host
        signer.sign("POST", "a", &target, &mut headers, signed.as_bytes(), at);
        let lines = headers.iter().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().expect("it is text")));
        let lines = lines.collect::<String>() + "content-type: application/json\r\n";
        call(gateway.addr, "POST", &target, &lines, sent.as_bytes())
    };
    let (secret, now) = (env!("CARGO_PKG_NAME"), SystemTime::now());
    for (answer, why) in [
        (call("another", BODY, BODY, now), "does not match"),
        (call(secret, "{}", BODY, now), "does not match"),
        (call(secret, BODY, BODY, now - Duration::from_secs(3600)), "five minutes"),
    ] {
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains(why), "{answer}");
        assert!(answer.contains("x-amzn-errortype: ValidationException"), "{answer}");
    }
    let answer = call(secret, BODY, BODY, now);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let requests = upstream.join().expect("the upstream has answered");
    assert!(!requests[0].contains("PKMARIA") && !requests[0].contains("1486"), "{}", requests[0]);
    let users: Vec<String> = (gateway.records(4).iter())
        .map(|record| record["principal"]["user"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(users, ["anonymous", "anonymous", "anonymous", "maria"]);
}
