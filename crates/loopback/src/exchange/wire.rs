//! The formats of the sites.

pub(super) mod chain;
pub(super) mod chart;
pub(super) mod economy;
pub(super) mod facts;
pub(super) mod filings;
pub(super) mod form4;
pub(super) mod news;
pub(super) mod pageviews;
pub(super) mod talk;

/// Text for the inside of XML, or of an attribute.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
