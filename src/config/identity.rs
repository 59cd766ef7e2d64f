//! `[identity]`: who holds which gateway key, and whose word about users is believed.

use super::server::HASH;
use super::{Reading, sha256_hex};
use crate::diagnostic::country;
use crate::diagnostic::reader::{Spanned, Table, Value};
use crate::principal::{AwsKeyEntry, Holder, IdentityRules, KeyEntry, TrustedHeader};
use http::HeaderName;
use ipnet::IpNet;
use std::net::IpAddr;

pub(super) fn read(rules: &mut IdentityRules, table: &mut Table<'_>, reading: &mut Reading<'_>) {
    for mut entry in table.opt::<Vec<Table<'_>>>("keys", reading.problems).unwrap_or_default() {
        if let Some(key) = key(&mut entry, reading) {
            if rules.keys.iter().any(|other| other.sha256 == key.sha256) {
                let message = "two entries have the same key";
                let help = "give every user a key of his own, from `portcullis key new`";
                reading.problems.at(entry.source(), entry.span_of("sha256"), message, help);
            }
            rules.keys.push(key);
        }
        entry.finish(reading.problems);
    }
    for mut entry in table.opt::<Vec<Table<'_>>>("aws_keys", reading.problems).unwrap_or_default() {
        if let Some(key) = aws_key(&mut entry, reading) {
            if rules.aws_keys.iter().any(|other| other.access_key_id == key.access_key_id) {
                let message = "two entries have the same access key id";
                let help = "give every user an access key id of his own";
                reading.problems.at(entry.source(), entry.span_of("access_key_id"), message, help);
            }
            rules.aws_keys.push(key);
        }
        entry.finish(reading.problems);
    }
    if let Some(headers) = reading.spanned::<Vec<Value<'_>>>(table, "key_headers") {
        if headers.value.is_empty() {
            let help = "name at least one, such as `\"x-portcullis-key\"`, or remove the line";
            reading.problems.at(table.source(), headers.span, "no header may carry a gateway key", help);
        }
        rules.key_headers = headers.value.iter().filter_map(|value| header(value, reading)).collect();
    }
    if let Some(mut trusted) = table.opt::<Table<'_>>("trusted_header", reading.problems) {
        rules.trusted_header = trusted_header(&mut trusted, reading);
        trusted.finish(reading.problems);
    }
}

fn key(table: &mut Table<'_>, reading: &mut Reading<'_>) -> Option<KeyEntry> {
    let source = table.source();
    let hash: Option<Spanned<&str>> = table.req("sha256", reading.problems);
    let sha256 = hash.and_then(|hash| {
        let bytes = sha256_hex(hash.value);
        if bytes.is_none() {
            reading.problems.at(source, hash.span, "`sha256` is not the hash of a key", HASH);
        }
        bytes
    });
    let holder = holder(table, reading);
    Some(KeyEntry { sha256: sha256?, holder: holder? })
}

fn aws_key(table: &mut Table<'_>, reading: &mut Reading<'_>) -> Option<AwsKeyEntry> {
    let id: Option<Spanned<String>> = table.req("access_key_id", reading.problems);
    let access_key_id = id.and_then(|id| {
        if id.value.len() < SHORTEST_ID || !id.value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            let help = "make one up of 16 letters and digits or more, such as `\"PKMARIA0000000001\"`";
            reading.problems.at(table.source(), id.span, "AWS SDKs take no such access key id", help);
            return None;
        }
        Some(id.value)
    });
    let secret_access_key_env = reading.required_variable(table, "secret_access_key_env");
    let holder = holder(table, reading);
    Some(AwsKeyEntry { access_key_id: access_key_id?, secret_access_key_env: secret_access_key_env?, holder: holder? })
}

/// Characters of the shortest access key id. Source: the AWS STS API reference, "Credentials".
const SHORTEST_ID: usize = 16;

