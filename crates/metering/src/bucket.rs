//! The kinds of token that are counted and priced apart.

use serde::{Deserialize, Serialize};

/// A kind of token. Buckets are disjoint: a token is counted in exactly one of them.
///
/// Vendors nest their counts (a prompt total that includes the cached part, an output total that includes the
/// reasoning); a usage here never does, so that a cost is a plain sum.
///
/// ```
/// use assize_metering::Bucket;
///
/// assert_eq!(Bucket::CacheWrite1h.key(), "cache_write_1h");
/// assert_eq!(Bucket::from_key("cache_write_1h"), Some(Bucket::CacheWrite1h));
/// assert!(Bucket::CacheRead.is_input() && !Bucket::OutputReasoning.is_input());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Bucket {
    /// Prompt text that was neither read from nor written to a cache.
    Input,
    /// Prompt tokens read from a cache.
    CacheRead,
    /// Prompt tokens written to a cache that lives for five minutes: a vendor's plain cache write.
    #[serde(rename = "cache_write_5m")]
    CacheWrite5m,
    /// Prompt tokens written to a cache that lives for an hour.
    #[serde(rename = "cache_write_1h")]
    CacheWrite1h,
    /// Prompt tokens written to a cache that lives for twelve hours.
    #[serde(rename = "cache_write_12h")]
    CacheWrite12h,
    /// Cache writes whose lifetime the vendor did not state, or that has no bucket of its own.
    CacheWriteOther,
    /// Audio in the prompt.
    InputAudio,
    /// Audio in the prompt that was read from a cache.
    CacheReadAudio,
    /// Images in the prompt, where the vendor counts them apart. Where it counts them as text they are
    /// [`Bucket::Input`].
    InputImage,
    /// Images in the prompt that were read from a cache.
    CacheReadImage,
    /// Video in the prompt, where the vendor counts it apart.
    InputVideo,
    /// Visible text of the reply.
    Output,
    /// Reasoning that was generated and billed but is not part of the visible reply.
    OutputReasoning,
    /// Audio in the reply.
    OutputAudio,
    /// Images in the reply.
    OutputImage,
}

impl Bucket {
    /// How many buckets there are.
    pub const COUNT: usize = 15;

    /// Every bucket, the input side first.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Input,
        Self::CacheRead,
        Self::CacheWrite5m,
        Self::CacheWrite1h,
        Self::CacheWrite12h,
        Self::CacheWriteOther,
        Self::InputAudio,
        Self::CacheReadAudio,
        Self::InputImage,
        Self::CacheReadImage,
        Self::InputVideo,
        Self::Output,
        Self::OutputReasoning,
        Self::OutputAudio,
        Self::OutputImage,
    ];

    /// The name in price files, in serialised usages and in reports.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::CacheRead => "cache_read",
            Self::CacheWrite5m => "cache_write_5m",
            Self::CacheWrite1h => "cache_write_1h",
            Self::CacheWrite12h => "cache_write_12h",
            Self::CacheWriteOther => "cache_write_other",
            Self::InputAudio => "input_audio",
            Self::CacheReadAudio => "cache_read_audio",
            Self::InputImage => "input_image",
            Self::CacheReadImage => "cache_read_image",
            Self::InputVideo => "input_video",
            Self::Output => "output",
            Self::OutputReasoning => "output_reasoning",
            Self::OutputAudio => "output_audio",
            Self::OutputImage => "output_image",
        }
    }

    /// The bucket with this [`key`](Self::key), if there is one.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bucket| bucket.key() == key)
    }

    /// Whether the bucket belongs to the prompt rather than to the reply.
    #[must_use]
    pub const fn is_input(self) -> bool {
        !matches!(self, Self::Output | Self::OutputReasoning | Self::OutputAudio | Self::OutputImage)
    }

    /// The position in [`Bucket::ALL`], in the range `0..Bucket::COUNT`.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_complete_and_in_order() {
        for (position, bucket) in Bucket::ALL.into_iter().enumerate() {
            assert_eq!(bucket.index(), position, "{bucket:?}");
            assert_eq!(Bucket::from_key(bucket.key()), Some(bucket));
            assert_eq!(serde_json::to_value(bucket).unwrap(), bucket.key());
        }
        assert_eq!(Bucket::from_key("outputs"), None);
    }
}
