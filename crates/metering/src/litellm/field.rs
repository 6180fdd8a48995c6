//! The price fields of the map: what their names mean.

use crate::billing::{Geo, Mode};
use crate::bucket::Bucket;
use crate::unit::Unit;

/// What a field of an entry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// A rate in USD per token, for prompts above so many tokens or of any length.
    Rate { bucket: Bucket, mode: Mode, above: Option<u64> },
    /// A price in USD per piece.
    Piece(Unit, Mode),
    /// A factor on the cost of all tokens.
    Geo(Geo),
    /// `tiered_pricing`: tables of rates by the length of the prompt.
    TieredPricing,
    /// `off_peak_pricing`: rates and their hours.
    OffPeak,
    /// `provider_specific_entry`: factors by place and speed.
    ProviderSpecific,
    /// `search_context_cost_per_query`: prices of a web search by size.
    SearchContext,
    /// `litellm_provider`.
    Provider,
    /// `max_input_tokens`.
    MaxInputTokens,
    /// `max_output_tokens`.
    MaxOutputTokens,
    /// `deprecation_date`.
    DeprecationDate,
    /// `input_cost_per_token_cache_hit`: an older name of the cache read, beside which it stands.
    CacheHit,
    /// Money that this crate has no place for.
    OtherMoney,
    /// No money.
    Fact,
}

impl Field {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "tiered_pricing" => Self::TieredPricing,
            "off_peak_pricing" => Self::OffPeak,
            "provider_specific_entry" => Self::ProviderSpecific,
            "search_context_cost_per_query" => Self::SearchContext,
            "litellm_provider" => Self::Provider,
            "max_input_tokens" => Self::MaxInputTokens,
            "max_output_tokens" => Self::MaxOutputTokens,
            "deprecation_date" => Self::DeprecationDate,
            "input_cost_per_token_cache_hit" => Self::CacheHit,
            "regional_processing_uplift_multiplier_us" => Self::Geo(Geo::Us),
            "regional_processing_uplift_multiplier_eu" => Self::Geo(Geo::Eu),
            "regional_endpoint_uplift_multiplier" => Self::Geo(Geo::Regional),
            _ => rate(name).or_else(|| piece(name)).unwrap_or_else(|| other(name)),
        }
    }
}

/// The bucket of a rate's name without threshold and mode, as it also stands in tables of tiers and off-peak hours.
pub(super) fn bucket(name: &str) -> Option<Bucket> {
    Some(match name {
        "input_cost_per_token" => Bucket::Input,
        "output_cost_per_token" => Bucket::Output,
        "output_cost_per_reasoning_token" => Bucket::OutputReasoning,
        "cache_read_input_token_cost" => Bucket::CacheRead,
        "cache_creation_input_token_cost" => Bucket::CacheWrite5m,
        "cache_creation_input_token_cost_above_1hr" => Bucket::CacheWrite1h,
        "cache_creation_input_token_cost_above_12hr" => Bucket::CacheWrite12h,
        "input_cost_per_audio_token" => Bucket::InputAudio,
        "cache_read_input_audio_token_cost" => Bucket::CacheReadAudio,
        "input_cost_per_image_token" => Bucket::InputImage,
        "cache_read_input_image_token_cost" => Bucket::CacheReadImage,
        "input_cost_per_video_token" => Bucket::InputVideo,
        "output_cost_per_audio_token" => Bucket::OutputAudio,
        "output_cost_per_image_token" => Bucket::OutputImage,
        _ => return None,
    })
}

/// `input_cost_per_token_above_200k_tokens_priority`: the bucket, then a threshold, then a mode.
fn rate(name: &str) -> Option<Field> {
    let (name, mode) = split_mode(name);
    if let Some(bucket) = bucket(name) {
        return Some(Field::Rate { bucket, mode, above: None });
    }
    let (name, threshold) = name.strip_suffix("_tokens")?.rsplit_once("_above_")?;
    let (digits, unit) = match threshold.strip_suffix('k') {
        Some(thousands) => (thousands, 1_000),
        None => (threshold, 1),
    };
    let is_count = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let above = digits.parse::<u64>().ok().filter(|_| is_count)?.checked_mul(unit)?;
    Some(Field::Rate { bucket: bucket(name)?, mode, above: Some(above) })
}

