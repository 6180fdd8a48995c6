//! Who a headline is about, guessed from its letters, for items that come without entities.

/// Capitalised words that are nobody's name.
const NOBODY: [&str; 44] = [
    "a",
    "after",
    "an",
    "and",
    "as",
    "at",
    "breaking",
    "but",
    "by",
    "ceo",
    "cfo",
    "chief",
    "exclusive",
    "for",
    "from",
    "how",
    "i",
    "if",
    "in",
    "is",
    "it",
    "its",
    "ipo",
    "more",
    "new",
    "no",
    "of",
    "on",
    "or",
    "q1",
    "q2",
    "q3",
    "q4",
    "report",
    "shares",
    "stock",
    "the",
    "this",
    "to",
    "update",
    "what",
    "why",
    "with",
    "you",
];

/// At most so many entities are taken from a text.
const MOST: usize = 8;

/// The entities of `text`, lower case: cashtags, and words that begin with a capital though they need not. The first word
/// counts as well, as headlines mostly begin with a name; where nearly all words have capitals, all count.
///
/// A guess: give tickers where you have them.
///
/// ```
/// use assize_signals::story::entities_of;
///
/// assert_eq!(entities_of("Tallis Energy sues $CLX over Baltic field"), ["tallis", "energy", "clx", "baltic"]);
/// ```
#[must_use]
pub fn entities_of(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '$' | '&' | '\'' | '’'))) {
        let bare = word.trim_start_matches('$');
        let bare = bare.strip_suffix("'s").or_else(|| bare.strip_suffix("’s")).unwrap_or(bare);
        let bare = bare.trim_matches(|c: char| !c.is_alphanumeric());
        let named = bare.starts_with(char::is_uppercase) && bare.chars().any(char::is_alphabetic);
        if !named || bare.len() > 64 {
            continue;
        }
        let lower = bare.to_lowercase();
        if lower.chars().count() > 1 && !NOBODY.contains(&lower.as_str()) && !found.contains(&lower) {
            found.push(lower);
        }
        if found.len() == MOST {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::entities_of;

    #[test]
    fn names_are_told_from_words() {
        assert_eq!(entities_of("Why the Bank’s boss left"), ["bank"]);
        assert_eq!(entities_of("shares fall"), Vec::<String>::new());
        assert_eq!(entities_of("ÖBB, SBB and $XYZ"), ["öbb", "sbb", "xyz"]);
        assert_eq!(entities_of(&"Aa Bb Cc Dd Ee Ff Gg Hh Ii Jj ".repeat(3)).len(), 8);
    }
}
