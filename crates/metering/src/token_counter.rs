//! Counting tokens, exactly or with a stated error.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How firmly a count of tokens is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Exactness {
    /// What the model's own public encoding gives.
    Exact,
    /// An estimate: the true count is expected within so many parts in a thousand of it, 19 times in 20.
    Estimated {
        /// The bound, in parts in a thousand.
        per_mille: u32,
    },
}

impl fmt::Display for Exactness {
    /// `exact`, or `estimated ± 4.5 %`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Exact => f.write_str("exact"),
            Self::Estimated { per_mille } => {
                write!(f, "estimated ± {}", per_mille / 10)?;
                match per_mille % 10 {
                    0 => f.write_str(" %"),
                    tenth => write!(f, ".{tenth} %"),
                }
            }
        }
    }
}

/// Counts the tokens of texts for one model or encoding.
pub trait TokenCounter: fmt::Debug + Send + Sync {
    /// What it counts with: the encoding or the estimator, by name. Two counters of one name count alike, so that a count
    /// can be remembered under it.
    fn name(&self) -> &str;

    /// How firm its counts are.
    fn exactness(&self) -> Exactness;

    /// The tokens of a text, without any that a message or a prompt adds around it.
    fn count(&self, text: &str) -> u64;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_says_its_error() {
        for (exactness, words) in [
            (Exactness::Exact, "exact"),
            (Exactness::Estimated { per_mille: 50 }, "estimated ± 5 %"),
            (Exactness::Estimated { per_mille: 45 }, "estimated ± 4.5 %"),
            (Exactness::Estimated { per_mille: 0 }, "estimated ± 0 %"),
        ] {
            assert_eq!(exactness.to_string(), words);
        }
    }
}
