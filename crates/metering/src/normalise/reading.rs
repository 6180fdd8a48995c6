//! What has been read of a usage so far.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::fields::Fields;
use super::finding::{FindingKind, Findings};
use crate::billing::Billing;
use crate::bucket::Bucket;
use crate::unit::{Unit, Units};
use crate::usage::{TokenUsage, Usage};
use crate::usd::Usd;
use crate::vendor_report::{ApartUsage, VendorReport};

/// How many parts that are billed apart are kept.
const MOST_PARTS: usize = 64;
/// How large a raw report is kept: values and bytes of text together, and depth.
const RAW_SIZE: usize = 64 * 1024;
pub(super) const RAW_DEPTH: usize = 32;

/// What has been read of a usage so far.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) tokens: TokenUsage,
    pub(super) units: Units,
    pub(super) billing: Billing,
    pub(super) charged: Option<Usd>,
    pub(super) upstream: Option<Usd>,
    pub(super) findings: Findings,
    apart: Vec<ApartUsage>,
}

impl Reading {
    /// Adds tokens to a bucket; `None` leaves it as it is.
    pub(super) fn add(&mut self, bucket: Bucket, tokens: Option<u64>) {
        if let Some(tokens) = tokens {
            self.tokens.merge(&TokenUsage::default().with(bucket, tokens));
        }
    }

    /// Adds pieces of a unit; `None` leaves it as it is.
    pub(super) fn add_unit(&mut self, unit: Unit, pieces: Option<u64>) {
        if let Some(pieces) = pieces {
            self.units.merge(&Units::default().with(unit, pieces));
        }
    }

    /// Adds the count in a field to a bucket.
    pub(super) fn count(&mut self, bucket: Bucket, fields: &mut Fields<'_>, name: &'static str) {
        let tokens = fields.count(name, &mut self.findings);
        self.add(bucket, tokens);
    }

    /// The same of a main count, of which null is a finding.
    pub(super) fn main_count(&mut self, bucket: Bucket, fields: &mut Fields<'_>, name: &'static str) {
        let tokens = fields.main_count(name, &mut self.findings);
        self.add(bucket, tokens);
    }

    /// Adds the count in a field to a unit.
    pub(super) fn pieces(&mut self, unit: Unit, fields: &mut Fields<'_>, name: &'static str) {
        let pieces = fields.count(name, &mut self.findings);
        self.add_unit(unit, pieces);
    }

    /// Keeps a part that is billed beside the totals.
    pub(super) fn set_apart(&mut self, path: &str, part: ApartUsage) {
        if self.apart.len() < MOST_PARTS {
            self.apart.push(part);
            self.findings.plain(FindingKind::BilledApart, path);
        } else {
            self.findings.plain(FindingKind::TooMany, path);
        }
    }

    pub(super) fn finish(mut self, raw: &Map<String, Value>) -> Usage {
        if self.tokens.is_absent() && self.units.is_empty() && self.charged.is_none() {
            self.findings.plain(FindingKind::NoCounts, "");
        }
        let mut room = RAW_SIZE;
        let raw = if raw.iter().all(|(name, value)| fits(name.len(), value, RAW_DEPTH, &mut room)) {
            Value::Object(raw.clone())
        } else {
            self.findings.plain(FindingKind::RawTooLarge, "");
            Value::Null
        };
        let report = VendorReport {
            billing: self.billing,
            charged: self.charged,
            upstream: self.upstream,
            apart: self.apart,
            findings: self.findings.into_vec(),
            raw,
        };
        let mut usage = Usage::reported(self.tokens);
        usage.units = self.units;
        usage.report = Some(Arc::new(report));
        usage
    }
}

/// Whether a value fits into what room is left; it is measured no further than that.
pub(super) fn fits(name: usize, value: &Value, depth: usize, room: &mut usize) -> bool {
    const VALUE: usize = 8;
    let text = if let Value::String(text) = value { text.len() } else { 0 };
    let Some(left) = room.checked_sub(name.saturating_add(text).saturating_add(VALUE)) else {
        return false;
    };
    *room = left;
    match value {
        Value::Array(entries) => depth > 0 && entries.iter().all(|entry| fits(0, entry, depth - 1, room)),
        Value::Object(fields) => {
            depth > 0 && fields.iter().all(|(name, value)| fits(name.len(), value, depth - 1, room))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}
