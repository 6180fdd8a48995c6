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
        let more = if items.len() > MAX_TEXTS { "more than 2048" } else { &items.len().to_string() };
        return Err(format!("{more} vectors came for {n_texts} texts"));
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
