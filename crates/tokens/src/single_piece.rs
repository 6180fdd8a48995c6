//! Recognising texts that an encoding splits into one single piece.

use crate::cut::is_ideograph_or_kana;
use crate::encoding::Encoding;

/// A text, read character by character, that is one piece of o200k or cl100k as far as it was read. What is not recognised
/// may be one piece as well; what is recognised is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SinglePiece {
    state: State,
    /// cl100k puts letters of any case together, o200k only capitals before small letters.
    cased: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Empty,
    /// A blank: of blanks, punctuation or letters, the first.
    Blank,
    /// A single mark of punctuation, which may lead letters.
    Mark,
    /// At least two of punctuation, or one behind a blank.
    Marks,
    /// At least two blanks.
    Blanks,
    /// Capitals, perhaps behind a lead.
    Capitals,
    /// Small letters and those without case, perhaps behind capitals.
    Small,
    /// Anything else.
    Other,
}

enum Class {
    Blank,
    Mark,
    Capital,
    Small,
    Other,
}

impl SinglePiece {
    pub(crate) fn new(encoding: Encoding) -> Self {
        Self { state: State::Empty, cased: encoding != Encoding::Cl100k }
    }

    /// Reads one more character: is it all still one piece?
    pub(crate) fn grow(&mut self, character: char) -> bool {
        self.state = match (self.state, class(character)) {
            (State::Empty, Class::Blank) => State::Blank,
            (State::Blank | State::Blanks, Class::Blank) => State::Blanks,
            (State::Empty, Class::Mark) => State::Mark,
            (State::Blank | State::Mark | State::Marks, Class::Mark) => State::Marks,
            (State::Empty | State::Blank | State::Mark | State::Capitals, Class::Capital) => State::Capitals,
            (State::Small, Class::Capital) if !self.cased => State::Small,
            (State::Empty | State::Blank | State::Mark | State::Capitals | State::Small, Class::Small) => {
                State::Small
            }
            _ => State::Other,
        };
        self.state != State::Other
    }
}

fn class(character: char) -> Class {
    match character {
        ' ' => Class::Blank,
        'A'..='Z' => Class::Capital,
        'a'..='z' | 'ß'..='ö' | 'ø'..='ÿ' | 'α'..='ω' | 'а'..='џ' => Class::Small,
        // An apostrophe may open a contraction, a slash may belong to a run of line ends.
        '\'' | '/' => Class::Other,
        _ if character.is_ascii_punctuation() => Class::Mark,
        _ if is_ideograph_or_kana(character) => Class::Small,
        _ => Class::Other,
    }
}
