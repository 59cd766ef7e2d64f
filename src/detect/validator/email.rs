//! E-mail address: a local part and a domain whose last label is not a file's ending, nor a name reserved for examples.

use super::Validator;

pub const VALIDATOR: Validator = Validator {
    name: "email",
    source: "RFC 5321 section 4.1.2; RFC 2606",
    check,
    valid: &["anna.berg@mail.beispiel-klinik.de", "x@y.museum", "first+tag@sub.corp-domain.com"],
    invalid: &["logo@2x.png", "user@localhost", "a@b.c", "me@example.com", "x..y@web.de", "pkg@1.2.3", "git@site.test"],
};

/// Endings of files that people write after an at sign (`icon@2x.png`).
const FILES: [&str; 24] = [
    "png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "css", "scss", "js", "ts", "jsx", "tsx", "json", "html", "xml",
    "yml", "yaml", "toml", "txt", "pdf", "zip", "exe", "dll",
];
/// Names that belong to nobody (RFC 2606, RFC 6762).
const RESERVED: [&str; 7] = ["test", "example", "invalid", "localhost", "local", "internal", "lan"];

fn check(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else { return false };
    let domain = domain.to_ascii_lowercase();
    let labels: Vec<&str> = domain.split('.').collect();
    let [.., second, top] = labels[..] else { return false };
    let label = |l: &&str| !l.is_empty() && l.len() <= 63 && !l.starts_with('-') && !l.ends_with('-');
    !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && labels.iter().all(label)
        && (2..=24).contains(&top.len())
        && top.bytes().all(|b| b.is_ascii_lowercase())
        && !FILES.contains(&top)
        && !RESERVED.contains(&top)
        && second != "example"
}
