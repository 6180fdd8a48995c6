//! `OpenAI`'s usage objects, and those of the many who follow them in their own way.
//!
//! Chat completions say `prompt_tokens` and `completion_tokens`, responses, images and transcriptions `input_tokens` and
//! `output_tokens`; the rest is alike. The prompt includes what was cached, the reply includes reasoning and rejected
//! predictions. Dialects that depart from that are told by the stated total, or by fields that only they have.

use serde_json::{Map, Value};

use super::fields::{Fields, Stated};
use super::format::UsageFormat;
use super::reading::Reading;
use super::sides::{self, Modality, Side};
use crate::bucket::Bucket;
use crate::unit::Unit;

pub(super) fn read(format: UsageFormat, usage: &Map<String, Value>, out: &mut Reading) {
    let mut fields = Fields::new(usage);
    let counts = Counts::read(format, &mut fields, out);
    let apart = Apart::of(&counts, &fields, format);
    let (input, output) = (counts.prompt.is_some(), counts.completion.is_some());
    let total = counts.total_with_what_stands_outside(&fields);

    count_prompt(counts.prompt, counts.details_in, counts.cached, &apart, &mut fields, out);
    count_completion(counts.completion, counts.details_out, counts.reasoning, &apart, out);
    // Perplexity bills the pages that it cites like a prompt.
    out.add(Bucket::Input, counts.citations);
    sides::settle_total(total, input, output, out);
    out.pieces(Unit::WebSearch, &mut fields, "num_search_queries");
    for name in ["seconds", "prompt_audio_seconds"] {
        out.pieces(Unit::InputAudioSecond, &mut fields, name);
    }
    fields.skip(&[
        "context_details",   // how full xAI's context is, not what is billed
        "num_cached_tokens", // Mistral's engine speaks; what it discounts is in `prompt_tokens_details`
        "cost",
        "cost_details",
        "prompt_cache_miss_tokens",
        "server_tool_use",
        "server_tool_use_details",
        "server_side_tool_usage_details",
    ]);
    fields.rest(&mut out.findings);
}

/// The counts as they stand, before anything is taken apart.
struct Counts<'a> {
    prompt: Option<u64>,
    completion: Option<u64>,
    total: Option<(u64, String)>,
    details_in: Option<Fields<'a>>,
    details_out: Option<Fields<'a>>,
    cached: Option<(u64, String)>,
    reasoning: Option<(u64, String)>,
    citations: Option<u64>,
}

impl<'a> Counts<'a> {
    fn read(format: UsageFormat, fields: &mut Fields<'a>, out: &mut Reading) -> Self {
        let f = &mut out.findings;
        let mut either = |chat, responses| {
            let (own, other) = match format {
                UsageFormat::OpenAiChat => (chat, responses),
                _ => (responses, chat),
            };
            let count = fields.main_count(own, f);
            let twin = fields.count(other, f);
            // Gateways that state both names leave the foreign one at zero.
            count.filter(|count| *count > 0).or(twin.filter(|twin| *twin > 0)).or(count).or(twin)
        };
        let prompt = either("prompt_tokens", "input_tokens");
        let completion = either("completion_tokens", "output_tokens");
        let total = fields.count("total_tokens", f).map(|total| (total, fields.path("total_tokens")));
        let names =
            ["prompt_tokens_details", "input_tokens_details", "input_token_details", "prompt_token_details"];
        let mut details_in = fields.first_object(&names, f);
        let names = ["completion_tokens_details", "output_tokens_details", "output_token_details"];
        let mut details_out = fields.first_object(&names, f);
        let cached = Stated::default()
            .or(Some(fields), "prompt_cache_hit_tokens", f)
            .or(details_in.as_mut(), "cached_tokens", f)
            .or(Some(fields), "cached_tokens", f)
            .or(Some(fields), "cache_read_input_tokens", f)
            .or(Some(fields), "cached_prompt_text_tokens", f)
            .agreed(f);
        let reasoning = Stated::default()
            .or(details_out.as_mut(), "reasoning_tokens", f)
            .or(details_out.as_mut(), "thinking_tokens", f)
            .or(Some(fields), "reasoning_tokens", f)
            .agreed(f);
        let citations = fields.count("citation_tokens", f);
        Self { prompt, completion, total, details_in, details_out, cached, reasoning, citations }
    }

    /// Perplexity counts neither reasoning nor citations in its reply, and bills both.
    fn is_perplexity(&self, fields: &Fields<'_>) -> bool {
        self.citations.is_some() || fields.has("num_search_queries") || fields.has("search_context_size")
    }

    fn sides(&self) -> u64 {
        self.prompt.unwrap_or(0).saturating_add(self.completion.unwrap_or(0))
    }

    /// The stated total; Perplexity's with the reasoning and the citations that it leaves out.
    fn total_with_what_stands_outside(&self, fields: &Fields<'_>) -> Option<(u64, String)> {
        let (total, path) = self.total.clone()?;
        if !self.is_perplexity(fields) || total != self.sides() {
            return Some((total, path));
        }
        let outside = tokens_of(self.reasoning.as_ref()).saturating_add(self.citations.unwrap_or(0));
        Some((total.saturating_add(outside), path))
    }
}

