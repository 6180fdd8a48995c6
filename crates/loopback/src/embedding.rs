//! OpenAI's embeddings: vectors that follow the words of a text, drawn from the seed.
//!
//! A simulation: each word has a direction of its own, and a text lies between those of its words. Texts of the same words,
//! in another order or case, are near; texts that share no word are at right angles, whatever they mean.

use assize_ambient::Seed;
use serde::Serialize;
use serde_json::Value;

use crate::{
    Ask, Form, Vendor,
    ask::{Delivery, Invalid, characters, tokens_of},
    reply::{Finish, Reply, Tokens},
};

/// As many components as OpenAI's smaller model has, and the most that can be asked for.
const DIMENSIONS: usize = 1_536;

/// "any array must be 2048 dimensions or less", "a maximum of 300,000 tokens summed across all inputs" (OpenAI's reference).
const MOST_TEXTS: usize = 2_048;
const MOST_TOKENS: u64 = 300_000;

/// What sets a text apart from others of the same words, against the weight of a word.
const OWN_WEIGHT: f64 = 0.1;

/// A valid request for embeddings.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    model: String,
    texts: Vec<Text>,
    dimensions: usize,
    is_base64: bool,
}

/// A text, or its tokens as numbers.
#[derive(Debug, Clone, PartialEq)]
struct Text {
    words: Vec<String>,
    whole: String,
    tokens: u64,
}

impl Text {
    fn read(input: &Value) -> Result<Self, Invalid> {
        match input {
            Value::String(text) if !text.is_empty() => Ok(Self::of(text)),
            Value::Array(numbers) if !numbers.is_empty() && numbers.iter().all(Value::is_u64) => {
                let words: Vec<String> = numbers.iter().map(|number| format!("#{number}")).collect();
                Ok(Self { whole: words.concat(), tokens: words.len() as u64, words })
            }
            _ => Err(wrong_input()),
        }
    }

    fn of(text: &str) -> Self {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let words = words.map(str::to_lowercase).collect();
        Self { words, whole: text.to_owned(), tokens: tokens_of(characters(text)) }
    }

    /// Its vector, of length 1. The first components do not depend on how many there are.
    fn vector(&self, seed: Seed, dimensions: usize) -> Vec<f32> {
        let mut sum = vec![0.0; dimensions];
        let mut add = |seed: Seed, weight: f64| {
            let mut chance = seed.rng();
            sum.iter_mut().for_each(|component| *component += weight * (chance.unit() - 0.5));
        };
        for word in &self.words {
            add(seed.child("word").child(word), 1.0);
        }
        add(seed.child("text").child(&self.whole), OWN_WEIGHT);
        let length = sum.iter().map(|component| component * component).sum::<f64>().sqrt();
        #[expect(clippy::cast_possible_truncation, reason = "a component is between -1 and 1")]
        sum.into_iter().map(|component| (component / length) as f32).collect()
    }
}

/// What OpenAI says of any input that it does not take, an empty text among them.
fn wrong_input() -> Invalid {
    let reference = "https://platform.openai.com/docs/api-reference";
    Invalid::new(format!("'$.input' is invalid. Please check the API reference: {reference}."))
}

fn wrong(param: &'static str, message: String) -> Invalid {
    Invalid { message, param: Some(param), code: None }
}

impl Wanted {
    pub(crate) fn read(body: &Value) -> Result<Self, Invalid> {
        let model = body["model"].as_str().filter(|model| !model.is_empty());
        let model = model.ok_or_else(|| Invalid::new("you must provide a model parameter"))?.to_owned();
        let texts = match &body["input"] {
            Value::Array(inputs) if inputs.first().is_none_or(|first| !first.is_number()) => {
                if inputs.is_empty() || inputs.len() > MOST_TEXTS {
                    return Err(wrong_input());
                }
                inputs.iter().map(Text::read).collect::<Result<Vec<_>, _>>()?
            }
            one => vec![Text::read(one)?],
        };
        let tokens = texts.iter().fold(0_u64, |sum, text| sum.saturating_add(text.tokens));
        if tokens > MOST_TOKENS {
            let message = format!("Requested {tokens} tokens, max {MOST_TOKENS} tokens per request");
            return Err(Invalid { message, param: None, code: Some("max_tokens_per_request") });
        }
        let dimensions = match &body["dimensions"] {
            Value::Null => DIMENSIONS,
            stated => {
                let stated = stated.as_u64().and_then(|stated| usize::try_from(stated).ok());
                stated.filter(|stated| (1..=DIMENSIONS).contains(stated)).ok_or_else(|| {
                    wrong(
                        "dimensions",
                        format!("Invalid value for 'dimensions': expected 1 to {DIMENSIONS}."),
                    )
                })?
            }
        };
        let is_base64 = match body["encoding_format"].as_str() {
            None if body["encoding_format"].is_null() => false,
            Some("float") => false,
            Some("base64") => true,
            _ => {
                let message = "Invalid value for 'encoding_format': expected 'float' or 'base64'.".to_owned();
                return Err(wrong("encoding_format", message));
            }
        };
        Ok(Self { model, texts, dimensions, is_base64 })
    }

    /// The tokens of the longest text: each must fit the context window by itself.
    pub(crate) fn longest(&self) -> u64 {
        self.texts.iter().map(|text| text.tokens).max().unwrap_or(0)
    }

    /// The call, as others see it.
    pub(crate) fn ask(&self) -> Ask {
        Ask {
            vendor: Vendor::OpenAi,
            model: self.model.clone(),
            system: String::new(),
            messages: Vec::new(),
            max_tokens: None,
            stop: Vec::new(),
            form: Form::Text,
            delivery: Delivery::Whole,
        }
    }

