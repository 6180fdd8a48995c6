//! The public encodings, and the counter of each.

use std::fmt;
use std::sync::LazyLock;

use assize_metering::TokenCounter;
use serde::{Deserialize, Serialize};

#[cfg(feature = "fast-tokens")]
use crate::fast::FastCounter;
use crate::linear::LinearCounter;

/// A public byte-pair encoding of OpenAI's.
///
/// [`O200k`](Self::O200k), [`Cl100k`](Self::Cl100k) and [`O200kHarmony`](Self::O200kHarmony) are counted in every build; the
/// others need the feature `fast-tokens`, which carries their vocabulary.
///
/// ```
/// use assize_metering::TokenCounter;
/// use assize_tokens::Encoding;
///
/// let counter = Encoding::O200k.counter().expect("every build has it");
/// assert_eq!(counter.name(), "o200k_base");
/// assert_eq!(counter.count("hello world"), 2);
/// // What looks like a special token is counted as the text that it is.
/// assert_eq!(counter.count("<|endoftext|>"), 7);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Encoding {
    /// `o200k_base`: gpt-4o and later, the o-series, gpt-5.
    #[serde(rename = "o200k_base")]
    O200k,
    /// `o200k_harmony`: gpt-oss. `o200k_base` with more special tokens; ordinary text counts alike.
    #[serde(rename = "o200k_harmony")]
    O200kHarmony,
    /// `cl100k_base`: gpt-4, gpt-3.5-turbo, the embeddings.
    #[serde(rename = "cl100k_base")]
    Cl100k,
    /// `p50k_base`: text-davinci-003 and its time.
    #[serde(rename = "p50k_base")]
    P50k,
    /// `p50k_edit`: the edit models. `p50k_base` with more special tokens; ordinary text counts alike.
    #[serde(rename = "p50k_edit")]
    P50kEdit,
    /// `r50k_base`, also called `gpt2`: the first models.
    #[serde(rename = "r50k_base", alias = "gpt2")]
    R50k,
    /// `deepseek_v3`: DeepSeek's V3 and V4. Needs the feature `open-weights`.
    #[serde(rename = "deepseek_v3")]
    DeepSeekV3,
    /// `mistral_v3`: Mistral's Tekken. Needs the feature `open-weights`.
    #[serde(rename = "mistral_v3")]
    MistralV3,
}

impl Encoding {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::O200k,
        Self::O200kHarmony,
        Self::Cl100k,
        Self::P50k,
        Self::P50kEdit,
        Self::R50k,
        Self::DeepSeekV3,
        Self::MistralV3,
    ];

    /// Its name, as tiktoken spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::O200k => "o200k_base",
            Self::O200kHarmony => "o200k_harmony",
            Self::Cl100k => "cl100k_base",
            Self::P50k => "p50k_base",
            Self::P50kEdit => "p50k_edit",
            Self::R50k => "r50k_base",
            Self::DeepSeekV3 => "deepseek_v3",
            Self::MistralV3 => "mistral_v3",
        }
    }

    /// The encoding of this name; `gpt2` is `r50k_base`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = if name == "gpt2" { "r50k_base" } else { name };
        Self::ALL.into_iter().find(|encoding| encoding.name() == name)
    }

    /// Its fastest exact counter, or `None` where this build carries no vocabulary for it (see the feature `fast-tokens`).
    ///
    /// The first call reads the vocabulary, which takes some 50 to 100 ms in a release build.
    #[must_use]
    pub fn counter(self) -> Option<&'static dyn TokenCounter> {
        #[cfg(feature = "fast-tokens")]
        return fast(self);
        #[cfg(not(feature = "fast-tokens"))]
        return self.linear();
    }

    /// Its counter that is linear in the worst case, or `None` where there is none: `p50k_base`, `p50k_edit`, `r50k_base`.
    #[must_use]
    pub fn linear(self) -> Option<&'static dyn TokenCounter> {
        linear_of(self).map(|counter| counter as &'static dyn TokenCounter)
    }
}

