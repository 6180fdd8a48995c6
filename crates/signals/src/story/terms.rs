//! The terms of a text: its words without the commonest, without endings.

/// Words that tell nothing about an event.
const STOP: [&str; 88] = [
    "a", "about", "after", "again", "all", "also", "an", "and", "are", "as", "at", "be", "been", "before",
    "but", "by", "can", "could", "did", "do", "does", "for", "from", "had", "has", "have", "he", "her",
    "here", "his", "how", "if", "in", "inc", "into", "is", "it", "its", "just", "ltd", "may", "might",
    "more", "most", "new", "no", "not", "now", "of", "on", "or", "our", "out", "over", "plc", "said", "say",
    "says", "she", "so", "some", "than", "that", "the", "their", "them", "then", "there", "these", "they",
    "this", "to", "up", "via", "was", "we", "were", "what", "when", "which", "while", "who", "why", "will",
    "with", "would", "you", "your",
];

/// The first `limit` words of `text` as terms, in order, each as often as it occurs.
pub(super) fn terms_of(text: &str, limit: usize) -> Vec<String> {
    let mut terms = Vec::new();
    let words = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | ',' | '\'' | '’' | '&')));
    for word in words.filter(|word| !word.is_empty()).take(limit) {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word);
        let plain: String = word
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, '.' | '&'))
            .flat_map(char::to_lowercase)
            .collect();
        let plain =
            if plain.starts_with(|c: char| c.is_ascii_digit()) { plain } else { plain.replace('.', "") };
        if plain.chars().take(64).count() < 2
            || plain.len() > 64
            || STOP.binary_search(&plain.as_str()).is_ok()
        {
            continue;
        }
        terms.push(without_ending(plain));
    }
    terms
}

/// `shares`, `raised`, `raising` and `raises` lose their endings. Cruder than a stemmer, which texts of a line do not need,
/// and safe on names: a short word, or one without a vowel left, is kept.
fn without_ending(mut word: String) -> String {
    if !word.bytes().all(|byte| byte.is_ascii_lowercase()) || word.len() < 4 {
        return word;
    }
    if word.ends_with("ies") && word.len() > 4 {
        word.truncate(word.len() - 3);
        word.push('y');
        return word;
    }
    for ending in ["ing", "ed", "es", "e", "s"] {
        let fits = word.len() >= ending.len() + 3
            && word.ends_with(ending)
            && !word.ends_with("ss")
            && word[..word.len() - ending.len()].contains(['a', 'e', 'i', 'o', 'u']);
        if fits {
            word.truncate(word.len() - ending.len());
            break;
        }
    }
    word
}

/// The words of a text, to tell whether two are the same: 64 bits of FNV-1a over the letters and digits.
pub(super) fn fingerprint(domain: &str, text: &str) -> u64 {
    let letters = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
    let mut hash = Hash::default();
    hash.write(domain.to_lowercase().as_bytes());
    hash.write(&[0]);
    let mut buffer = [0; 4];
    for c in letters {
        hash.write(c.encode_utf8(&mut buffer).as_bytes());
    }
    hash.0
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): short, and the same everywhere.
pub(super) struct Hash(pub(super) u64);

impl Default for Hash {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Hash {
    pub(super) fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{STOP, fingerprint, terms_of};

    #[test]
    fn the_commonest_words_are_sorted() {
        assert!(STOP.is_sorted(), "{:?}", STOP.windows(2).find(|pair| pair[0] > pair[1]));
    }

    #[test]
    fn terms_are_words_without_endings() {
        for (text, expected) in [
            ("The company's shares raised; raising and raises", "company shar rais rais rais"),
            ("Profit of $1.42 a share, 3.1%", "profit 1.42 shar 3.1"),
            ("U.S. policies, S&P 500", "us policy s&p 500"),
            ("It is in", ""),
            ("BYD bids; Wendy’s", "byd bid wendy"),
        ] {
            assert_eq!(terms_of(text, 100).join(" "), expected, "{text}");
        }
        assert_eq!(terms_of("one two three", 2).len(), 2);
    }

    #[test]
    fn the_same_words_of_the_same_domain_are_the_same() {
        assert_eq!(fingerprint("A.example", "Bank, fined!"), fingerprint("a.example", "bank FINED"));
        assert_ne!(fingerprint("a.example", "Bank fined"), fingerprint("b.example", "Bank fined"));
    }
}
