//! The default counter: linear in the length of the text, whatever the text.

use std::fmt;

use assize_metering::{Exactness, TokenCounter};
use bpe_openai::Tokenizer;

use crate::encoding::Encoding;

/// Counts with the crate `bpe-openai`, whose time is linear even for one endless word.
pub(crate) struct LinearCounter {
    encoding: Encoding,
    tokenizer: &'static Tokenizer,
}

impl LinearCounter {
    pub(crate) fn new(encoding: Encoding, tokenizer: &'static Tokenizer) -> Self {
        Self { encoding, tokenizer }
    }

    pub(crate) fn bytes(&self) -> &'static bpe_openai::byte_pair_encoding::BytePairEncoding {
        &self.tokenizer.bpe
    }
}

impl TokenCounter for LinearCounter {
    fn name(&self) -> &str {
        self.encoding.name()
    }

    fn exactness(&self) -> Exactness {
        Exactness::Exact
    }

    fn count(&self, text: &str) -> u64 {
        self.tokenizer.count(text) as u64
    }
}

impl fmt::Debug for LinearCounter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LinearCounter").field(&self.encoding).finish()
    }
}
