//! Where a text may be cut without changing what it counts.
//!
//! An encoding first splits a text into pieces by a regular expression, then encodes each piece alone. A place between two
//! characters `x` and `y` is a *cut* if no piece of any text can hold `x` directly followed by `y`, and if what stands before
//! the place is split the same whether `y` follows or nothing does. Then
//! `count(before + after) = count(before) + count(after)` for every text. Those used here, for the patterns of o200k, cl100k,
//! p50k and r50k:
//!
//! 1. `x` is no white space, `y` is white space but no line end. White space stands in a piece only as its first character, in
//!    a run of nothing else, or as line ends behind punctuation; and the one look-ahead of the patterns, `\s+(?!\S)`, looks one
//!    character past a run of white space, which ends before `x`.
//! 2. `x` is an ASCII letter, an ideograph or a kana, `y` is punctuation other than `'` (which may open a contraction): a letter
//!    is followed in its piece by letters, marks and contractions alone.
//! 3. `x` is an ASCII digit, `y` is any other ASCII character: digits stand in pieces of their own (behind a blank, in
//!    p50k and r50k).

/// Is the place between these two neighbours a cut?
pub(crate) fn is_cut(x: char, y: char) -> bool {
    if y.is_whitespace() {
        // Rule 1; a line end after a digit is rule 3.
        return if y == '\n' || y == '\r' { x.is_ascii_digit() } else { !x.is_whitespace() };
    }
    if x.is_ascii_digit() {
        return y.is_ascii() && !y.is_ascii_digit();
    }
    if is_ideograph_or_kana(x) || x.is_ascii_alphabetic() {
        return (y.is_ascii_punctuation() && y != '\'') || is_cjk_punctuation(y);
    }
    false
}

/// The last cut of `text` behind its first character, as the byte where the right part begins.
pub(crate) fn last_cut(text: &str) -> Option<usize> {
    let mut backwards = text.char_indices().rev();
    let (mut at, mut y) = backwards.next()?;
    for (before, x) in backwards {
        if is_cut(x, y) {
            return Some(at);
        }
        (at, y) = (before, x);
    }
    None
}

/// The first cut of `text` behind its first character.
#[cfg(feature = "fast-tokens")]
pub(crate) fn first_cut(text: &str) -> Option<usize> {
    let mut forwards = text.char_indices();
    let (_, mut x) = forwards.next()?;
    for (at, y) in forwards {
        if is_cut(x, y) {
            return Some(at);
        }
        x = y;
    }
    None
}

/// Letters without case (`\p{Lo}`) that are assigned in every version of Unicode in use.
pub(crate) fn is_ideograph_or_kana(character: char) -> bool {
    matches!(character, '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | '\u{4E00}'..='\u{9FA5}')
}

fn is_cjk_punctuation(character: char) -> bool {
    matches!(character, '、' | '。' | '！' | '，' | '：' | '；' | '？' | '「' | '」' | '（' | '）')
}