fn holder(table: &mut Table<'_>, reading: &mut Reading<'_>) -> Option<Holder> {
    let source = table.source();
    let user: Option<Spanned<String>> = table.req("user", reading.problems);
    let user = user.and_then(|user| {
        if user.value.trim().is_empty() {
            reading.problems.at(source, user.span, "the user has no name", "write the name that records shall show");
            return None;
        }
        Some(user.value)
    });
    let groups = table.opt("groups", reading.problems).unwrap_or_default();
    let country: Option<Spanned<String>> = table.opt("country", reading.problems);
    if let Some(code) = country.as_ref().filter(|code| !country::is_iso2(&code.value)) {
        reading.problems.at(source, code.span.clone(), "unknown country", country::help(&code.value));
    }
    let industry: Option<Spanned<String>> = table.opt("industry", reading.problems);
    if let Some(name) = industry.as_ref().filter(|name| !is_industry(&name.value)) {
        let help = "write the name of an industry pack, such as `\"healthcare\"` or `\"public-sector\"`";
        reading.problems.at(source, name.span.clone(), "this is not the name of an industry", help);
    }
    Some(Holder {
        user: user?,
        groups,
        country: country.map(|code| code.value),
        industry: industry.map(|name| name.value),
    })
}

/// Industries are named as the files of their packs.
fn is_industry(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn trusted_header(table: &mut Table<'_>, reading: &mut Reading<'_>) -> Option<TrustedHeader> {
    let from: Option<Spanned<Vec<Value<'_>>>> = table.req("from", reading.problems);
    let from = from.map(|list| {
        if list.value.is_empty() {
            let help = "write the addresses of your proxy, such as `[\"10.0.0.0/8\"]`";
            reading.problems.at(table.source(), list.span, "no network is trusted, so the headers never count", help);
        }
        list.value.iter().filter_map(|value| network(value, reading)).collect()
    });
    let user = table.req::<Value<'_>>("user", reading.problems).and_then(|value| header(&value, reading));
    let mut optional = |key| table.opt::<Value<'_>>(key, reading.problems).and_then(|value| header(&value, reading));
    let groups = optional("groups");
    let country = optional("country");
    let industry = optional("industry");
    Some(TrustedHeader { from: from?, user: user?, groups, country, industry })
}

/// The name of a header, in lower case.
fn header(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let Some(text) = value.as_str() else {
        value.mistyped("a string", reading.problems);
        return None;
    };
    match HeaderName::from_bytes(text.as_bytes()) {
        Ok(name) => Some(name.as_str().to_owned()),
        Err(_) => {
            let help = "use letters, digits and `-`, such as `\"x-user\"`";
            value.problem("this is not the name of a header", help, reading.problems);
            None
        }
    }
}

fn network(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<IpNet> {
    let Some(text) = value.as_str() else {
        value.mistyped("a string", reading.problems);
        return None;
    };
    let (message, help) = match text.trim().parse::<IpNet>() {
        Ok(network) if network.prefix_len() == 0 => (
            "everybody would be believed, so anybody could claim to be anybody",
            "write the addresses of your proxy, such as `\"10.0.0.0/8\"`".to_owned(),
        ),
        Ok(network) if network.addr() != network.network() => (
            "the address has digits behind the end of the network",
            format!(
                "write `\"{}\"`, or `\"{}/{}\"` for one address",
                network.trunc(),
                network.addr(),
                network.max_prefix_len()
            ),
        ),
        Ok(network) => return Some(network),
        Err(_) => match text.trim().parse::<IpAddr>() {
            Ok(address) => {
                ("the size of the network is missing", format!("write `\"{}\"` for one address", IpNet::from(address)))
            }
            Err(_) => (
                "this is not a network",
                "write an address and its number of fixed bits, such as `\"10.0.0.0/8\"`".to_owned(),
            ),
        },
    };
    value.problem(message, help, reading.problems);
    None
}
