//! Numbers, units and days in one form.

use super::{
    tokens::Token,
    vocabulary::{MONTHS, UNITS, UNITS_AFTER_NUMBERS},
};

const ONES: &[(&str, u64)] = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
];
const TENS: &[(&str, u64)] = &[
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];
/// Powers of ten by their names. `m` is not among them: it may be metres.
const SCALES: &[(&str, usize)] = &[
    ("k", 3),
    ("thousand", 3),
    ("thousands", 3),
    ("million", 6),
    ("millions", 6),
    ("mn", 6),
    ("mio", 6),
    ("billion", 9),
    ("billions", 9),
    ("bn", 9),
    ("trillion", 12),
    ("tn", 12),
];
const ORDINALS: &[(&str, &str)] = &[
    ("1st", "first"),
    ("2nd", "second"),
    ("3rd", "third"),
    ("4th", "fourth"),
    ("5th", "fifth"),
    ("6th", "sixth"),
    ("7th", "seventh"),
    ("8th", "eighth"),
    ("9th", "ninth"),
    ("10th", "tenth"),
    ("11th", "eleventh"),
    ("12th", "twelfth"),
    ("20th", "twentieth"),
];
const SYMBOLS: &[(char, &str)] = &[('$', "usd"), ('€', "eur"), ('£', "gbp"), ('¥', "jpy"), ('₹', "inr")];

/// The same words, with numbers in digits, units by their short names, and days as ISO 8601 writes them.
pub(super) fn quantified(tokens: Vec<Token>) -> Vec<Token> {
    let tokens = tokens.into_iter().flat_map(split).collect::<Vec<_>>();
    days(&scaled(words_to_digits(&tokens)))
}

/// A number and the signs and letters that are written to it, apart.
fn split(token: Token) -> Vec<Token> {
    let text = &token.text;
    if token.is_verbatim || !text.contains(|c: char| c.is_ascii_digit()) {
        let symbol =
            SYMBOLS.iter().find(|(symbol, _)| text.len() == symbol.len_utf8() && text.starts_with(*symbol));
        return match symbol {
            Some((_, name)) => vec![Token::of(*name)],
            None => vec![token],
        };
    }
    if let Some((_, word)) = ORDINALS.iter().find(|(short, _)| short == text) {
        return vec![Token::of(*word)];
    }
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", &**text),
    };
    let prefix = ["us$", "a$", "c$", "hk$"].into_iter().find(|prefix| unsigned.starts_with(prefix));
    let symbol = SYMBOLS.iter().find(|(symbol, _)| unsigned.starts_with(*symbol));
    let (before, rest) = match (prefix, symbol) {
        (Some(prefix), _) => (Some(if prefix == "us$" { "usd" } else { prefix }), &unsigned[prefix.len()..]),
        (None, Some((symbol, name))) => (Some(*name), &unsigned[symbol.len_utf8()..]),
        (None, None) => (None, unsigned),
    };
    let end = rest.find(|c: char| !(c.is_ascii_digit() || ".,:/".contains(c))).unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    let is_plain = !digits.is_empty()
        && (after.is_empty()
            || after == "%"
            || after.chars().all(|c| c.is_alphabetic() || "°$€£¥".contains(c)));
    if !is_plain || matches!(after, "s" | "st" | "nd" | "rd" | "th" | "d") {
        return vec![token];
    }
    let mut out = vec![Token::of(format!("{sign}{}", plain_digits(digits)))];
    let after = SYMBOLS.iter().find(|(symbol, _)| after.starts_with(*symbol)).map_or(after, |(_, name)| name);
    match after {
        "" => {}
        "b" if before.is_some() => out.push(Token::of("billion")),
        "m" if before.is_some() => out.push(Token::of("million")),
        after => out.push(Token::of(after)),
    }
    out.extend(before.map(Token::of));
    out
}

/// Without the commas that part thousands; a comma elsewhere stays.
fn plain_digits(digits: &str) -> String {
    let whole = digits.split('.').next().unwrap_or(digits);
    let groups: Vec<&str> = whole.split(',').collect();
    let are_thousands = groups.len() > 1 && groups[1..].iter().all(|group| group.len() == 3);
    if are_thousands { digits.replace(',', "") } else { digits.to_owned() }
}

