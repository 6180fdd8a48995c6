//! A faster counter, kept from texts on which it is slow.
//!
//! The crate `tiktoken` counts ordinary text several times as fast as the default counter, but its time grows faster than
//! linearly within one piece. So a text is handed to it in parts of at most [`PART`] bytes that end at a cut
//! (see [`crate::cut`]), where the parts' counts add up. A run that has no cut in so many bytes goes to the linear counter as a
//! whole, where its encoding has one; p50k and r50k have none and take n log n there.

use std::fmt;

use assize_metering::{Exactness, TokenCounter};
use tiktoken::CoreBpe;

use crate::cut::{first_cut, last_cut};
use crate::encoding::{Encoding, linear_of};

/// The longest part, in bytes, that is counted at once.
pub(crate) const PART: usize = 8 << 10;

pub(crate) struct FastCounter {
    encoding: Encoding,
    tokenizer: &'static CoreBpe,
}

impl FastCounter {
    pub(crate) fn new(encoding: Encoding, tokenizer: &'static CoreBpe) -> Self {
        Self { encoding, tokenizer }
    }

    fn count_run(&self, run: &str) -> u64 {
        linear_of(self.encoding).map_or_else(|| self.tokenizer.count(run) as u64, |linear| linear.count(run))
    }
}

impl TokenCounter for FastCounter {
    fn name(&self) -> &str {
        self.encoding.name()
    }

    fn exactness(&self) -> Exactness {
        Exactness::Exact
    }

    fn count(&self, text: &str) -> u64 {
        let (mut rest, mut total) = (text, 0);
        while rest.len() > PART {
            let window = rest.floor_char_boundary(PART);
            if let Some(cut) = last_cut(&rest[..window]) {
                total += self.tokenizer.count(&rest[..cut]) as u64;
                rest = &rest[cut..];
                continue;
            }
            // The last character of the window stays, so that the place behind it is looked at too.
            let last = rest[..window].char_indices().next_back().map_or(0, |(at, _)| at);
            let end = first_cut(&rest[last..]).map_or(rest.len(), |cut| last + cut);
            total += self.count_run(&rest[..end]);
            rest = &rest[end..];
        }
        total + self.tokenizer.count(rest) as u64
    }
}

impl fmt::Debug for FastCounter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FastCounter").field(&self.encoding).finish()
    }
}
