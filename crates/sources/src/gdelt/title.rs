//! Titles whose punctuation was set apart.

/// The title with marks put back to their words where it is certain which word they belong to: `Rally ; U . S . gains 3 . 5 %`
/// becomes `Rally; U.S. gains 3.5%`. A dash between words stays as it is, since nobody can say whether it was a hyphen.
pub(super) fn repaired(title: &str) -> String {
    let words: Vec<&str> = title.split(' ').filter(|word| !word.is_empty()).collect();
    let mut out = String::with_capacity(title.len());
    let mut quoted = false;
    for (n, word) in words.iter().enumerate() {
        let before = n.checked_sub(1).map_or("", |n| words[n]);
        let last = n.checked_sub(2).map_or("", |n| words[n]);
        let next = words.get(n + 1).copied().unwrap_or_default();
        let joins = match *word {
            "," | ";" | ":" | "!" | "?" | "." | "%" | ")" | "]" | "…" | "”" => true,
            "\"" => quoted,
            "'" | "’" => ends_word(next),
            _ => match before {
                "(" | "[" | "$" | "€" | "£" | "#" | "“" => true,
                "\"" => quoted,
                "'" | "’" => ends_word(word) && is_word(last),
                // A number's parts, and the letters of `U . S .`; a sentence may begin with a letter, but not with `S .`.
                "." => {
                    (is_number(last) && is_number(word))
                        || (is_letter(last) && is_letter(word) && next == ".")
                }
                // Thousands; behind a year comes another number.
                "," => is_number(last) && last.len() <= 3 && word.len() == 3 && is_number(word),
                _ => false,
            },
        };
        if *word == "\"" {
            quoted = !quoted;
        }
        if !out.is_empty() && !joins {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// What stands behind an apostrophe within a word.
fn ends_word(word: &str) -> bool {
    matches!(word.to_lowercase().as_str(), "s" | "t" | "re" | "ve" | "ll" | "d" | "m")
}

fn is_word(word: &str) -> bool {
    word.chars().next_back().is_some_and(char::is_alphanumeric)
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_letter(word: &str) -> bool {
    word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn titles() {
        for (title, expected) in [
            (
                "Wall Street ends higher on tech rally ; investors eye Beijing talks",
                "Wall Street ends higher on tech rally; investors eye Beijing talks",
            ),
            (
                "Stock Market Today , May 14 : U . S . Indexes Move Higher",
                "Stock Market Today, May 14: U.S. Indexes Move Higher",
            ),
            ("US - China relations", "US - China relations"),
            ("Up 3 . 5 % to $ 1 , 250 . 75 ( a record )", "Up 3.5% to $1,250.75 (a record)"),
            ("Apple ' s \" big \" day , don ' t wait", "Apple's \"big\" day, don't wait"),
            ("The end . A new start", "The end. A new start"),
            ("AT & T to sell", "AT & T to sell"),
            ("In 2025 , 100 firms fell", "In 2025, 100 firms fell"),
            ("", ""),
        ] {
            assert_eq!(repaired(title), expected, "{title}");
        }
    }

    proptest! {
        #[test]
        fn only_spaces_are_taken_out(title: String) {
            let bare = |text: &str| text.replace(' ', "");
            prop_assert_eq!(bare(&repaired(&title)), bare(&title));
        }
    }
}