fn tokens_of(part: Option<&(u64, String)>) -> u64 {
    part.map_or(0, |(tokens, _)| *tokens)
}

/// Which parts stand beside the totals of their side rather than in them.
struct Apart {
    reasoning: bool,
    cached: bool,
    audio: bool,
}

impl Apart {
    /// A part stands apart where only so the total is met. Without a total, the dialect decides.
    fn of(counts: &Counts<'_>, fields: &Fields<'_>, format: UsageFormat) -> Self {
        let (reasoning, cached) = (tokens_of(counts.reasoning.as_ref()), tokens_of(counts.cached.as_ref()));
        let audio = counts.details_in.as_ref().map_or(0, |details| details.peek("audio_tokens"));
        let gap = match counts.total {
            Some((total, _)) if counts.prompt.is_some() && counts.completion.is_some() => {
                total.checked_sub(counts.sides()).filter(|gap| *gap > 0)
            }
            _ => None,
        };
        let meets = |tokens: u64| gap == Some(tokens);
        // xAI's chat, where its total is missing. Its responses count as `OpenAI` does.
        let xai = ["num_sources_used", "cost_in_usd_ticks", "cached_prompt_text_tokens"];
        let untotalled_xai = counts.total.is_none()
            && format == UsageFormat::OpenAiChat
            && xai.iter().any(|name| fields.has(name));
        let one = meets(reasoning) || meets(audio) || meets(cached);
        let both = !one && meets(reasoning.saturating_add(audio));
        Self {
            reasoning: counts.is_perplexity(fields) || untotalled_xai || meets(reasoning) || both,
            audio: (meets(audio) && !meets(reasoning)) || both,
            cached: meets(cached) && !meets(reasoning) && !meets(audio),
        }
    }
}

fn count_prompt(
    prompt: Option<u64>,
    details: Option<Fields<'_>>,
    mut cached: Option<(u64, String)>,
    apart: &Apart,
    fields: &mut Fields<'_>,
    out: &mut Reading,
) {
    let mut side = Side::new(prompt);
    let mut details = details;
    let mut modalities = Vec::new();
    let mut written = Stated::default();
    if let Some(details) = &mut details {
        let f = &mut out.findings;
        written =
            written.or(Some(details), "cache_write_tokens", f).or(Some(details), "cache_creation_tokens", f);
        let mut of_cache = details.object("cached_tokens_details", f);
        for (name, fresh, cache) in [
            ("audio_tokens", Bucket::InputAudio, Bucket::CacheReadAudio),
            ("image_tokens", Bucket::InputImage, Bucket::CacheReadImage),
            ("video_tokens", Bucket::InputVideo, Bucket::CacheRead),
        ] {
            let Some(tokens) = details.count(name, f) else { continue };
            let path = details.path(name);
            let of_cache = of_cache.as_mut().and_then(|cached| cached.count(name, f));
            if apart.audio && fresh == Bucket::InputAudio {
                out.tokens = out.tokens.with(fresh, tokens);
            } else {
                modalities.push(Modality { fresh, cached: cache, tokens, of_cache, path });
            }
        }
        details.skip(&["text_tokens"]);
        if let Some(mut of_cache) = of_cache {
            of_cache.skip(&["text_tokens"]);
            of_cache.rest(f);
        }
    }
    if apart.cached {
        out.add(Bucket::CacheRead, cached.take().map(|(tokens, _)| tokens));
    }
    let f = &mut out.findings;
    let written = written.or(Some(fields), "cache_creation_input_tokens", f).agreed(f);
    let breakdown = fields.object("cache_creation", f);
    sides::cache_writes(written, breakdown, &mut side, out);
    sides::prompt(side, cached, modalities, out);
    if let Some(details) = details {
        details.rest(&mut out.findings);
    }
}

fn count_completion(
    completion: Option<u64>,
    details: Option<Fields<'_>>,
    reasoning: Option<(u64, String)>,
    apart: &Apart,
    out: &mut Reading,
) {
    let mut side = Side::new(completion);
    if let Some(mut details) = details {
        for (name, bucket) in [("audio_tokens", Bucket::OutputAudio), ("image_tokens", Bucket::OutputImage)] {
            if let Some(tokens) = details.count(name, &mut out.findings) {
                let taken = side.take(tokens, &details.path(name), &mut out.findings);
                out.add(bucket, Some(taken));
            }
        }
        // Predictions, accepted or rejected, are billed as output like the rest of the reply.
        details.skip(&[
            "text_tokens",
            "accepted_prediction_tokens",
            "rejected_prediction_tokens",
            "tool_output_tokens",
        ]);
        details.rest(&mut out.findings);
    }
    if let Some((tokens, path)) = reasoning {
        let taken = if apart.reasoning { tokens } else { side.take(tokens, &path, &mut out.findings) };
        out.add(Bucket::OutputReasoning, Some(taken));
    }
    out.add(Bucket::Output, side.rest());
}
