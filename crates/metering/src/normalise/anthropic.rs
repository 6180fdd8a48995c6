//! Anthropic's usage object.
//!
//! `input_tokens` excludes what was read from or written to a cache; `output_tokens` includes the thinking. Where a call
//! took several generations, `iterations` lists them: the totals cover those of type `message` alone, a compaction or
//! the advice of another model is billed beside them
//! (<https://platform.claude.com/docs/en/build-with-claude/compaction>).

use serde_json::{Map, Value};

use super::fields::Fields;
use super::finding::FindingKind;
use super::reading::Reading;
use super::sides::{self, Side};
use crate::bucket::Bucket;
use crate::error::excerpt;
use crate::usage::TokenUsage;
use crate::vendor_report::ApartUsage;

pub(super) fn read(usage: &Map<String, Value>, out: &mut Reading) {
    let mut fields = Fields::new(usage);
    count(&mut fields, out);
    iterations(&mut fields, out);
    fields.skip(&["server_tool_use", "cost", "cost_details", "total_tokens"]);
    fields.rest(&mut out.findings);
}

/// Counts the tokens of a usage object or of one iteration in it.
fn count(fields: &mut Fields<'_>, out: &mut Reading) {
    out.main_count(Bucket::Input, fields, "input_tokens");
    out.count(Bucket::CacheRead, fields, "cache_read_input_tokens");
    let name = "cache_creation_input_tokens";
    let written = fields.count(name, &mut out.findings).map(|written| (written, fields.path(name)));
    let breakdown = fields.object("cache_creation", &mut out.findings);
    sides::cache_writes(written, breakdown, &mut Side::new(None), out);
    let mut side = Side::new(fields.main_count("output_tokens", &mut out.findings));
    if let Some(mut details) = fields.object("output_tokens_details", &mut out.findings) {
        if let Some(thinking) = details.count("thinking_tokens", &mut out.findings) {
            let taken = side.take(thinking, &details.path("thinking_tokens"), &mut out.findings);
            out.add(Bucket::OutputReasoning, Some(taken));
        }
        details.rest(&mut out.findings);
    }
    out.add(Bucket::Output, side.rest());
}

fn iterations(fields: &mut Fields<'_>, out: &mut Reading) {
    let mut messages = None;
    for (position, entry) in fields.array("iterations", &mut out.findings).iter().enumerate() {
        let path = fields.path(&format!("iterations[{position}]"));
        let Value::Object(entry) = entry else {
            out.findings.value(FindingKind::WrongType, &path, entry);
            continue;
        };
        let mut entry = Fields::below(entry, format!("{path}."));
        let what = entry.text("type").unwrap_or("message");
        let mut part = Reading::default();
        std::mem::swap(&mut part.findings, &mut out.findings);
        count(&mut entry, &mut part);
        std::mem::swap(&mut part.findings, &mut out.findings);
        if matches!(what, "compaction" | "advisor_message") {
            let model = entry.text("model").map(excerpt);
            out.set_apart(&path, ApartUsage { what: what.to_owned(), model, tokens: part.tokens });
        } else {
            messages.get_or_insert_with(TokenUsage::default).merge(&part.tokens);
        }
        entry.rest(&mut out.findings);
    }
    if let Some(sum) = messages {
        for (stated, summed) in
            [(out.tokens.total_input(), sum.total_input()), (out.tokens.total_output(), sum.total_output())]
        {
            if stated != summed {
                out.findings.count(FindingKind::BreakdownMismatch, "iterations", summed, stated);
            }
        }
    }
}
