//! TLS by rustls with ring. Each connection makes its own full handshake, as a new user would.

use crate::net::failure::{code, Failure, Phase};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{ring, CryptoProvider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme, SupportedProtocolVersion,
};
use std::sync::Arc;
use time::OffsetDateTime;

/// How to trust a server: the system's roots, more from a PEM file, or anything at all.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    pub extra_ca: Option<String>,
    pub insecure: bool,
    /// Only this version: "tls1.2" or "tls1.3".
    pub version: Option<String>,
    /// PEM files of the client's own certificate, with those that lead to its authority, and of its key.
    pub client: Option<(String, String)>,
}

/// The client's configuration; `alpn`: what it offers to speak, the favourite first. Reads the system's roots: some milliseconds, so done once.
pub fn config(trust: &Trust, alpn: Vec<Vec<u8>>) -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(versions(trust))
        .map_err(|error| error.to_string())?;
    let builder = if trust.insecure {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(TrustAnybody(provider)))
    } else {
        let roots = Arc::new(roots(trust)?);
        let verifier =
            WebPkiServerVerifier::builder_with_provider(roots, provider).build().map_err(|error| error.to_string())?;
        builder.with_webpki_verifier(verifier)
    };
    let mut config = match &trust.client {
        Some((certificates, key)) => {
            let chain = CertificateDer::pem_file_iter(certificates).and_then(Iterator::collect);
            let chain: Vec<_> = chain.map_err(|error| format!("{certificates}: {error}"))?;
            let key_der = PrivateKeyDer::from_pem_file(key).map_err(|error| format!("{key}: {error}"))?;
            builder.with_client_auth_cert(chain, key_der).map_err(|error| format!("{certificates}: {error}"))?
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = alpn;
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

static ONLY_12: [&SupportedProtocolVersion; 1] = [&TLS12];
static ONLY_13: [&SupportedProtocolVersion; 1] = [&TLS13];

fn versions(trust: &Trust) -> &'static [&'static SupportedProtocolVersion] {
    match trust.version.as_deref() {
        Some("tls1.2") => &ONLY_12,
        Some("tls1.3") => &ONLY_13,
        _ => rustls::DEFAULT_VERSIONS,
    }
}

fn roots(trust: &Trust) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = &trust.extra_ca {
        let certificates = CertificateDer::pem_file_iter(path).map_err(|error| format!("{path}: {error}"))?;
        let mut count = 0;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| format!("{path}: {error}"))?;
            store.add(certificate).map_err(|error| format!("{path}: {error}"))?;
            count += 1;
        }
        if count == 0 {
            return Err(format!("{path}: no certificate in it"));
        }
    }
    if store.is_empty() {
        return Err("this system has no root certificates".to_owned());
    }
    Ok(store)
}

pub fn server_name(host: &str) -> Result<ServerName<'static>, Failure> {
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    ServerName::try_from(bare)
        .map_err(|_| Failure::new(code::TLS, Phase::Tls, format!("tls: {host} cannot be a server's name")))
}

/// A failed handshake or record, in k6's codes.
pub fn failure(error: &rustls::Error) -> Failure {
    let code = match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => code::TLS_UNKNOWN_AUTHORITY,
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => code::TLS_HOSTNAME,
        rustls::Error::InvalidMessage(_) => code::TLS_HEADER,
        _ => code::TLS,
    };
    Failure::new(code, Phase::Tls, told(error))
}

/// rustls' words, without the time of the look: a text that changes each second is a new kind of failure each second.
fn told(error: &rustls::Error) -> String {
    let day = |time: &UnixTime| {
        let seconds = i64::try_from(time.as_secs()).ok();
        let date = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
        date.map_or_else(|| time.as_secs().to_string(), |date| date.date().to_string())
    };
    match error {
        rustls::Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. }) => {
            format!("tls: the server's certificate has expired: it was valid until {}", day(not_after))
        }
        rustls::Error::InvalidCertificate(CertificateError::NotValidYetContext { not_before, .. }) => {
            format!("tls: the server's certificate is not valid yet: it will be from {} on", day(not_before))
        }
        rustls::Error::AlertReceived(rustls::AlertDescription::NoApplicationProtocol) => {
            "tls: the server does not speak HTTP/2 (ALPN); http_version=\"auto\" takes what it speaks".to_owned()
        }
        rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => {
            "tls: what answers there speaks no TLS: is it an http:// address?".to_owned()
        }
        rustls::Error::InvalidCertificate(CertificateError::Other(other))
            if other.to_string().contains("CaUsedAsEndEntity") =>
        {
            "tls: the server's certificate is an authority's own (CA:TRUE), which no client takes for a server's; \
             insecure_skip_tls_verify takes any"
                .to_owned()
        }
        _ => format!("tls: {error}"),
    }
}

/// For `insecure_skip_tls_verify`: encrypts, and believes any certificate.
#[derive(Debug)]
struct TrustAnybody(Arc<CryptoProvider>);

impl ServerCertVerifier for TrustAnybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
