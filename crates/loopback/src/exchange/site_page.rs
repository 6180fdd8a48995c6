//! What sites say instead of an answer, and how it goes out.

use std::time::Duration;

use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE, header::RETRY_AFTER};

use super::{Site, desk::Asked};
use crate::{Body, body::Part};

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";
const XML: &str = "application/xml";

const SLOW_DOWN: &str =
    "Please limit requests to one every 5 seconds or contact the operator for larger queries.\n";

const SEC_BLOCK: &str = "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \
    \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n<html xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n\
    <title>SEC.gov | Request Rate Threshold Exceeded</title>\n</head>\n\n<body>\n<div id=\"content\">\n\
    <h1>You\u{2019}ve Exceeded the SEC\u{2019}s Traffic Limit</h1>\n<p>Your request rate has exceeded the SEC\u{2019}s maximum \
    allowable requests per second. Your access to SEC.gov will be limited for 10 minutes.</p>\n\
    <p>Reference ID: 0.00000000.0000000000.00000000</p>\n</div>\n</body>\n</html>\n";

/// An answer, ready to go out.
#[derive(Debug)]
pub(super) struct Page {
    status: StatusCode,
    content_type: &'static str,
    retry_after: Option<u64>,
    /// For how long its words ask to be left alone.
    said: Option<Duration>,
    text: String,
}

impl Page {
    pub(super) fn new(status: u16, content_type: &'static str, text: String) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        Self { status, content_type, retry_after: None, said: None, text }
    }

    pub(super) fn unknown_host() -> Self {
        Self::new(404, "text/plain", "no site of this name is played here\n".to_owned())
    }

    pub(super) fn over_limit(site: Site, wait: Duration) -> Self {
        match site {
            Site::Sec => Self::sec_block(),
            // Of this one the words come with either status.
            Site::Gdelt => Self { status: StatusCode::TOO_MANY_REQUESTS, ..Self::gdelt_text() },
            _ => Self::throttled(site, Some(wait)),
        }
    }

    /// 429; the time that it tells is in whole seconds, rounded up.
    pub(super) fn throttled(site: Site, wait: Option<Duration>) -> Self {
        let (content_type, text) = match site {
            Site::Yahoo => ("text/plain", "Too Many Requests\r\n"),
            Site::StockTwits => (
                JSON,
                r#"{"response":{"status":429},"errors":[{"message":"Rate limit exceeded. Client may not make more than 200 requests an hour."}]}"#,
            ),
            Site::Wikimedia => (JSON, r#"{"type":"about:blank","title":"Too Many Requests","status":429}"#),
            Site::HackerNews => (JSON, r#"{"message":"Too Many Requests","status":429}"#),
            _ => (HTML, "<html><head><title>429 Too Many Requests</title></head><body></body></html>"),
        };
        let seconds = wait.map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        Self { retry_after: seconds, ..Self::new(429, content_type, text.to_owned()) }
    }

    pub(super) fn down() -> Self {
        let text = "<html><head><title>503 Service Unavailable</title></head><body></body></html>";
        Self::new(503, HTML, text.to_owned())
    }

    pub(super) fn sec_block() -> Self {
        let said = Some(Duration::from_secs(600));
        Self { said, ..Self::new(429, HTML, SEC_BLOCK.to_owned()) }
    }

    pub(super) fn gdelt_text() -> Self {
        let said = Some(Duration::from_secs(5));
        Self { said, ..Self::new(200, JSON, SLOW_DOWN.to_owned()) }
    }

    pub(super) fn gdelt_empty() -> Self {
        Self::new(200, JSON, "{}".to_owned())
    }

    /// What each site says of what it does not have.
    pub(super) fn missing(asked: &Asked) -> Self {
        let key = super::wire::escaped(&asked.path.join("/"));
        match asked.site {
            Site::Sec => {
                let text = format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key \
                     does not exist.</Message><Key>{key}</Key><RequestId>0</RequestId></Error>"
                );
                Self::new(404, XML, text)
            }
            Site::Cboe | Site::Finra => {
                let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>\
                            <Message>Access Denied</Message><RequestId>0</RequestId></Error>";
                Self::new(403, XML, text.to_owned())
            }
            Site::Wikimedia => {
                let text = r#"{"type":"about:blank","title":"Not found.","method":"get","status":404,"detail":"The date(s) you used are valid, but we either do not have data for those date(s), or the project you asked for is not loaded yet."}"#;
                Self::new(404, "application/problem+json", text.to_owned())
            }
            Site::StockTwits => {
                let text = r#"{"response":{"status":404},"errors":[{"message":"Symbol not found"}]}"#;
                Self::new(404, JSON, text.to_owned())
            }
            Site::Yahoo => {
                let text = r#"{"optionChain":{"result":[],"error":null}}"#;
                Self::new(404, JSON, text.to_owned())
            }
            _ => Self::new(
                404,
                HTML,
                "<html><head><title>404 Not Found</title></head><body></body></html>".to_owned(),
            ),
        }
    }

    pub(super) fn is_missing(&self) -> bool {
        matches!(self.status.as_u16(), 403 | 404)
    }

    /// For how long it asks to be left alone, by a header or in words.
    pub(super) fn wait(&self) -> Option<Duration> {
        self.retry_after.map(Duration::from_secs).or(self.said)
    }

    pub(super) fn response(self) -> Response<Body> {
        let body = Body::at_once(self.text);
        Self::headed(self.status, self.content_type, self.retry_after, body)
    }

    /// The same, whose body breaks off in its middle, though its length was announced.
    pub(super) fn cut(self) -> Response<Body> {
        let length = self.text.len() as u64;
        let mut text = self.text.into_bytes();
        text.truncate(text.len() / 2);
        let part = Part { at: Duration::ZERO, bytes: text.into(), generated: 0, whole: false };
        let body = Body::of(Box::new(std::iter::once(part))).with_length(length).broken_off();
        Self::headed(self.status, self.content_type, self.retry_after, body)
    }

    fn headed(
        status: StatusCode,
        content_type: &'static str,
        retry_after: Option<u64>,
        body: Body,
    ) -> Response<Body> {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}
