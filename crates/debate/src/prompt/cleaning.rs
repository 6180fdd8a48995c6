//! Text from outside, made harmless.

/// Puts text from outside: at most `limit` characters of it, without control characters and without what nobody sees, and with
/// look-alikes for the brackets of the fence, one for a row of them, so that what is inside stays readable and closes nothing.
/// Line breaks stay only where `lines` says so.
pub(super) fn put(to: &mut String, text: &str, limit: usize, lines: bool) {
    let harmless = |b: u8| b != b'<' && b != b'>' && (b' '..0x7f).contains(&b);
    // The usual case. Bytes from 0x80 may be anything: then the slow way.
    if text.len() <= limit && text.bytes().all(harmless) {
        to.push_str(text);
        return;
    }
    let mut characters = text.chars();
    let mut bracket = None;
    for c in characters.by_ref().take(limit) {
        let shown = match c {
            '\n' if lines => '\n',
            // Line breaks of another name are spaces, as control characters are.
            '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() => ' ',
            c if is_unseen(c) => continue,
            c if opens(c) => '‹',
            c if closes(c) => '›',
            c => c,
        };
        let is_bracket = matches!(shown, '‹' | '›');
        if is_bracket && bracket == Some(shown) {
            continue;
        }
        bracket = is_bracket.then_some(shown);
        to.push(shown);
    }
    if characters.next().is_some() {
        to.push('…');
    }
}

/// What turns the direction of text, what has no width, and what only machines read. Text can hide in it: in tag characters all of
/// ASCII, in variation selectors any byte.
const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{ffa0}' | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'
        // For private use.
        | '\u{e000}'..='\u{f8ff}'
        | '\u{f0000}'..='\u{10ffff}')
}

/// Whether it looks like the bracket that opens a fence.
const fn opens(c: char) -> bool {
    matches!(
        c,
        '<' | '‹'
            | '«'
            | '˂'
            | '≪'
            | '⋘'
            | '⟨'
            | '⟪'
            | '〈'
            | '《'
            | '\u{2329}'
            | '❮'
            | '❬'
            | '❰'
            | '﹤'
            | '＜'
            | 'ᐸ'
            | '⪡'
            | '⫷'
            | '⦑'
            | '⧼'
            | '𝈶'
            | '︿'
            | '︽'
    )
}

/// Whether it looks like the bracket that closes a fence.
const fn closes(c: char) -> bool {
    matches!(
        c,
        '>' | '›'
            | '»'
            | '˃'
            | '≫'
            | '⋙'
            | '⟩'
            | '⟫'
            | '〉'
            | '》'
            | '\u{232a}'
            | '❯'
            | '❭'
            | '❱'
            | '﹥'
            | '＞'
            | 'ᐳ'
            | '⪢'
            | '⫸'
            | '⦒'
            | '⧽'
            | '𝈷'
            | '﹀'
            | '︾'
    )
}

/// Strikes the label of the fence, in whatever case, out of what was put since `from`.
pub(super) fn strike(text: &mut String, from: usize, label: &str) {
    while let Some(at) = place_of(&text.as_bytes()[from..], label.as_bytes()) {
        let at = from + at;
        text.replace_range(at..at + label.len(), "…");
    }
}

/// Where a label of hexadecimal digits stands.
fn place_of(text: &[u8], label: &[u8]) -> Option<usize> {
    if label.is_empty() {
        return None;
    }
    // Wherever it stands, it covers one of these places: a look at each of them is enough for nearly all text.
    let covered =
        (label.len() - 1..text.len()).step_by(label.len()).filter(|&place| text[place].is_ascii_hexdigit());
    covered
        .flat_map(|place| place + 1 - label.len()..=place)
        .find(|&at| text.get(at..at + label.len()).is_some_and(|window| window.eq_ignore_ascii_case(label)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cleaned(text: &str, limit: usize, lines: bool) -> String {
        let mut to = String::new();
        put(&mut to, text, limit, lines);
        to
    }

    #[test]
    fn what_is_seen_stays_and_what_is_not_goes() {
        for (text, shown) in [
            ("plain", "plain"),
            ("Größe 3 % · 市場は上がる · ربح", "Größe 3 % · 市場は上がる · ربح"),
            ("<<<a", "‹a"),
            ("<\u{200b}<＜«‹x", "‹x"),
            ("a>b<c", "a›b‹c"),
            ("1\n2\r\n3\u{2028}4\u{85}5", "1\n2 \n3 4 5"),
            ("b\u{200b}u\u{ad}y\u{e0073}\u{fe0f}", "buy"),
            ("\u{202e}lles\u{202c}", "lles"),
            ("\u{1b}[2J\u{9b}31m\u{7}", " [2J 31m "),
        ] {
            assert_eq!(cleaned(text, 100, true), shown, "{text:?}");
        }
        assert_eq!(cleaned("1\n2", 100, false), "1 2");
        assert_eq!(cleaned("12345", 4, true), "1234…");
        assert_eq!(cleaned("\u{e0041}".repeat(9).as_str(), 4, true), "…", "what is not seen counts as well");
    }

    #[test]
    fn the_label_is_struck_out_wherever_it_stands() {
        let label = "00112233445566778899";
        for before in 0..45 {
            for (said, is_label) in [
                (label.to_owned(), true),
                (label.to_uppercase(), true),
                (format!("{label}{label}"), true),
                (label[1..].to_owned(), false),
            ] {
                let mut text = format!("{}{said} and more", "a".repeat(before));
                let whole = text.clone();
                strike(&mut text, 0, label);
                assert_eq!(text != whole, is_label, "{whole}");
                assert!(!text.contains(label), "{text}");
            }
        }
        let mut text = format!("{label} {label}");
        strike(&mut text, label.len(), label);
        assert_eq!(text, format!("{label} …"), "only what was put since");
    }

    proptest! {
        #[test]
        fn no_text_has_two_brackets_in_a_row(text in "[<>‹›«»＜＞\u{200b}\u{feff}\n a-f]{0,40}") {
            let shown = cleaned(&text, 100, true);
            let is_bare = shown.contains(['<', '>', '\u{200b}', '\u{feff}']);
            prop_assert!(!is_bare, "{}", shown);
            prop_assert!(!shown.contains("‹‹") && !shown.contains("››"), "{}", shown);
        }

        #[test]
        fn nothing_that_controls_is_left(text: String, lines: bool) {
            let shown = cleaned(&text, 1_000, lines);
            prop_assert!(!shown.contains(|c: char| c.is_control() && !(lines && c == '\n')));
            let breaks = shown.contains(['\u{2028}', '\u{2029}', '\u{202e}']);
            prop_assert!(!breaks);
        }
    }
}