fn piece(name: &str) -> Option<Field> {
    let (name, mode) = split_mode(name);
    let unit = match name {
        "input_cost_per_request" => Unit::Request,
        "google_maps_grounding_cost_per_query" => Unit::MapsQuery,
        "code_interpreter_cost_per_session" => Unit::CodeSession,
        "input_cost_per_image" => Unit::InputImage,
        "output_cost_per_image" => Unit::OutputImage,
        "input_cost_per_character" => Unit::InputCharacter,
        "output_cost_per_character" => Unit::OutputCharacter,
        "input_cost_per_audio_per_second" => Unit::InputAudioSecond,
        "input_cost_per_video_per_second" => Unit::InputVideoSecond,
        "input_cost_per_second" => Unit::InputSecond,
        "output_cost_per_second" => Unit::OutputSecond,
        "ocr_cost_per_page" => Unit::Page,
        "input_cost_per_query" => Unit::Query,
        _ => return None,
    };
    Some(Field::Piece(unit, mode))
}

fn split_mode(name: &str) -> (&str, Mode) {
    [
        ("_batches", Mode::Batch),
        ("_priority", Mode::Priority),
        ("_flex", Mode::Flex),
        ("_ultrafast", Mode::Fast),
    ]
    .into_iter()
    .find_map(|(suffix, mode)| Some((name.strip_suffix(suffix)?, mode)))
    .unwrap_or((name, Mode::Standard))
}

/// A name that speaks of money must not pass unseen.
fn other(name: &str) -> Field {
    let money = ["cost", "price", "pricing", "multiplier", "uplift", "free_requests", "billing"];
    if money.iter().any(|word| name.contains(word)) { Field::OtherMoney } else { Field::Fact }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let rate = |bucket, mode, above| Field::Rate { bucket, mode, above };
        for (name, field) in [
            ("input_cost_per_token", rate(Bucket::Input, Mode::Standard, None)),
            ("output_cost_per_token_batches", rate(Bucket::Output, Mode::Batch, None)),
            ("input_cost_per_token_above_200k_tokens", rate(Bucket::Input, Mode::Standard, Some(200_000))),
            ("input_cost_per_token_above_500_tokens", rate(Bucket::Input, Mode::Standard, Some(500))),
            (
                "cache_creation_input_token_cost_above_1hr_above_200k_tokens",
                rate(Bucket::CacheWrite1h, Mode::Standard, Some(200_000)),
            ),
            (
                "cache_creation_input_token_cost_above_12hr_above_272k_tokens_ultrafast",
                rate(Bucket::CacheWrite12h, Mode::Fast, Some(272_000)),
            ),
            ("cache_creation_input_token_cost_above_1hr", rate(Bucket::CacheWrite1h, Mode::Standard, None)),
            ("cache_read_input_audio_token_cost_flex", rate(Bucket::CacheReadAudio, Mode::Flex, None)),
            ("output_cost_per_image", Field::Piece(Unit::OutputImage, Mode::Standard)),
            ("ocr_cost_per_page_batches", Field::Piece(Unit::Page, Mode::Batch)),
            ("regional_endpoint_uplift_multiplier", Field::Geo(Geo::Regional)),
            ("input_cost_per_token_balanced", Field::OtherMoney),
            ("input_cost_per_token_above_k_tokens", Field::OtherMoney),
            ("input_cost_per_token_above_99999999999999999999k_tokens", Field::OtherMoney),
            ("output_cost_per_second_1080p", Field::OtherMoney),
            ("search_free_requests", Field::OtherMoney),
            ("supports_vision", Field::Fact),
            ("max_tokens", Field::Fact),
            ("", Field::Fact),
        ] {
            assert_eq!(Field::of(name), field, "{name}");
        }
    }
}
