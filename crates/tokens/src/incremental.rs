//! Counting a text while it arrives.

use assize_metering::{Exactness, TokenCounter};
use bpe_openai::appendable_encoder::AppendableEncoder;

use crate::cut::{is_cut, last_cut};
use crate::encoding::{Encoding, linear_of};
use crate::single_piece::SinglePiece;

/// From how many bytes on an estimator's open text is settled: rarely, so that what it rounds does not add up.
const ESTIMATED_PART: usize = 4 << 10;

/// Counts a text that arrives in chunks, cut anywhere between two characters.
///
/// With the counter of an [`Encoding`] the count so far is exact at any moment: what counting the whole text gives. Settled is
/// what stands before the last place where a cut changes nothing; the rest is kept and counted when asked. Appending is linear
/// in what is appended. Asking costs the open rest, in ordinary text the last word; while that is one piece (a run of cased
/// letters, of punctuation …) only what came since the last question, so that 200 kB of one letter, asked about after each,
/// are linear too. Asking about an open rest of mixed kinds (Thai, emoji) costs its length.
///
/// With an estimator the count is the sum of its counts of parts of some 4 KiB.
///
/// ```
/// use assize_tokens::{Encoding, IncrementalCounter};
///
/// let mut counter = IncrementalCounter::exact(Encoding::O200k).expect("every build has it");
/// for chunk in ["I'", "ll wa", "it here", ".\n", "\n", " ok"] {
///     counter.append(chunk);
/// }
/// let whole = Encoding::O200k.counter().expect("every build has it").count("I'll wait here.\n\n ok");
/// assert_eq!(counter.count(), whole);
/// ```
#[derive(Debug)]
pub struct IncrementalCounter<'c> {
    counter: &'c dyn TokenCounter,
    settled: u64,
    /// What no cut has closed yet.
    open: String,
    counted: Counted,
    /// Of the encodings whose vocabulary lets a piece grow.
    growing: Option<Growing>,
    exact: bool,
}

/// What is known of the open rest.
#[derive(Debug, Clone, Copy)]
enum Counted {
    No,
    Yes(u64),
}

/// The open rest as one growing piece.
struct Growing {
    encoding: Encoding,
    piece: SinglePiece,
    encoder: AppendableEncoder<'static>,
}

impl IncrementalCounter<'static> {
    /// An exact counter, or `None` where this build carries no vocabulary for the encoding.
    #[must_use]
    pub fn exact(encoding: Encoding) -> Option<Self> {
        let mut counter = Self::over(encoding.counter()?);
        counter.exact = true;
        counter.growing = linear_of(encoding).map(|linear| Growing {
            encoding,
            piece: SinglePiece::new(encoding),
            encoder: AppendableEncoder::new(linear.bytes()),
        });
        Some(counter)
    }
}

impl<'c> IncrementalCounter<'c> {
    /// Counts with any counter, in parts: an estimate, unless the counter is additive. For encodings use
    /// [`exact`](IncrementalCounter::exact).
    #[must_use]
    pub fn over(counter: &'c dyn TokenCounter) -> Self {
        Self {
            counter,
            settled: 0,
            open: String::new(),
            counted: Counted::Yes(0),
            growing: None,
            exact: false,
        }
    }

    /// Appends a chunk.
    pub fn append(&mut self, chunk: &str) {
        if chunk.is_empty() {
            return;
        }
        self.counted = Counted::No;
        match self.last_cut_with(chunk) {
            Some(cut) => {
                self.open.push_str(&chunk[..cut]);
                self.settled += self.counter.count(&self.open);
                self.open.clear();
                self.open.push_str(&chunk[cut..]);
                if let Some(growing) = &mut self.growing {
                    growing.clear();
                }
            }
            None => self.open.push_str(chunk),
        }
    }

    /// The tokens of all that was appended.
    pub fn count(&mut self) -> u64 {
        let open = match self.counted {
            Counted::Yes(count) => count,
            Counted::No => self
                .growing
                .as_mut()
                .and_then(|growing| growing.count(&self.open))
                .unwrap_or_else(|| self.counter.count(&self.open)),
        };
        self.counted = Counted::Yes(open);
        self.settled.saturating_add(open)
    }

    /// How firm the count is.
    #[must_use]
    pub fn exactness(&self) -> Exactness {
        match self.counter.exactness() {
            // An unknown counter's parts need not add up; a token at each end of each part is the most that they gain.
            Exactness::Exact if !self.exact => Exactness::Estimated { per_mille: 2 },
            firm => firm,
        }
    }

    /// The last cut inside the chunk (0: right before it), given what is open.
    fn last_cut_with(&self, chunk: &str) -> Option<usize> {
        if !self.exact && self.open.len() + chunk.len() < ESTIMATED_PART {
            return None;
        }
        last_cut(chunk).or_else(|| {
            let (x, y) = (self.open.chars().next_back()?, chunk.chars().next()?);
            is_cut(x, y).then_some(0)
        })
    }
}

impl Growing {
    fn clear(&mut self) {
        self.piece = SinglePiece::new(self.encoding);
        self.encoder.truncate(0);
    }

    /// The tokens of the open rest, if it is one piece as it stands.
    fn count(&mut self, open: &str) -> Option<u64> {
        let fresh = &open[self.encoder.len()..];
        if !fresh.chars().all(|character| self.piece.grow(character)) {
            return None;
        }
        self.encoder.extend(fresh.bytes());
        Some(self.encoder.token_count() as u64)
    }
}

impl std::fmt::Debug for Growing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Growing").field("piece", &self.piece).field("bytes", &self.encoder.len()).finish()
    }
}
