//! Cohere's usage: `tokens` says what the model saw and made, `billed_units` what is paid. Only the latter counts where
//! it is stated; the cached part belongs to the former.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::reading::Reading;
use super::sides::{self, Side};
use crate::bucket::Bucket;
use crate::unit::Unit;

pub(super) fn read(usage: &Map<String, Value>, out: &mut Reading) {
    let mut fields = Fields::new(usage);
    let cached = fields.count("cached_tokens", &mut out.findings).map(|n| (n, fields.path("cached_tokens")));
    let mut seen = fields.object("tokens", &mut out.findings);
    let reasoning = seen.as_mut().and_then(|seen| seen.count("reasoning_tokens", &mut out.findings));
    if let Some(mut billed) = fields.object("billed_units", &mut out.findings) {
        out.count(Bucket::InputImage, &mut billed, "image_tokens");
        out.pieces(Unit::InputImage, &mut billed, "images");
        out.pieces(Unit::Query, &mut billed, "search_units");
        sides(&mut billed, None, reasoning, out);
        billed.rest(&mut out.findings);
        if let Some(seen) = &mut seen {
            seen.skip(&["input_tokens", "output_tokens"]);
        }
    } else if let Some(seen) = &mut seen {
        sides(seen, cached, reasoning, out);
    }
    if let Some(seen) = seen {
        seen.rest(&mut out.findings);
    }
    fields.rest(&mut out.findings);
}

fn sides(fields: &mut Fields<'_>, cached: Option<(u64, String)>, reasoning: Option<u64>, out: &mut Reading) {
    let prompt = Side::new(fields.main_count("input_tokens", &mut out.findings));
    sides::prompt(prompt, cached, Vec::new(), out);
    let Some(output) = fields.main_count("output_tokens", &mut out.findings) else { return };
    let mut reply = Side::new(Some(output));
    if let Some(tokens) = reasoning {
        // Of what is billed, no more can be reasoning than is billed: that is no contradiction, but two views.
        let taken = reply.take(tokens.min(output), "", &mut out.findings);
        out.add(Bucket::OutputReasoning, Some(taken));
    }
    out.add(Bucket::Output, reply.rest());
}
