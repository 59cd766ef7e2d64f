//! From a request's path, host and model to its upstream, and what never reaches one.

use crate::gateway::{Gateway, call, raw};
use portcullis::standin::Standin;
use serde_json::json;
use std::net::SocketAddr;

const LOG_ONLY: &str = "[policy]\nid = \"log\"\ntitle = \"Log\"\npacks = [\"base/*\"]\n\
    [[statement]]\nid = \"log\"\nmatch = { categories = [\"*\"] }\naction = \"log\"\n";

async fn standin() -> Standin {
    Standin::start(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port on loopback")
}

fn upstream(name: &str, to: &Standin, more: &str) -> String {
    format!("[[upstream]]\nname = \"{name}\"\nprovider = \"openai\"\nbase_url = \"http://{}\"\n{more}\n\n", to.addr())
}

fn chat(model: &str) -> Vec<u8> {
    json!({ "model": model, "messages": [{ "role": "user", "content": "Hello" }] }).to_string().into_bytes()
}

const JSON: &str = "content-type: application/json\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn the_model_decides_among_upstreams_of_one_entrance() {
    let (own, other) = (standin().await, standin().await);
    let upstreams = upstream("all", &other, "prefix = \"/llm\"\ndeny_models = [\"*-preview\"]")
        + &upstream("own", &own, "prefix = \"/llm\"\nmodels = [\"own-*\"]");
    let gateway = Gateway::start(&upstreams, LOG_ONLY);
    let ask = |body: &[u8]| call(gateway.addr, "POST", "/llm/v1/chat/completions", JSON, body);
    for (model, reached) in [("own-small", (1, 0)), ("gpt-4o", (1, 1)), ("own-preview", (2, 1))] {
        assert!(ask(&chat(model)).starts_with("HTTP/1.1 200"), "{model}");
        assert_eq!((own.requests(), other.requests()), reached, "{model}");
    }
    // neither of them serves it
    let refused = ask(&chat("gpt-preview"));
    assert!(refused.starts_with("HTTP/1.1 403") && refused.contains("x-should-retry: false"), "{refused}");
    // some read the first of the two, others the last
    for twice in [r#"{"model":"gpt-4o","model":"gpt-preview"}"#, r#"{"model":"gpt-preview","model":"gpt-4o"}"#] {
        assert!(ask(twice.as_bytes()).starts_with("HTTP/1.1 403"), "{twice}");
    }
    assert_eq!((own.requests(), other.requests()), (2, 1), "what is refused reaches nobody");
    // without a model it is the one that serves all
    assert!(call(gateway.addr, "GET", "/llm/v1/models", "", b"").starts_with("HTTP/1.1 200"));
    assert_eq!((own.requests(), other.requests()), (2, 2));
    let names: Vec<String> =
        gateway.records(7).iter().map(|r| format!("{} {}", r["upstream"], r["status"]).replace('"', "")).collect();
    assert_eq!(names, ["own 200", "all 200", "own 200", "all 403", "all 403", "all 403", "all 200"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_names_its_model_in_a_field() {
    let (own, other) = (standin().await, standin().await);
    let upstreams = upstream("own", &own, "prefix = \"/llm\"\nmodels = [\"own-*\"]")
        + &upstream("all", &other, "prefix = \"/llm\"");
    let gateway = Gateway::start(&upstreams, LOG_ONLY);
    let form = |model: &str| {
        format!(
            "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\n{model}\r\n\
             --b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nHello\r\n--b--\r\n"
        )
    };
    for (model, reached) in [("own-ears", (1, 0)), ("whisper", (1, 1))] {
        let head = "content-type: multipart/form-data; boundary=b\r\n";
        call(gateway.addr, "POST", "/llm/v1/files", head, form(model).as_bytes());
        assert_eq!((own.requests(), other.requests()), reached, "{model}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_an_entrance() {
    let (by_host, by_path) = (standin().await, standin().await);
    let upstreams = upstream("by-host", &by_host, "hosts = [\"llm.example.com\"]")
        + &upstream("by-path", &by_path, "prefix = \"/openai\"");
    let gateway = Gateway::start(&upstreams, LOG_ONLY);
    let get = |host: &str, path: &str| {
        raw(gateway.addr, format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes())
    };
    assert!(get("llm.example.com:8080", "/v1/models").starts_with("HTTP/1.1 200"));
    assert_eq!((by_host.requests(), by_path.requests()), (1, 0));
    assert!(get("other.example.com", "/openai/v1/models").starts_with("HTTP/1.1 200"));
    assert_eq!((by_host.requests(), by_path.requests()), (1, 1));
    assert!(get("other.example.com", "/v1/models").starts_with("HTTP/1.1 404"));
}

#[tokio::test(flavor = "multi_thread")]
async fn p7_caps_of_an_upstream_hold() {
    let model = standin().await;
    let upstreams = upstream("small", &model, "prefix = \"/llm\"\nmax_body = \"1KiB\"\nmax_concurrent = 1");
    let gateway = Gateway::start(&upstreams, LOG_ONLY);
    let addr = gateway.addr;
    let ask = move |body: Vec<u8>| call(addr, "POST", "/llm/v1/chat/completions", JSON, &body);
    let long = json!({ "model": "m", "messages": [{ "role": "user", "content": "x".repeat(2048) }] });
    assert!(ask(long.to_string().into_bytes()).starts_with("HTTP/1.1 413"));
    assert_eq!(model.requests(), 0);
    // the first is slow, so the second finds no place; afterwards there is one again
    let slow =
        json!({ "model": "stand-in/slow=300", "messages": [{ "role": "user", "content": "Hello" }], "stream": true });
    let slow = std::thread::spawn(move || ask(slow.to_string().into_bytes()));
    while model.requests() == 0 && !slow.is_finished() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let busy = ask(chat("m"));
    let waited = slow.join().expect("the request is answered");
    assert!(waited.starts_with("HTTP/1.1 200"), "{waited}");
    assert!(busy.starts_with("HTTP/1.1 503"), "{busy}");
    assert!(!busy.contains("x-should-retry: false"), "a busy upstream is worth another try");
    assert!(ask(chat("m")).starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_and_bodies_of_an_in_house_model_are_what_the_configuration_says() {
    let to = standin().await;
    let more = "prefix = \"/house\"\n\
        operations = { \"/models/{model}/answers\" = \"chat\" }\n\
        paths = { system = \"preamble\", prompt = \"question\", opaque = \"session\" }";
    let gateway = Gateway::start(&upstream("house", &to, more), LOG_ONLY);
    let body = json!({ "preamble": "card 4539 5787 6362 1486", "question": "my card is 4539 5787 6362 1486", "session": "gAAAA" });
    call(gateway.addr, "POST", "/house/models/house-7b/answers?x=1", JSON, body.to_string().as_bytes());
    let record = &gateway.records(1)[0];
    assert_eq!((&record["operation"], &record["model"]), (&json!("chat"), &json!("house-7b")), "{record}");
    let channels: Vec<&str> =
        record["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["channel"].as_str()).collect();
    assert!(channels.contains(&"system") && channels.contains(&"prompt"), "{record}");
    assert_eq!(record["receipt"]["uninspected"][0]["path"], "session", "{record}");
}
