//! What is answered, whoever's format it goes out in.

use assize_ambient::{Chance, Seed};
use serde::Serialize;

use crate::{
    Ask, Responder,
    ask::{CHARACTERS_PER_TOKEN, characters, tokens_of},
};

/// Tokens, each counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tokens {
    /// Of the prompt, that came from no cache.
    pub input: u64,
    /// Of the prompt, read from the cache.
    pub cache_read: u64,
    /// Of the prompt, written to the cache (Anthropic alone).
    pub cache_write: u64,
    /// Of the reply, visible.
    pub output: u64,
    /// Of the reply, reasoning.
    pub reasoning: u64,
}

impl Tokens {
    /// All of the prompt.
    #[must_use]
    pub const fn prompt(&self) -> u64 {
        self.input + self.cache_read + self.cache_write
    }

    /// All of the reply.
    #[must_use]
    pub const fn reply(&self) -> u64 {
        self.output + self.reasoning
    }

    /// When only so many visible tokens of the reply were generated.
    pub(crate) fn up_to(&self, output: u64) -> Self {
        Self { output: self.output.min(output), ..*self }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.input, other.input),
            (&mut self.cache_read, other.cache_read),
            (&mut self.cache_write, other.cache_write),
            (&mut self.output, other.output),
            (&mut self.reasoning, other.reasoning),
        ] {
            *sum = sum.saturating_add(more);
        }
    }
}

/// Why a reply ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finish {
    Stop,
    Length,
    StopSequence(String),
}

/// A whole reply.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    /// 32 digits of which ids are made; the same for the same request.
    pub(crate) id: String,
    /// Seconds since 1970.
    pub(crate) created: i64,
    pub(crate) model: String,
    pub(crate) text: String,
    pub(crate) finish: Finish,
    pub(crate) tokens: Tokens,
    /// What is sent, where that is no reply of a chat.
    pub(crate) body: Option<String>,
}

impl Reply {
    /// Composes the reply to a request from the seed of its content.
    pub(crate) fn compose(
        ask: &Ask,
        responder: &dyn Responder,
        seed: Seed,
        created: i64,
        details: bool,
    ) -> Self {
        let mut text = responder.respond(ask, &mut seed.child("text").rng());
        let mut tokens = Tokens { input: ask.prompt_tokens(), ..Tokens::default() };
        let mut room = ask.max_tokens.unwrap_or(u64::MAX);
        if details {
            tokens = with_details(tokens, room, ask, &mut seed.child("details").rng());
            room = room.saturating_sub(tokens.reasoning);
        }
        let finish = end(&mut text, &ask.stop, room);
        tokens.output = tokens_of(characters(&text));
        let id = format!("{:016x}{:016x}", seed.child("id").value(), seed.child("id, again").value());
        Self { id, created, model: ask.model.clone(), text, finish, tokens, body: None }
    }

    /// The text in pieces of so many tokens; each with the tokens that have come by then.
    pub(crate) fn pieces(&self, tokens_each: usize) -> Vec<(u64, &str)> {
        let characters_each = CHARACTERS_PER_TOKEN * tokens_each;
        let mut pieces = Vec::with_capacity(self.text.len() / characters_each + 1);
        let (mut rest, mut so_far) = (self.text.as_str(), 0);
        while !rest.is_empty() {
            let end = rest.char_indices().nth(characters_each).map_or(rest.len(), |(at, _)| at);
            let (piece, behind) = rest.split_at(end);
            so_far += tokens_of(characters(piece));
            pieces.push((so_far, piece));
            rest = behind;
        }
        pieces
    }
}

/// Says of a part of the prompt that it came from the cache, and adds some reasoning, as far as there is room.
fn with_details(tokens: Tokens, room: u64, ask: &Ask, chance: &mut Chance) -> Tokens {
    let prompt = tokens.input;
    let mut draw =
        |most: u64| chance.below(usize::try_from(most).unwrap_or(usize::MAX - 1).saturating_add(1)) as u64;
    let cache_read = draw(prompt / 2);
    let cache_write = if ask.vendor == crate::Vendor::Anthropic { draw(prompt / 4) } else { 0 };
    // Anthropic's replies do not say how many of their tokens were reasoning.
    let reasoning = if ask.vendor == crate::Vendor::Anthropic { 0 } else { draw((room / 2).min(100)) };
    Tokens { input: prompt - cache_read - cache_write, cache_read, cache_write, reasoning, output: 0 }
}

/// Ends the text before the first sequence that stops it, and where no room is left.
fn end(text: &mut String, stop: &[String], room: u64) -> Finish {
    let mut finish = Finish::Stop;
    let first =
        stop.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| Some((text.find(stop)?, stop))).min();
    if let Some((at, sequence)) = first {
        text.truncate(at);
        finish = Finish::StopSequence(sequence.clone());
    }
    if tokens_of(characters(text)) > room {
        let characters = usize::try_from(room).unwrap_or(usize::MAX).saturating_mul(CHARACTERS_PER_TOKEN);
        let at = text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at);
        text.truncate(at);
        finish = Finish::Length;
    }
    finish
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reply_ends_where_it_must() {
        for (text, stop, room, ended, finish) in [
            ("one two three", &[][..], 100, "one two three", Finish::Stop),
            ("one two three", &["three", "two"][..], 100, "one ", Finish::StopSequence("two".to_owned())),
            ("one two three", &["four", ""][..], 2, "one two ", Finish::Length),
            ("one two three", &["three"][..], 1, "one ", Finish::Length),
            ("é".repeat(9).as_str(), &[][..], 2, "é".repeat(8).as_str(), Finish::Length),
        ] {
            let mut text = text.to_owned();
            let stop: Vec<String> = stop.iter().map(|&s| s.to_owned()).collect();
            assert_eq!((end(&mut text, &stop, room), text.as_str()), (finish, ended));
        }
    }

    proptest! {
        #[test]
        fn pieces_are_the_text_and_their_tokens_its_tokens(text in ".{0,200}", each in 1_usize..9) {
            let finish = Finish::Stop;
            let tokens = Tokens::default();
            let reply =
                Reply { id: String::new(), created: 0, model: String::new(), text, finish, tokens, body: None };
            let pieces = reply.pieces(each);
            let joined: String = pieces.iter().map(|(_, piece)| *piece).collect();
            prop_assert_eq!(&joined, &reply.text);
            let last = pieces.last().map_or(0, |(so_far, _)| *so_far);
            prop_assert_eq!(last, tokens_of(characters(&reply.text)));
        }
    }
}
