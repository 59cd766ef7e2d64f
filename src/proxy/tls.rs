//! TLS on the client's side: the gateway's certificate, and optionally the authority client certificates must come from.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::sync::Arc;

/// A server configuration from PEM texts. With `client_ca`, every client must present a certificate of that authority.
///
/// # Errors
/// A message saying which of the three is wrong and how; it never quotes the key.
pub fn server_config(certificate: &[u8], key: &[u8], client_ca: Option<&[u8]>) -> Result<Arc<ServerConfig>, String> {
    let chain = certificates(certificate, "cert")?;
    let key = PrivateKeyDer::from_pem_slice(key)
        .map_err(|_| "`key` holds no private key; give a PEM block of `PRIVATE KEY`".to_owned())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let builder = match client_ca {
        None => builder.with_no_client_auth(),
        Some(pem) => {
            let mut roots = RootCertStore::empty();
            for authority in certificates(pem, "client_ca")? {
                roots.add(authority).map_err(|error| format!("`client_ca` is not usable as an authority: {error}"))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(|error| format!("`client_ca` is not usable: {error}"))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder
        .with_single_cert(chain, key)
        .map_err(|error| format!("`cert` and `key` do not fit together: {error}"))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn certificates(pem: &[u8], name: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let list: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| format!("`{name}` cannot be read: {error}"))?;
    if list.is_empty() {
        return Err(format!("`{name}` holds no certificate; give PEM blocks of `CERTIFICATE`"));
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_which_file_is_wrong() {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (cert, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        assert!(server_config(cert.as_bytes(), key.as_bytes(), Some(cert.as_bytes())).is_ok());
        for (cert, key, ca, words) in [
            ("", key.as_str(), None, "`cert` holds no certificate"),
            (cert.as_str(), "", None, "`key` holds no private key"),
            (cert.as_str(), &other.signing_key.serialize_pem(), None, "do not fit together"),
            (cert.as_str(), key.as_str(), Some(""), "`client_ca` holds no certificate"),
        ] {
            let message = server_config(cert.as_bytes(), key.as_bytes(), ca.map(str::as_bytes)).unwrap_err();
            assert!(message.contains(words), "{message}");
        }
    }
}