    /// The answer. What a text's vector is depends on the world's seed, the model and the text.
    pub(crate) fn reply(&self, seed: Seed, created: i64) -> Reply {
        let seed = seed.child("vectors").child(&self.model);
        let input = self.texts.iter().fold(0_u64, |sum, text| sum.saturating_add(text.tokens));
        let data = self.texts.iter().enumerate().map(|(index, text)| {
            let vector = text.vector(seed, self.dimensions);
            let embedding =
                if self.is_base64 { Embedding::Base64(base64(&vector)) } else { Embedding::Floats(vector) };
            Item { object: "embedding", index, embedding }
        });
        let usage = Usage { prompt_tokens: input, total_tokens: input };
        let body = List { object: "list", data: data.collect(), model: &self.model, usage };
        Reply {
            id: String::new(),
            created,
            model: self.model.clone(),
            text: String::new(),
            finish: Finish::Stop,
            tokens: Tokens { input, ..Tokens::default() },
            body: serde_json::to_string(&body).ok(),
        }
    }
}

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<Item>,
    model: &'a str,
    usage: Usage,
}

#[derive(Serialize)]
struct Item {
    object: &'static str,
    index: usize,
    embedding: Embedding,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Embedding {
    Floats(Vec<f32>),
    Base64(String),
}

#[derive(Serialize)]
struct Usage {
    prompt_tokens: u64,
    total_tokens: u64,
}

/// The components, each as four bytes with the lowest first, in base64.
fn base64(vector: &[f32]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes: Vec<u8> = vector.iter().flat_map(|component| component.to_le_bytes()).collect();
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let mut padded = [0; 4];
        padded[1..=three.len()].copy_from_slice(three);
        let bits = u32::from_be_bytes(padded);
        for n in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * n) & 63) as usize];
            text.push(if n <= three.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn vector(text: &str) -> Vec<f32> {
        Text::of(text).vector(Seed::new(3), DIMENSIONS)
    }

    fn cosine(a: &str, b: &str) -> f32 {
        vector(a).iter().zip(vector(b)).map(|(x, y)| x * y).sum()
    }

    #[test]
    fn near_are_texts_of_the_same_words() {
        assert_eq!(vector("Will rates rise?"), vector("Will rates rise?"));
        for (near, far) in [
            ("Rise, rates will!", "a drought in the plains"),
            ("WILL RATES RISE", "the harbour opens at dawn"),
        ] {
            let (near, far) = (cosine("Will rates rise?", near), cosine("Will rates rise?", far));
            assert!(near > 0.98 && near < 1.0, "{near}");
            assert!(far.abs() < 0.1, "{far}");
        }
        let some = cosine("will rates rise in march", "will rates rise in may");
        assert!((0.7..0.9).contains(&some), "four words of five: {some}");
    }

    #[test]
    fn vectors_have_length_1_and_begin_alike() {
        for text in ["one", "?!", "日本 ¡olé!", " "] {
            let length = vector(text).iter().map(|x| x * x).sum::<f32>();
            assert!((length - 1.0).abs() < 1e-5, "{text}: {length}");
        }
        let (short, long) = (Text::of("one two").vector(Seed::new(3), 8), vector("one two"));
        assert_eq!(short.len(), 8);
        let ratio = short[0] / long[0];
        assert!(
            short.iter().zip(&long).all(|(s, l)| (s / l - ratio).abs() < 1e-4 * ratio),
            "cut and made longer"
        );
    }

    #[test]
    fn base64_as_others_write_it() {
        // Python: base64.b64encode(struct.pack("<3f", 0.5, -2.0, 1.0)), and the same of one and of two.
        for (vector, text) in [
            (&[0.5, -2.0, 1.0][..], "AAAAPwAAAMAAAIA/"),
            (&[0.5], "AAAAPw=="),
            (&[0.5, -2.0], "AAAAPwAAAMA="),
        ] {
            assert_eq!(base64(vector), text);
        }
    }

    #[test]
    fn what_is_read() {
        let tokens =
            |body: &Value| Wanted::read(body).map(|wanted| wanted.reply(Seed::new(1), 0).tokens.input);
        for (input, n) in [
            (json!("four"), 1),
            (json!(["four", "fives"]), 3),
            (json!([1, 2, 3]), 3),
            (json!([[1, 2, 3], [4]]), 4),
            (json!(" "), 1),
        ] {
            assert_eq!(tokens(&json!({"model": "m", "input": input})), Ok(n), "{input}");
        }
        for input in [
            json!(null),
            json!(""),
            json!([]),
            json!(["a", ""]),
            json!(["a", 1]),
            json!([[]]),
            json!([-1]),
            json!({}),
            json!(vec!["a"; MOST_TEXTS + 1]),
            json!("a".repeat(1_200_004)),
        ] {
            assert!(
                tokens(&json!({"model": "m", "input": input})).is_err(),
                "{}",
                &input.to_string()[..20.min(input.to_string().len())]
            );
        }
        for (field, value) in [
            ("dimensions", json!(0)),
            ("dimensions", json!(DIMENSIONS + 1)),
            ("dimensions", json!("8")),
            ("encoding_format", json!("hex")),
            ("encoding_format", json!(1)),
            ("model", json!("")),
        ] {
            let mut body = json!({"model": "m", "input": "a"});
            body[field] = value;
            assert!(tokens(&body).is_err(), "{body}");
        }
    }
}
