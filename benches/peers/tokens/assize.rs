//! Counting tokens: the texts, and our two counters.

use std::fmt::Write as _;
use std::hint::black_box;

use assize_ambient::{Chance, Seed};
use assize_metering::TokenCounter;
use assize_tokens::Encoding;
use serde_json::{Value, json};

use crate::inputs;
use crate::timing::{Failure, Work};

/// Bytes of a text.
const BYTES: usize = 10_000;
/// Texts of a kind.
const TEXTS: usize = 16;
/// Messages of a chat.
const MESSAGES: usize = 200;

/// Texts of each kind, as lists of what is counted one by one, and the vocabulary: the bytes of each token in hexadecimal
/// digits, in order, for who would have to fetch it.
pub(crate) fn inputs() -> Result<Value, Failure> {
    let mut chance = Seed::new(1_601).child("tokens").rng();
    let words: Vec<&str> = include_str!("../../../docs/architecture.md").split_inclusive(' ').collect();
    let prose = |chance: &mut Chance| {
        let mut text = String::new();
        while text.len() < BYTES {
            text.push_str(words[chance.below(words.len())]);
        }
        vec![text]
    };
    let message = |chance: &mut Chance| {
        let n = 8 + chance.below(33);
        (0..n).map(|_| words[chance.below(words.len())]).collect::<String>()
    };
    let mut many = |one: &dyn Fn(&mut Chance) -> Vec<String>| -> Vec<Vec<String>> {
        (0..TEXTS).map(|_| one(&mut chance)).collect()
    };
    let english = many(&prose);
    let json = many(&|chance| vec![document(chance)]);
    let chat = many(&|chance| (0..MESSAGES).map(|_| message(chance)).collect());
    let tokens = &bpe_openai::o200k_base().bpe;
    let mut ranks = Vec::new();
    for token in 0..u32::try_from(tokens.num_tokens())? {
        let mut digits = String::new();
        for byte in tokens.token_bytes(token) {
            write!(digits, "{byte:02x}")?;
        }
        ranks.push(digits);
    }
    Ok(json!({ "english": english, "json": json, "chat": chat, "ranks": ranks }))
}

fn document(chance: &mut Chance) -> String {
    let mut text = String::from("[");
    while text.len() < BYTES {
        let row = json!({
            "id": chance.below(1_000_000),
            "symbol": format!("SYM{}", chance.below(5_000)),
            "price": f64::from(u32::try_from(chance.below(1_000_000)).unwrap_or_default()) / 100.0,
            "open": chance.below(2) == 0,
            "tags": [format!("a{}", chance.below(100)), null],
        });
        text.push_str(&row.to_string());
        text.push(',');
    }
    text + "{}]"
}

/// The work of the form.
pub(crate) fn work(form: &str, task: &str) -> Result<Work, Failure> {
    let counter: &'static dyn TokenCounter = match form {
        "default" => Encoding::O200k.linear(),
        "fast" => Encoding::O200k.counter(),
        other => return Err(format!("a counter is default or fast, not {other:?}").into()),
    }
    .ok_or("this build has no such counter")?;
    let texts: Vec<Vec<String>> = serde_json::from_value(inputs::read()?[task].take())?;
    let count = move |texts: &[String]| texts.iter().map(|text| counter.count(black_box(text))).sum::<u64>();
    let first = count(texts.first().ok_or("there is no text")?);
    let mut next = 0;
    let work = Work::new(move |n| {
        for _ in 0..n {
            black_box(count(&texts[next]));
            next = (next + 1) % texts.len();
        }
        Ok(u64::from(n))
    });
    Ok(work.answering(first))
}
