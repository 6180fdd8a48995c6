//! The host of an address, and which other host it could be taken for.

/// A host has no more bytes than that.
const MAX_HOST: usize = 253;

/// The host of an address or a bare host: in lower case, without user, port and final dot, with the letters that
/// `xn--` stands for. `None` if there is none, or a part of it cannot be read.
pub(super) fn host(address: &str) -> Option<String> {
    let address = address.trim();
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    // A browser takes a backslash for a slash; so must who judges where it leads.
    let rest = rest.split(['/', '\\', '?', '#']).next()?;
    let rest = rest.rsplit('@').next()?;
    if rest.starts_with('[') {
        return None;
    }
    let rest = rest.split(':').next()?;
    // IDNA's other full stops.
    let host = rest.to_lowercase().replace(['。', '．', '｡'], ".");
    let host = host.strip_suffix('.').unwrap_or(&host);
    if host.is_empty() || host.len() > MAX_HOST {
        return None;
    }
    let labels = host.split('.').map(|label| match label.strip_prefix("xn--") {
        Some(coded) => punycode(coded),
        None => (!label.is_empty() && !label.contains(char::is_whitespace)).then(|| label.to_owned()),
    });
    labels.collect::<Option<Vec<String>>>().map(|labels| labels.join("."))
}

/// RFC 3492, decoding.
fn punycode(coded: &str) -> Option<String> {
    const BASE: u32 = 36;
    let (plain, digits) = coded.rsplit_once('-').unwrap_or(("", coded));
    let mut letters: Vec<char> = plain.chars().collect();
    let (mut code, mut at, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = digits.bytes();
    while digits.len() > 0 {
        let (start, mut weight, mut k) = (at, 1_u32, BASE);
        loop {
            let digit = match digits.next()? {
                letter @ b'a'..=b'z' => u32::from(letter - b'a'),
                figure @ b'0'..=b'9' => u32::from(figure - b'0') + 26,
                _ => return None,
            };
            at = at.checked_add(digit.checked_mul(weight)?)?;
            let threshold = k.saturating_sub(bias).clamp(1, 26);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            k += BASE;
        }
        let n = u32::try_from(letters.len()).ok()? + 1;
        bias = adapted(at - start, n, start == 0);
        code = code.checked_add(at / n)?;
        at %= n;
        letters.insert(usize::try_from(at).ok()?, char::from_u32(code)?);
        at += 1;
    }
    // What is plain ASCII must not be coded: `xn--reuters-` is another host than `reuters`.
    letters.iter().any(|letter| !letter.is_ascii()).then(|| letters.into_iter().collect())
}

fn adapted(delta: u32, n: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / 700 } else { delta / 2 };
    delta += delta / n;
    let mut k = 0;
    while delta > 455 {
        delta /= 35;
        k += 36;
    }
    k + 36 * delta / (delta + 38)
}

/// A host as the eye reads it: letters of other scripts and figures that look like Latin letters become these.
pub(super) fn skeleton(host: &str) -> String {
    let plain: String = host.chars().map(looks_like).collect();
    plain.replace("rn", "m").replace("vv", "w")
}

const fn looks_like(letter: char) -> char {
    match letter {
        'а' | 'ɑ' | 'α' | 'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ь' | 'в' | 'ß' | 'β' => 'b',
        'с' | 'ç' | 'ć' | 'č' | 'ϲ' => 'c',
        'ԁ' | 'ď' | 'đ' => 'd',
        'е' | 'ё' | 'ε' | 'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' | '3' => 'e',
        'ɡ' | 'ğ' | 'ģ' => 'g',
        'һ' | 'н' => 'h',
        'і' | 'ı' | 'ι' | 'ì'..='ï' | 'ī' | 'į' => 'i',
        'ј' => 'j',
        'к' | 'κ' | 'ķ' => 'k',
        'ӏ' | 'ł' | 'ľ' | 'ļ' | '1' => 'l',
        'м' => 'm',
        'п' | 'η' | 'ñ' | 'ń' | 'ň' => 'n',
        'о' | 'ο' | 'σ' | 'ò'..='ö' | 'ø' | 'ō' | 'ő' | '0' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' | 'ŕ' | 'ř' => 'r',
        'ѕ' | 'ś' | 'ş' | 'š' | 'ș' | '5' => 's',
        'т' | 'τ' | 'ţ' | 'ť' | 'ț' => 't',
        'υ' | 'ù'..='ü' | 'ū' | 'ů' | 'ű' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'ý' | 'ÿ' | 'γ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ａ'..='ｚ' => match char::from_u32(letter as u32 - 'ａ' as u32 + 'a' as u32) {
            Some(letter) => letter,
            None => '?',
        },
        _ => letter,
    }
}

/// Are two words one letter apart: one more, one less, another one, or two that have changed places?
pub(super) fn one_letter_apart(one: &str, two: &str) -> bool {
    let (one, two) = (one.as_bytes(), two.as_bytes());
    if one == two || one.len().abs_diff(two.len()) > 1 {
        return false;
    }
    let same_before = one.iter().zip(two).take_while(|(a, b)| a == b).count();
    let (one, two) = (&one[same_before..], &two[same_before..]);
    let same_after = one.iter().rev().zip(two.iter().rev()).take_while(|(a, b)| a == b).count();
    let (one, two) = (&one[..one.len() - same_after], &two[..two.len() - same_after]);
    match (one, two) {
        ([] | [_], [] | [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hosts_of_addresses() {
        for (address, expected) in [
            ("https://www.Reuters.com:443/markets?x=1#y", Some("www.reuters.com")),
            ("reuters.com.", Some("reuters.com")),
            ("//cdn.example.org/a", Some("cdn.example.org")),
            ("https://reuters.com@evil.io/", Some("evil.io")),
            ("https://evil.io\\@reuters.com", Some("evil.io")),
            ("http://evil.io#@reuters.com", Some("evil.io")),
            ("reuters.com。evil.io", Some("reuters.com.evil.io")),
            ("xn--bcher-kva.example", Some("bücher.example")),
            ("xn--80ak6aa92e.com", Some("аррӏе.com")),
            ("xn--ihqwcrb4cv8a8dqg056pqjye.com", Some("他们为什么不说中文.com")),
            ("xn--99999999999.com", None),
            ("xn--.com", None),
            ("xn--reuters-.com", None),
            ("[::1]:80", None),
            ("a..b", None),
            ("", None),
            ("https://", None),
            ("two words.com", None),
        ] {
            assert_eq!(host(address).as_deref(), expected, "{address}");
        }
        assert_eq!(host(&"a.".repeat(200)), None);
    }

    #[test]
    fn one_letter() {
        for (one, two, expected) in [
            ("reuters", "rueters", true),
            ("reuters", "reuter", true),
            ("reuters", "reutters", true),
            ("reuters", "reuterz", true),
            ("reuters", "reuters", false),
            ("reuters", "retuesr", false),
            ("", "a", true),
            ("ab", "ba", true),
            ("abc", "bca", false),
        ] {
            assert_eq!(one_letter_apart(one, two), expected, "{one} {two}");
        }
        assert_eq!(skeleton("аррӏе.com"), "apple.com");
        assert_eq!(skeleton("b1oornberg"), "bloomberg");
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(address in ".{0,40}", coded in "[a-z0-9-]{0,30}") {
            let _ = host(&address);
            if let Some(host) = host(&format!("xn--{coded}.com")) {
                prop_assert!(host.ends_with(".com") && !skeleton(&host).is_empty());
            }
        }
    }
}
