//! Gemini's usage metadata, and the usage of its Interactions API.
//!
//! The prompt includes what was cached; what tools added to the prompt comes on top of it, and thoughts come on top of the
//! reply. Each of them may be broken down by modality; what a breakdown leaves over is text.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::finding::FindingKind;
use super::format::UsageFormat;
use super::reading::Reading;
use super::sides::{self, Modality, Side};
use crate::bucket::Bucket;
use crate::unit::Unit;

/// The names of one interface, the usual one of each first.
struct Names {
    prompt: [&'static str; 2],
    prompt_by: [&'static str; 3],
    cached: [&'static str; 2],
    cached_by: [&'static str; 2],
    reply: [&'static str; 3],
    reply_by: [&'static str; 3],
    thoughts: [&'static str; 2],
    tools: [&'static str; 2],
    tools_by: [&'static str; 2],
    total: [&'static str; 2],
    tokens: [&'static str; 2],
}

/// `generateContent`, its Live API, and the names that Google's Python library writes.
const GENERATE_CONTENT: Names = Names {
    prompt: ["promptTokenCount", "prompt_token_count"],
    prompt_by: ["promptTokensDetails", "promptTokenDetails", "prompt_tokens_details"],
    cached: ["cachedContentTokenCount", "cached_content_token_count"],
    cached_by: ["cacheTokensDetails", "cache_tokens_details"],
    reply: ["candidatesTokenCount", "responseTokenCount", "candidates_token_count"],
    reply_by: ["candidatesTokensDetails", "responseTokensDetails", "candidates_tokens_details"],
    thoughts: ["thoughtsTokenCount", "thoughts_token_count"],
    tools: ["toolUsePromptTokenCount", "tool_use_prompt_token_count"],
    tools_by: ["toolUsePromptTokensDetails", "tool_use_prompt_tokens_details"],
    total: ["totalTokenCount", "total_token_count"],
    tokens: ["tokenCount", "token_count"],
};

const INTERACTIONS: Names = Names {
    prompt: ["total_input_tokens", ""],
    prompt_by: ["input_tokens_by_modality", "", ""],
    cached: ["total_cached_tokens", ""],
    cached_by: ["cached_tokens_by_modality", ""],
    reply: ["total_output_tokens", "", ""],
    reply_by: ["output_tokens_by_modality", "", ""],
    thoughts: ["total_thought_tokens", ""],
    tools: ["total_tool_use_tokens", ""],
    tools_by: ["tool_use_tokens_by_modality", ""],
    total: ["total_tokens", ""],
    tokens: ["tokens", ""],
};

pub(super) fn read(format: UsageFormat, usage: &Map<String, Value>, out: &mut Reading) {
    let names = if format == UsageFormat::GeminiInteractions { &INTERACTIONS } else { &GENERATE_CONTENT };
    let mut fields = Fields::new(usage);
    let prompt = first(&mut fields, &names.prompt, out);
    let cached = first(&mut fields, &names.cached, out);
    let reply = first(&mut fields, &names.reply, out);
    let thoughts = first(&mut fields, &names.thoughts, out);
    let tools = first(&mut fields, &names.tools, out);
    let total = first(&mut fields, &names.total, out);
    let (has_input, has_output) =
        (prompt.is_some() || tools.is_some(), reply.is_some() || thoughts.is_some());

    let by_prompt = modalities(&mut fields, &names.prompt_by, names, out);
    let by_cache = modalities(&mut fields, &names.cached_by, names, out);
    // Where only the breakdown of the cached part is stated, it is its sum.
    let cached = cached.or_else(|| {
        let sum = by_cache.iter().fold(0, |sum: u64, (_, tokens, _)| sum.saturating_add(*tokens));
        by_cache.first().map(|(_, _, path)| (sum, path.clone()))
    });
    count_prompt(prompt.map(|(tokens, _)| tokens), cached, by_prompt, &by_cache, out);
    let by_tools = modalities(&mut fields, &names.tools_by, names, out);
    if let Some((tokens, _)) = tools {
        count_prompt(Some(tokens), None, by_tools, &[], out);
    }

    let mut side = Side::new(reply.map(|(tokens, _)| tokens));
    for (kind, tokens, path) in modalities(&mut fields, &names.reply_by, names, out) {
        let bucket = match kind {
            Kind::Audio => Bucket::OutputAudio,
            Kind::Image => Bucket::OutputImage,
            Kind::Text | Kind::Video => continue,
        };
        let taken = side.take(tokens, &path, &mut out.findings);
        out.add(bucket, Some(taken));
    }
    out.add(Bucket::Output, side.rest());
    out.add(Bucket::OutputReasoning, thoughts.map(|(tokens, _)| tokens));
    sides::settle_total(total, has_input, has_output, out);
    searches(&mut fields, out);
    fields.skip(&["raw_prompt_token"]); // what the engine saw with its own instructions; it is not billed
    fields.rest(&mut out.findings);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Audio,
    /// Documents are read as images of their pages.
    Image,
    Video,
}

fn count_prompt(
    total: Option<u64>,
    cached: Option<(u64, String)>,
    parts: Vec<(Kind, u64, String)>,
    of_cache: &[(Kind, u64, String)],
    out: &mut Reading,
) {
    let cached_of = |kind: Kind| {
        let mut same = of_cache.iter().filter(|(other, ..)| *other == kind).map(|(_, tokens, _)| *tokens);
        same.next().map(|tokens| same.fold(tokens, u64::saturating_add))
    };
    let mut merged: Vec<(Kind, Modality)> = Vec::new();
    for (kind, tokens, path) in parts {
        let (fresh, cached) = match kind {
            Kind::Text => continue,
            Kind::Audio => (Bucket::InputAudio, Bucket::CacheReadAudio),
            Kind::Image => (Bucket::InputImage, Bucket::CacheReadImage),
            Kind::Video => (Bucket::InputVideo, Bucket::CacheRead),
        };
        match merged.iter_mut().find(|(other, _)| *other == kind) {
            Some((_, same)) => same.tokens = same.tokens.saturating_add(tokens),
            None => merged.push((kind, Modality { fresh, cached, tokens, of_cache: cached_of(kind), path })),
        }
    }
    let modalities = merged.into_iter().map(|(_, modality)| modality).collect();
    sides::prompt(Side::new(total), cached, modalities, out);
}

fn first(fields: &mut Fields<'_>, names: &[&'static str], out: &mut Reading) -> Option<(u64, String)> {
    names.iter().filter(|name| !name.is_empty()).fold(None, |found, name| {
        let here = fields.count(name, &mut out.findings).map(|count| (count, fields.path(name)));
        found.or(here)
    })
}

/// A breakdown by modality, in the order of the vendor.
fn modalities(
    fields: &mut Fields<'_>,
    lists: &[&'static str],
    names: &Names,
    out: &mut Reading,
) -> Vec<(Kind, u64, String)> {
    let mut found = Vec::new();
    for list in lists.iter().filter(|list| !list.is_empty()) {
        for (position, entry) in fields.array(list, &mut out.findings).iter().enumerate() {
            let path = fields.path(&format!("{list}[{position}]"));
            let Value::Object(object) = entry else {
                out.findings.value(FindingKind::WrongType, &path, entry);
                continue;
            };
            let mut entry = Fields::below(object, format!("{path}."));
            let kind = entry.value("modality").map_or(Kind::Text, |word| modality(word, &path, out));
            if let Some((tokens, path)) = first(&mut entry, &names.tokens, out) {
                found.push((kind, tokens, path));
            }
            entry.rest(&mut out.findings);
        }
    }
    found
}

fn modality(word: &Value, path: &str, out: &mut Reading) -> Kind {
    let is = |name: &str| word.as_str().is_some_and(|word| word.eq_ignore_ascii_case(name));
    if is("AUDIO") {
        return Kind::Audio;
    }
    if is("IMAGE") || is("DOCUMENT") {
        return Kind::Image;
    }
    if is("VIDEO") {
        return Kind::Video;
    }
    if !is("TEXT") && !is("MODALITY_UNSPECIFIED") {
        out.findings.value(FindingKind::UnknownWord, &format!("{path}.modality"), word);
    }
    Kind::Text
}

/// The searches of an interaction.
fn searches(fields: &mut Fields<'_>, out: &mut Reading) {
    for (position, entry) in fields.array("grounding_tool_count", &mut out.findings).iter().enumerate() {
        let Value::Object(object) = entry else { continue };
        let path = fields.path(&format!("grounding_tool_count[{position}]."));
        let mut entry = Fields::below(object, path);
        let unit = match entry.text("type") {
            Some("google_search") => Unit::WebSearch,
            Some("google_maps") => Unit::MapsQuery,
            _ => continue,
        };
        out.pieces(unit, &mut entry, "count");
    }
}
