//! `OpenAI`'s embeddings, and what other servers make of them: pure functions.

use std::fmt;

use assize_llm::{Error, ModelId};
use assize_metering::{Usage, UsageFormat, read_usage};
use assize_retrieval::MAX_TEXTS;
use assize_transport::Request;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::{Map, value::RawValue};

use super::vector::{Vector, normalised};
use crate::{Endpoint, failure, json, reader::malformed};

/// Writes the request (`POST embeddings`). `shortened_to` is the dimensions that the vectors are to have, where they are to
/// have others than the model's own.
pub(super) fn request(
    endpoint: &Endpoint,
    model: &ModelId,
    texts: &[&str],
    shortened_to: Option<usize>,
) -> Result<Request, Error> {
    let quirks = endpoint.embedding_quirks();
    let mut body = Map::new();
    body.insert("model".to_owned(), model.as_str().into());
    body.insert("input".to_owned(), texts.into());
    if quirks.base64 {
        body.insert("encoding_format".to_owned(), "base64".into());
    }
    if let Some(dimensions) = shortened_to {
        body.insert(quirks.dimensions().to_owned(), dimensions.into());
    }
    endpoint.with_headers_on(model, endpoint.post(model, "embeddings", body)?)
}

/// What a reply holds.
#[derive(Debug)]
pub(super) struct Embedded {
    /// The vectors in the order of the texts, each of length 1; or what is wrong with them, which would be so again.
    pub(super) vectors: Result<Vec<Vec<f32>>, String>,
    /// What was stated of the tokens.
    pub(super) usage: Option<Usage>,
}

/// Reads a reply with the vectors of so many texts.
pub(super) fn read(
    model: &ModelId,
    body: &[u8],
    n_texts: usize,
    dimensions: Option<usize>,
) -> Result<Embedded, Error> {
    let list: List<'_> = match serde_json::from_slice(body) {
        Ok(list) => list,
        Err(e) => return Err(no_list(model, body, &unread(&e))),
    };
    let Some(Items(items)) = list.data else { return Err(no_list(model, body, &"it has no `data`")) };
    let vectors = in_order(items, n_texts).and_then(|vectors| {
        vectors.into_iter().map(|vector| normalised(vector, dimensions)).collect::<Result<Vec<_>, _>>()
    });
    let usage = list.usage.and_then(|raw| {
        let value = json::read(raw.get().as_bytes()).ok()?;
        let usage = read_usage(UsageFormat::OpenAiChat, &value).ok()?;
        // Some servers count nothing, and say that it was nothing.
        (usage.tokens.total_input() > 0).then_some(usage)
    });
    Ok(Embedded { vectors, usage })
}

/// What is wrong with JSON. Of JSON that holds something else the place alone is told: what stands there may be a key.
fn unread(e: &serde_json::Error) -> String {
    if e.is_data() {
        return format!("it holds something else at line {} column {}", e.line(), e.column());
    }
    e.to_string()
}

/// The failure that a body without vectors holds, or that it holds none.
fn no_list(model: &ModelId, body: &[u8], why: &dyn fmt::Display) -> Error {
    let stated = json::read(body).ok().and_then(|value| failure::inside(model, &value));
    stated.unwrap_or_else(|| malformed(model, why))
}

/// Each vector at its place: that of its index, or, where a server states none (Gemini leaves out the zero), of its turn.
fn in_order(items: Vec<Item>, n_texts: usize) -> Result<Vec<Vec<f32>>, String> {
    if items.len() != n_texts {
        let more = if items.len() > MAX_TEXTS { "more than " } else { "" };
        let n = items.len().min(MAX_TEXTS);
        return Err(format!("{more}{n} vectors came for {n_texts} texts"));
    }
    let mut places: Vec<Option<Vec<f32>>> = vec![None; n_texts];
    for (turn, item) in items.into_iter().enumerate() {
        let index = item.index.map_or(Some(turn), |index| usize::try_from(index).ok());
        let place = index.and_then(|index| places.get_mut(index));
        let place = place.ok_or_else(|| {
            format!("a vector has the index {} among {n_texts}", item.index.unwrap_or_default())
        })?;
        if place.replace(item.embedding.0?).is_some() {
            return Err(format!("two vectors have the index {}", index.unwrap_or_default()));
        }
    }
    // As many as there are places, and no place twice: each is taken.
    Ok(places.into_iter().flatten().collect())
}

#[derive(Deserialize)]
struct List<'a> {
    #[serde(default)]
    data: Option<Items>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct Item {
    #[serde(default)]
    index: Option<u64>,
    #[serde(default)]
    embedding: Vector,
}

/// At most one item more than any request has texts.
#[derive(Debug)]
struct Items(Vec<Item>);

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ItemsVisitor)
    }
}

struct ItemsVisitor;

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of embeddings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Items, A::Error> {
        let mut own = Vec::new();
        while own.len() <= MAX_TEXTS
            && let Some(item) = items.next_element()?
        {
            own.push(item);
        }
        if own.len() > MAX_TEXTS {
            while items.next_element::<IgnoredAny>()?.is_some() {}
        }
        Ok(Items(own))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = r#"{"object":"list","data":[{"index":1,"embedding":"AACAPwAAAAAAAIA/"},{"index":0,"embedding":[0.5,-2,1e-3]}],"usage":{"prompt_tokens":4,"total_tokens":4}}"#;

    /// Whatever is read is what was asked for: so many vectors, so many dimensions, of length 1.
    fn holds(body: &[u8]) -> bool {
        let Ok(Embedded { vectors: Ok(vectors), .. }) = read(&"m".into(), body, 2, Some(3)) else {
            return true;
        };
        let is_unit = |vector: &Vec<f32>| {
            let square = vector.iter().map(|component| component * component).sum::<f32>();
            vector.len() == 3 && (square - 1.0).abs() < 1e-5
        };
        vectors.len() == 2 && vectors.iter().all(is_unit)
    }

    #[test]
    fn a_good_reply() {
        let embedded = read(&"m".into(), GOOD.as_bytes(), 2, Some(3)).unwrap();
        let vectors = embedded.vectors.unwrap();
        assert!((vectors[0][1] + 0.970_142_4).abs() < 1e-6 && vectors[1][1].abs() < 1e-9, "{vectors:?}");
        assert_eq!(embedded.usage.unwrap().tokens.total_input(), 4);
        assert!(holds(GOOD.as_bytes()));
    }

    #[test]
    fn a_usage_that_is_costly_to_read_is_not_read() {
        let with = |n: usize| {
            let more = r#"{"":0},"#.repeat(n);
            let body = format!(r#"{{"data":[],"usage":{{"more":[{more}0],"prompt_tokens":4}}}}"#);
            read(&"m".into(), body.as_bytes(), 0, Some(3)).unwrap().usage
        };
        assert_eq!(with(1).unwrap().tokens.total_input(), 4);
        assert_eq!(with(1 << 18), None);
    }

    proptest! {
        #[test]
        fn of_changed_bytes_nothing_wrong_is_read(
            changes in prop::collection::vec((0..GOOD.len(), any::<u8>()), 1..4),
            end in 0..=GOOD.len(),
        ) {
            let mut body = GOOD.as_bytes().to_vec();
            for (at, byte) in changes {
                body[at] = byte;
            }
            prop_assert!(holds(&body));
            prop_assert!(holds(&body[..end]));
        }

        #[test]
        fn of_any_bytes_nothing_wrong_is_read(body in prop::collection::vec(any::<u8>(), 0..60)) {
            prop_assert!(holds(&body));
        }
    }
}
