//! What can go wrong between two connections, each with its phase, its name in `portcullis_faults_total`, and the kind of
//! error the caller is told.
//!
//! Every failure here is closed: the caller gets an error, never an uninspected answer.

use crate::provider::Fault;

/// One kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Failure {
    BadFraming(BadFraming),
    HeadTooLarge,
    HeadTimeout,
    UpgradeUnsupported,
    BadHandshake,
    BodyTooLarge,
    BodyTimeout,
    BodyBroken,
    JudgePanicked,
    ConnectFailed,
    ConnectTimeout,
    TlsFailed,
    UpstreamBroken,
    FirstByteTimeout,
    StreamBroken,
    IdleTimeout,
    TotalTimeout,
    ResponseTooLarge,
    Draining,
}

/// Request shapes two servers could read in two ways (request smuggling), refused before they are parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BadFraming {
    LengthAndTransferEncoding,
    RepeatedLength,
    InvalidLength,
    TransferEncoding,
    BareLf,
    BareCr,
    FoldedHeader,
    HeaderName,
    HostCount,
    HostValue,
    TargetUnlikeHost,
    RequestLine,
    Chunk,
}

impl BadFraming {
    /// What is wrong with the request and how to mend it.
    pub fn message(self) -> &'static str {
        match self {
            Self::LengthAndTransferEncoding => {
                "the request has both `content-length` and `transfer-encoding`; send one of them"
            }
            Self::RepeatedLength => "the request has more than one `content-length`; send it once",
            Self::InvalidLength => "the `content-length` is not a plain decimal number",
            Self::TransferEncoding => {
                "the `transfer-encoding` is not exactly `chunked`, or is not allowed in this HTTP version"
            }
            Self::BareLf => "a line of the request head ends in LF without CR; end lines in CR LF",
            Self::BareCr => "the request head has a CR that is not followed by LF; end lines in CR LF",
            Self::FoldedHeader => "a header is folded over several lines; put it on one line",
            Self::HeaderName => "a header line has no valid name before its colon",
            Self::HostCount => "the request must have exactly one `host` header",
            Self::HostValue => "the `host` header is not a host with an optional port",
            Self::TargetUnlikeHost => "the request target names another authority than the `host` header",
            Self::RequestLine => "the request line is not `METHOD TARGET HTTP/1.1`",
            Self::Chunk => "the chunked body is malformed",
        }
    }
}

impl Failure {
    /// Phase of the exchange, as in `portcullis_faults_total{phase}`.
    pub fn phase(self) -> &'static str {
        self.row().0
    }

    /// Name, as in `portcullis_faults_total{fault}`.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// The kind of error the provider's dialect is asked for.
    pub fn fault(self) -> Fault {
        self.row().2
    }

    /// Status where no dialect chooses one.
    pub fn status(self) -> u16 {
        self.row().3
    }

    /// What to tell the caller; never holds content of the exchange.
    pub fn message(self) -> &'static str {
        match self {
            Self::BadFraming(bad) => bad.message(),
            _ => self.row().4,
        }
    }

    fn row(self) -> (&'static str, &'static str, Fault, u16, &'static str) {
        match self {
            Self::BadFraming(_) => ("receive", "bad_framing", Fault::BadRequest, 400, ""),
            Self::HeadTooLarge => (
                "receive",
                "head_too_large",
                Fault::BadRequest,
                431,
                "the request head is larger than the gateway accepts",
            ),
            Self::HeadTimeout => {
                ("receive", "head_timeout", Fault::BadRequest, 408, "the request head took too long to arrive")
            }
            Self::UpgradeUnsupported => (
                "receive",
                "upgrade_unsupported",
                Fault::BadRequest,
                501,
                "the gateway carries no other protocol here; of upgrades it takes WebSocket alone, in HTTP/1.1, where the \
                 model provider offers it",
            ),
            Self::BadHandshake => (
                "receive",
                "bad_handshake",
                Fault::BadRequest,
                400,
                "the WebSocket handshake is not that of version 13: send GET without a body, a `sec-websocket-key` of 16 bytes \
                 in base64, and `sec-websocket-version: 13`",
            ),
            Self::BodyTooLarge => (
                "receive",
                "body_too_large",
                Fault::TooLarge,
                413,
                "the request body is larger than the gateway's `max_body`",
            ),
            Self::BodyTimeout => {
                ("receive", "body_timeout", Fault::BadRequest, 408, "the request body took too long to arrive")
            }
            Self::BodyBroken => {
                ("receive", "body_broken", Fault::BadRequest, 400, "the request body ended early or is malformed")
            }
            Self::JudgePanicked => (
                "decide",
                "panic",
                Fault::Unavailable,
                503,
                "the gateway failed while judging this exchange and refused it",
            ),
            Self::ConnectFailed => {
                ("forward", "connect_failed", Fault::Upstream, 502, "the upstream cannot be reached")
            }
            Self::ConnectTimeout => {
                ("forward", "connect_timeout", Fault::Timeout, 504, "connecting to the upstream took too long")
            }
            Self::TlsFailed => {
                ("forward", "tls_failed", Fault::Upstream, 502, "the TLS handshake with the upstream failed")
            }
            Self::UpstreamBroken => (
                "forward",
                "upstream_broken",
                Fault::Upstream,
                502,
                "the upstream closed the connection without a valid answer",
            ),
            Self::FirstByteTimeout => {
                ("forward", "first_byte_timeout", Fault::Timeout, 504, "the upstream did not begin its answer in time")
            }
            Self::StreamBroken => {
                ("stream", "upstream_reset", Fault::Upstream, 502, "the upstream broke off its answer")
            }
            Self::IdleTimeout => {
                ("stream", "idle_timeout", Fault::Timeout, 504, "the upstream sent nothing more of its answer in time")
            }
            Self::TotalTimeout => {
                ("stream", "total_timeout", Fault::Timeout, 504, "the exchange took longer than allowed")
            }
            Self::ResponseTooLarge => {
                ("stream", "response_too_large", Fault::Upstream, 502, "the answer is larger than the gateway inspects")
            }
            Self::Draining => {
                ("receive", "draining", Fault::Unavailable, 503, "the gateway is shutting down; send the request again")
            }
        }
    }
}
