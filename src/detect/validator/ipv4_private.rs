//! IPv4 address of an internal network.

use super::Validator;
use std::net::Ipv4Addr;

pub const VALIDATOR: Validator = Validator {
    name: "ipv4_private",
    source: "RFC 1918; RFC 6598",
    check,
    valid: &["10.20.30.40", "192.168.17.5", "172.20.0.3", "100.64.1.2"],
    invalid: &["8.8.8.8", "172.32.0.1", "10.0.0", "10.0.0.256"],
};

fn check(value: &str) -> bool {
    value.parse::<Ipv4Addr>().is_ok_and(|ip| {
        let [a, b, ..] = ip.octets();
        ip.is_private() || a == 100 && (64..128).contains(&b)
    })
}