fn lookup(table: &[(&str, u64)], word: &str) -> Option<u64> {
    table.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}

/// `twenty-five`, `three hundred and two`, `a dozen` as digits.
fn words_to_digits(tokens: &[Token]) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let text = |at: usize| tokens.get(at).map_or("", |token| &*token.text);
        let article = matches!(text(at), "a" | "an")
            && matches!(text(at + 1), "hundred" | "dozen" | "thousand" | "million" | "billion");
        let (mut value, mut from) = (None, at);
        if article {
            (value, from) = (Some(1), at + 1);
        } else if let Some(tens) = lookup(TENS, text(at)) {
            let ones = lookup(ONES, text(at + 1)).filter(|ones| (1..10).contains(ones));
            (value, from) = (Some(tens + ones.unwrap_or(0)), at + 1 + usize::from(ones.is_some()));
        } else if let Some(ones) = lookup(ONES, text(at)) {
            (value, from) = (Some(ones), at + 1);
        }
        if let Some(small) = value
            && matches!(text(from), "hundred" | "dozen")
        {
            let by = if text(from) == "hundred" { 100 } else { 12 };
            let (mut sum, mut next) = (small * by, from + 1);
            let after = next + usize::from(text(next) == "and");
            if let Some(tens) = lookup(TENS, text(after)) {
                let ones = lookup(ONES, text(after + 1)).filter(|ones| (1..10).contains(ones));
                (sum, next) = (sum + tens + ones.unwrap_or(0), after + 1 + usize::from(ones.is_some()));
            } else if let Some(ones) = lookup(ONES, text(after)) {
                (sum, next) = (sum + ones, after + 1);
            }
            (value, from) = (Some(sum), next);
        }
        match value {
            Some(value) => {
                out.push(Token::of(value.to_string()));
                at = from;
            }
            None => {
                out.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    out
}

/// `2.5 million` as 2500000, units by their short names, a currency after its number.
fn scaled(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let last = out.last().map_or("", |last| &*last.text);
        let follows_number = is_decimal(last) || is_time(last);
        // The currency that stood before the number may stand between it and its scale: `$ 5 million`.
        let scale = SCALES.iter().find(|(name, _)| *name == token.text).map(|(_, power)| *power);
        if let (true, Some(power)) = (is_decimal(last), scale) {
            let number = shifted(last, power);
            out.pop();
            out.push(Token::of(number));
            continue;
        }
        if let (Some(power), Some(currency)) = (scale, currency_after_number(&out)) {
            let number = out.len() - 2;
            out[number] = Token::of(shifted(&out[number].text, power));
            out[number + 1] = Token::of(currency);
            continue;
        }
        if follows_number && matches!(&*token.text, "am" | "pm") {
            let time = of_the_day(last, token.text == "pm");
            out.pop();
            out.push(Token::of(time));
            continue;
        }
        if matches!(&*token.text, "usd" | "eur" | "gbp" | "jpy") && token.is_name {
            out.push(Token::of(token.text));
            continue;
        }
        let unit = UNITS.get(&*token.text);
        let after_number = UNITS_AFTER_NUMBERS.get(&*token.text).filter(|_| follows_number);
        out.push(match unit.or(after_number) {
            Some(short) => Token::of(*short),
            None => token,
        });
    }
    // `usd 5` is `5 usd`.
    for at in 1..out.len() {
        let is_before = matches!(&*out[at - 1].text, "usd" | "eur" | "gbp" | "jpy" | "inr");
        let follows = at >= 2 && is_decimal(&out[at - 2].text);
        if is_before && !follows && is_decimal(&out[at].text) {
            out.swap(at - 1, at);
        }
    }
    out
}

fn is_time(text: &str) -> bool {
    text.split_once(':').is_some_and(|(hour, minute)| {
        hour.len() <= 2 && minute.len() == 2 && is_decimal(hour) && is_decimal(minute)
    })
}

