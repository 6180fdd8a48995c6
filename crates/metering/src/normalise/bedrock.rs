//! The usage of Bedrock's Converse API: `inputTokens` excludes what was read from or written to a cache, the total
//! includes it.

use serde_json::{Map, Value};

use super::fields::{Fields, Stated};
use super::reading::Reading;
use super::sides::{self, Side};
use crate::bucket::Bucket;

pub(super) fn read(usage: &Map<String, Value>, out: &mut Reading) {
    let mut fields = Fields::new(usage);
    let f = &mut out.findings;
    let input = fields.main_count("inputTokens", f);
    let output = fields.main_count("outputTokens", f);
    let total = fields.count("totalTokens", f).map(|total| (total, fields.path("totalTokens")));
    let read = Stated::default()
        .or(Some(&mut fields), "cacheReadInputTokens", f)
        .or(Some(&mut fields), "cacheReadInputTokenCount", f)
        .agreed(f);
    let written = Stated::default()
        .or(Some(&mut fields), "cacheWriteInputTokens", f)
        .or(Some(&mut fields), "cacheWriteInputTokenCount", f)
        .agreed(f);
    let mut parts = Vec::new();
    for (position, entry) in fields.array("cacheDetails", f).iter().enumerate() {
        let Value::Object(object) = entry else { continue };
        let mut entry = Fields::below(object, fields.path(&format!("cacheDetails[{position}].")));
        let bucket = match entry.text("ttl") {
            Some("5m") => Bucket::CacheWrite5m,
            Some("1h") => Bucket::CacheWrite1h,
            _ => Bucket::CacheWriteOther,
        };
        if let Some(tokens) = entry.count("inputTokens", f) {
            parts.push((bucket, tokens, entry.path("inputTokens")));
        }
        entry.rest(f);
    }
    out.add(Bucket::Input, input);
    out.add(Bucket::CacheRead, read.map(|(tokens, _)| tokens));
    sides::count_writes(written, parts, &mut Side::new(None), out);
    out.add(Bucket::Output, output);
    sides::settle_total(total, input.is_some(), output.is_some(), out);
    fields.rest(&mut out.findings);
}