impl fmt::Display for Encoding {
    /// Its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The counter of `o200k_base`, which every build has.
#[must_use]
pub fn o200k() -> &'static dyn TokenCounter {
    #[cfg(feature = "fast-tokens")]
    return fast_o200k();
    #[cfg(not(feature = "fast-tokens"))]
    return &*O200K;
}

/// The counter of `cl100k_base`, which every build has.
#[must_use]
pub fn cl100k() -> &'static dyn TokenCounter {
    #[cfg(feature = "fast-tokens")]
    return fast_cl100k();
    #[cfg(not(feature = "fast-tokens"))]
    return &*CL100K;
}

static O200K: LazyLock<LinearCounter> =
    LazyLock::new(|| LinearCounter::new(Encoding::O200k, bpe_openai::o200k_base()));
static HARMONY: LazyLock<LinearCounter> =
    LazyLock::new(|| LinearCounter::new(Encoding::O200kHarmony, bpe_openai::o200k_base()));
static CL100K: LazyLock<LinearCounter> =
    LazyLock::new(|| LinearCounter::new(Encoding::Cl100k, bpe_openai::cl100k_base()));

pub(crate) fn linear_of(encoding: Encoding) -> Option<&'static LinearCounter> {
    match encoding {
        Encoding::O200k => Some(&O200K),
        Encoding::O200kHarmony => Some(&HARMONY),
        Encoding::Cl100k => Some(&CL100K),
        Encoding::P50k | Encoding::P50kEdit | Encoding::R50k | Encoding::DeepSeekV3 | Encoding::MistralV3 => {
            None
        }
    }
}

/// A function that gives the fast counter of an encoding over a vocabulary.
#[cfg(feature = "fast-tokens")]
macro_rules! fast_counter {
    ($function:ident, $encoding:expr, $vocabulary:literal) => {
        fn $function() -> &'static FastCounter {
            static COUNTER: LazyLock<FastCounter> = LazyLock::new(|| {
                FastCounter::new(
                    $encoding,
                    tiktoken::get_encoding($vocabulary).expect("the feature carries the vocabulary"),
                )
            });
            &COUNTER
        }
    };
}

#[cfg(feature = "fast-tokens")]
fast_counter!(fast_o200k, Encoding::O200k, "o200k_base");
#[cfg(feature = "fast-tokens")]
fast_counter!(fast_harmony, Encoding::O200kHarmony, "o200k_base");
#[cfg(feature = "fast-tokens")]
fast_counter!(fast_cl100k, Encoding::Cl100k, "cl100k_base");
#[cfg(feature = "fast-tokens")]
fast_counter!(fast_p50k, Encoding::P50k, "p50k_base");
#[cfg(feature = "fast-tokens")]
fast_counter!(fast_p50k_edit, Encoding::P50kEdit, "p50k_base");
#[cfg(feature = "fast-tokens")]
fast_counter!(fast_r50k, Encoding::R50k, "r50k_base");
#[cfg(feature = "open-weights")]
fast_counter!(fast_deepseek, Encoding::DeepSeekV3, "deepseek_v3");
#[cfg(feature = "open-weights")]
fast_counter!(fast_mistral, Encoding::MistralV3, "mistral_v3");

#[cfg(feature = "fast-tokens")]
fn fast(encoding: Encoding) -> Option<&'static dyn TokenCounter> {
    match encoding {
        Encoding::O200k => Some(fast_o200k()),
        Encoding::O200kHarmony => Some(fast_harmony()),
        Encoding::Cl100k => Some(fast_cl100k()),
        Encoding::P50k => Some(fast_p50k()),
        Encoding::P50kEdit => Some(fast_p50k_edit()),
        Encoding::R50k => Some(fast_r50k()),
        #[cfg(feature = "open-weights")]
        Encoding::DeepSeekV3 => Some(fast_deepseek()),
        #[cfg(feature = "open-weights")]
        Encoding::MistralV3 => Some(fast_mistral()),
        #[cfg(not(feature = "open-weights"))]
        Encoding::DeepSeekV3 | Encoding::MistralV3 => None,
    }
}
