//! Names of people in what they write to each other: they are not kept.

/// The text with whoever it speaks to taken out: `@name` becomes `@someone`, `u/name` becomes `u/someone`, and so within
/// links that lead to somebody's page. What is no name, such as the `@` of an address or `@195`, stays.
pub(crate) fn hidden(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let starts = rest.starts_with('/') || !before.is_alphanumeric() && !"/._-".contains(before);
        let name = starts.then(|| mark(rest)).flatten();
        if let Some((mark, after)) = name {
            out.push_str(mark);
            out.push_str("someone");
            rest = after;
            before = 'e';
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            before = c;
        }
    }
    out
}

/// The mark before a name and what follows the name, where one begins here.
fn mark(text: &str) -> Option<(&'static str, &str)> {
    let marks = ["@", "u/", "/u/", "/user/"];
    let (mark, rest) = marks.iter().find_map(|mark| Some((*mark, text.strip_prefix(mark)?)))?;
    let of_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let after = rest.trim_start_matches(of_name);
    let name = &rest[..rest.len() - after.len()];
    // A price, as in `bought @195`, is no name.
    name.contains(|c: char| c.is_alphabetic() || c == '_').then_some((mark, after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_people() {
        for (text, expected) in [
            ("@Jane_Doe1 short $SPY, (@max)", "@someone short $SPY, (@someone)"),
            ("by /u/user1 and u/user-2.", "by /u/someone and u/someone."),
            ("https://www.reddit.com/user/user1/", "https://www.reddit.com/user/someone/"),
            ("bought @195 @ 3 x@example.org AMD/u/3", "bought @195 @ 3 x@example.org AMD/u/3"),
            ("@", "@"),
            ("é@ü", "é@ü"),
        ] {
            assert_eq!(hidden(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_hidden_stays_hidden(text: String) {
            let once = hidden(&text);
            prop_assert_eq!(hidden(&once), once);
        }
    }
}
