//! How a call was served, what it cost by the vendor's word, and what is billed by the piece.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::finding::{FindingKind, Findings};
use super::number;
use super::reading::Reading;
use crate::billing::{Geo, Mode};
use crate::bucket::Bucket;
use crate::unit::Unit;
use crate::usage::TokenUsage;
use crate::usd::Usd;
use crate::vendor_report::ApartUsage;

/// xAI counts money in ticks of 1e-10 USD.
const PICODOLLARS_PER_TICK: i128 = 100;

/// Reads what does not count tokens, in the usage object and in what stood around it.
pub(super) fn read(usage: &Map<String, Value>, around: &Map<String, Value>, out: &mut Reading) {
    for object in [around, usage] {
        let mut fields = Fields::new(object);
        tier(&mut fields, out);
        for name in ["server_tool_use", "server_tool_use_details"] {
            if let Some(mut tools) = fields.object(name, &mut out.findings) {
                let searches = tools.count("web_search_requests", &mut out.findings);
                out.add_unit(Unit::WebSearch, searches);
            }
        }
        if let Some(mut tools) = fields.object("tool_usage", &mut out.findings) {
            tool_usage(&mut tools, out);
        }
    }
    charged(&mut Fields::new(usage), out);
}

fn tier(fields: &mut Fields<'_>, out: &mut Reading) {
    for name in ["service_tier", "serviceTier", "trafficType", "traffic_type"] {
        let Some(word) = fields.value(name) else { continue };
        // Bedrock wraps the word in an object.
        let word = word.get("type").unwrap_or(word);
        let mode = match lower(word).as_deref() {
            // A caller's scale tier or provisioned throughput is paid for beforehand.
            Some(
                "standard"
                | "default"
                | "auto"
                | "on_demand"
                | "scale"
                | "reserved"
                | "provisioned"
                | "provisioned_throughput"
                | "traffic_type_unspecified"
                | "unspecified",
            ) => continue,
            Some("flex" | "on_demand_flex") => Mode::Flex,
            Some("priority" | "on_demand_priority" | "performance") => Mode::Priority,
            Some("batch") => Mode::Batch,
            Some("fast" | "ultrafast") => Mode::Fast,
            _ => {
                out.findings.value(FindingKind::UnknownWord, &fields.path(name), word);
                continue;
            }
        };
        out.billing.mode = mode;
    }
    if let Some(word) = fields.value("speed") {
        match lower(word).as_deref() {
            Some("fast") => out.billing.mode = Mode::Fast,
            Some("standard") => {}
            _ => out.findings.value(FindingKind::UnknownWord, &fields.path("speed"), word),
        }
    }
    if let Some(word) = fields.value("inference_geo") {
        match lower(word).as_deref() {
            Some("us") => out.billing.geo = Geo::Us,
            Some("eu") => out.billing.geo = Geo::Eu,
            Some("global" | "not_available") => {}
            _ => out.findings.value(FindingKind::UnknownWord, &fields.path("inference_geo"), word),
        }
    }
}

/// `OpenAI`'s `tool_usage`, beside the usage: searches by the piece, generated images by the tokens of another model.
fn tool_usage(tools: &mut Fields<'_>, out: &mut Reading) {
    if let Some(mut search) = tools.object("web_search", &mut out.findings) {
        out.pieces(Unit::WebSearch, &mut search, "num_requests");
    }
    let Some(mut images) = tools.object("image_gen", &mut out.findings) else { return };
    let count = |name, images: &mut Fields<'_>, f: &mut Findings| images.count(name, f).unwrap_or(0);
    let input = count("input_tokens", &mut images, &mut out.findings);
    let output = count("output_tokens", &mut images, &mut out.findings);
    if input == 0 && output == 0 {
        return;
    }
    let mut part = |name, total: u64, image: Bucket, text: Bucket, tokens: TokenUsage| {
        let details = images.object(name, &mut out.findings);
        let pictures =
            details.map_or(0, |mut details| count("image_tokens", &mut details, &mut out.findings));
        let pictures = pictures.min(total);
        tokens.with(image, pictures).with(text, total - pictures)
    };
    let tokens =
        part("input_tokens_details", input, Bucket::InputImage, Bucket::Input, TokenUsage::default());
    let tokens = part("output_tokens_details", output, Bucket::OutputImage, Bucket::Output, tokens);
    let part = ApartUsage { what: "image_gen".to_owned(), model: None, tokens };
    out.set_apart("tool_usage.image_gen", part);
}

fn charged(fields: &mut Fields<'_>, out: &mut Reading) {
    match fields.value("cost") {
        // Perplexity itemises, with a total.
        Some(Value::Object(items)) => out.charged = dollars(items.get("total_cost"), "cost.total_cost", out),
        cost => out.charged = dollars(cost, "cost", out),
    }
    if let Some(ticks) = fields.value("cost_in_usd_ticks") {
        match ticks.as_i64() {
            Some(ticks) => {
                out.charged = Some(Usd::from_picodollars(i128::from(ticks) * PICODOLLARS_PER_TICK));
            }
            None => out.findings.value(FindingKind::WrongType, "cost_in_usd_ticks", ticks),
        }
    }
    if fields.value("is_byok").and_then(Value::as_bool) == Some(true) {
        let upstream =
            fields.value("cost_details").and_then(|details| details.get("upstream_inference_cost"));
        out.upstream = dollars(upstream, "cost_details.upstream_inference_cost", out);
    }
}

fn dollars(value: Option<&Value>, path: &str, out: &mut Reading) -> Option<Usd> {
    let value = value.filter(|value| !value.is_null())?;
    let Some((amount, exact)) = number::dollars(value) else {
        out.findings.value(FindingKind::WrongType, path, value);
        return None;
    };
    if !exact {
        out.findings.value(FindingKind::Rounded, path, value);
    }
    Some(amount)
}

fn lower(word: &Value) -> Option<String> {
    const LONGEST: usize = 40;
    word.as_str().filter(|word| word.len() <= LONGEST).map(str::to_ascii_lowercase)
}