/// `3` and `3:30` of the morning or the afternoon, with 24 hours to the day.
fn of_the_day(time: &str, is_afternoon: bool) -> String {
    let (hour, minute) = time.split_once(':').unwrap_or((time, "00"));
    match hour.parse::<u32>() {
        Ok(hour @ 1..=12) => format!("{}:{minute}", hour % 12 + if is_afternoon { 12 } else { 0 }),
        _ => format!("{time}@{}", if is_afternoon { "pm" } else { "am" }),
    }
}

fn currency_after_number(out: &[Token]) -> Option<String> {
    let [.., number, currency] = out else { return None };
    let is_currency = matches!(&*currency.text, "usd" | "eur" | "gbp" | "jpy" | "inr");
    (is_decimal(&number.text) && is_currency).then(|| currency.text.clone())
}

pub(super) fn is_decimal(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    !text.is_empty()
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// A decimal number times a power of ten, in digits.
fn shifted(number: &str, power: usize) -> String {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut digits = whole.to_owned();
    digits.extend(fraction.chars().chain(std::iter::repeat('0')).take(power));
    if fraction.len() > power {
        digits.push('.');
        digits.push_str(&fraction[power..]);
    }
    let (sign, unsigned) = digits.strip_prefix('-').map_or(("", &*digits), |rest| ("-", rest));
    let trimmed = unsigned.trim_start_matches('0');
    let zero = if trimmed.is_empty() || trimmed.starts_with('.') { "0" } else { "" };
    format!("{sign}{zero}{trimmed}")
}

/// `5 March 2024` and `March 5, 2024` as 2024-03-05.
fn days(tokens: &[Token]) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let month = |token: &Token, beside_number: bool| {
        let named = MONTHS.iter().find(|(name, _)| *name == token.text).map(|(_, number)| *number);
        let is_certain = token.text.starts_with("month:");
        match named {
            // As a word of its own it may be a verb.
            Some(number)
                if !matches!(&*token.text, "may" | "march" | "mar" | "dec" | "sun") || beside_number =>
            {
                Some(number)
            }
            _ if is_certain => token.text["month:".len()..].parse().ok(),
            _ => None,
        }
    };
    let mut at = 0;
    while at < tokens.len() {
        let number = |at: usize, range: std::ops::RangeInclusive<u32>| {
            let text =
                tokens.get(at).map(|token| token.text.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h']))?;
            let ordinal =
                ORDINALS.iter().find(|(_, word)| tokens.get(at).is_some_and(|token| token.text == *word));
            let text =
                ordinal.map_or(text, |(short, _)| short.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h']));
            text.parse().ok().filter(|value| range.contains(value))
        };
        let mark =
            |at: usize, text: &str| usize::from(tokens.get(at).is_some_and(|token| token.text == text));
        let beside = |at: usize| {
            tokens.get(at + 1).is_some_and(|next| is_decimal(&next.text))
                || (at > 0 && tokens.get(at - 1).is_some_and(|last| is_decimal(&last.text)))
        };
        // 5 (of) March(,) 2024
        let after = at + 1 + mark(at + 1, "of");
        if let (Some(day), Some(in_month)) =
            (number(at, 1..=31), tokens.get(after).and_then(|token| month(token, true)))
        {
            let year_at = after + 1 + mark(after + 1, ",");
            if let Some(year) = number(year_at, 1000..=2999) {
                out.push(Token::of(format!("{year}-{in_month:02}-{day:02}")));
                at = year_at + 1;
            } else {
                out.push(Token::of(format!("month:{in_month}")));
                out.push(Token::of(day.to_string()));
                at = after + 1;
            }
            continue;
        }
        // March (the) 5(,) 2024
        if let Some(in_month) = month(&tokens[at], beside(at)) {
            let day_at = at + 1 + mark(at + 1, "the");
            out.push(Token::of(format!("month:{in_month}")));
            at += 1;
            if let Some(day) = number(day_at, 1..=31) {
                let year_at = day_at + 1 + mark(day_at + 1, ",");
                if let Some(year) = number(year_at, 1000..=2999) {
                    out.pop();
                    out.push(Token::of(format!("{year}-{in_month:02}-{day:02}")));
                    at = year_at + 1;
                } else {
                    out.push(Token::of(day.to_string()));
                    at = day_at + 1;
                }
            }
            continue;
        }
        out.push(tokens[at].clone());
        at += 1;
    }
    out
}
