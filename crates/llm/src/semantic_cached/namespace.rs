//! What two requests must have in common, to the last letter, before their questions are compared.

use crate::{ChatRequest, Message, ModelId, ResponseFormat, ReuseScope, Role};
use assize_retrieval::EmbedderIdentity;

/// Raised whenever a part is added.
const FORMAT_VERSION: u64 = 1;

/// The question of a request, and the digest of all else that its reply depends on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Placed<'a> {
    pub(super) namespace: String,
    pub(super) question: &'a str,
}

/// Where the question of a request belongs; `None` if its last message is not the user's.
///
/// The digest has the tenant, the corpus, the model, the system prompt, every parameter, the form of the reply with its
/// schema, all messages but the last, and the embedder with its version and its dimensions. Besides the tenant there is
/// nothing in it of who asks: a digest of the caller or of the whole request would keep like questions apart.
pub(super) fn place<'a>(
    request: &'a ChatRequest,
    scope: &ReuseScope,
    model: &ModelId,
    embedder: &EmbedderIdentity,
) -> Option<Placed<'a>> {
    // All fields by name, so that a new one is not forgotten.
    let ChatRequest { system, messages, max_tokens, temperature, stop, seed, format, retry_of: _, reuse: _ } =
        request;
    let (last, history) = messages.split_last()?;
    if last.role != Role::User || last.text.trim().is_empty() {
        return None;
    }
    let mut digest = Digest(blake3::Hasher::new());
    digest.number(FORMAT_VERSION);
    digest.text(&scope.tenant);
    digest.text(&scope.corpus);
    digest.text(model.as_str());
    digest.maybe(system.as_deref(), Digest::text);
    digest.maybe(max_tokens.map(u64::from), Digest::number);
    digest.maybe(temperature.map(|temperature| u64::from(temperature.to_bits())), Digest::number);
    digest.number(stop.len() as u64);
    stop.iter().for_each(|stop| digest.text(stop));
    digest.maybe(*seed, Digest::number);
    match format {
        ResponseFormat::Text => digest.number(0),
        ResponseFormat::JsonSchema(schema) => {
            digest.number(1);
            digest.text(&schema.to_string());
        }
    }
    digest.number(history.len() as u64);
    for Message { role, text } in history {
        digest.number(match role {
            Role::User => 0,
            Role::Assistant => 1,
        });
        digest.text(text);
    }
    digest.text(embedder.id());
    digest.text(embedder.version());
    digest.number(embedder.dimensions() as u64);
    Some(Placed { namespace: digest.0.finalize().to_hex().to_string(), question: &last.text })
}

/// Parts with their lengths, so that no two lists of parts look the same.
struct Digest(blake3::Hasher);

impl Digest {
    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.update(text.as_bytes());
    }

    fn number(&mut self, number: u64) {
        self.0.update(&number.to_le_bytes());
    }

    fn maybe<T>(&mut self, part: Option<T>, add: impl FnOnce(&mut Self, T)) {
        self.number(u64::from(part.is_some()));
        if let Some(part) = part {
            add(self, part);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use assize_metering::Attempt;
    use serde_json::json;

    use super::*;
    use crate::Reuse;

    fn namespace(
        request: &ChatRequest,
        tenant: &str,
        corpus: &str,
        model: &str,
        embedder: (&str, &str, usize),
    ) -> String {
        let embedder = EmbedderIdentity::new(embedder.0, embedder.1, embedder.2).unwrap();
        place(request, &ReuseScope::of(tenant).over(corpus), &model.into(), &embedder).unwrap().namespace
    }

    #[test]
    fn every_part_counts() {
        let base = || {
            let said = |role, text: &str| Message { role, text: text.into() };
            ChatRequest::new("first")
                .with_messages([said(Role::Assistant, "ab"), said(Role::User, "last")])
                .with_system("s")
                .with_max_tokens(9)
                .with_temperature(0.0)
                .with_stop(["x", "y"])
                .with_seed(1)
                .with_format(ResponseFormat::JsonSchema(Arc::new(json!({"type": "object"}))))
        };
        let of = |request: &ChatRequest| namespace(request, "t", "c", "m", ("e", "1", 8));
        let mut others = vec![
            namespace(&base(), "u", "c", "m", ("e", "1", 8)),
            namespace(&base(), "tc", "", "m", ("e", "1", 8)),
            namespace(&base(), "t", "d", "m", ("e", "1", 8)),
            namespace(&base(), "t", "c", "n", ("e", "1", 8)),
            namespace(&base(), "t", "c", "m", ("f", "1", 8)),
            namespace(&base(), "t", "c", "m", ("e", "2", 8)),
            namespace(&base(), "t", "c", "m", ("e", "1", 9)),
            of(&base()),
        ];
        let changes: [fn(&mut ChatRequest); 16] = [
            |request| request.system = None,
            |request| request.system = Some("".into()),
            |request| request.system = Some("S".into()),
            |request| request.max_tokens = Some(10),
            |request| request.max_tokens = None,
            |request| request.temperature = Some(0.1),
            |request| request.temperature = None,
            |request| request.stop = vec!["xy".to_owned()],
            |request| request.stop.reverse(),
            |request| request.stop.clear(),
            |request| request.seed = Some(2),
            |request| request.seed = None,
            |request| request.format = ResponseFormat::Text,
            |request| request.format = ResponseFormat::JsonSchema(Arc::new(json!({"type": "array"}))),
            |request| request.messages[1].text = "abc".into(),
            |request| request.messages[0].role = Role::Assistant,
        ];
        for change in changes {
            let mut changed = base();
            change(&mut changed);
            others.push(of(&changed));
        }
        let n = others.len();
        others.sort();
        others.dedup();
        assert_eq!(others.len(), n, "two of them are the same");

        let mut same = base();
        same.messages[2].text = "other words".into();
        same.retry_of = Some(Attempt { call: 1, number: 1 });
        same.reuse = Reuse::Semantic { scope: ReuseScope::of("x"), at_least: Some(0.9) };
        assert_eq!(of(&same), of(&base()), "what does not count");
    }

    #[test]
    fn only_a_question_of_the_user_is_one() {
        let embedder = EmbedderIdentity::new("e", "1", 8).unwrap();
        let placed =
            |request: &ChatRequest| place(request, &ReuseScope::of("t"), &"m".into(), &embedder).is_some();
        assert!(placed(&ChatRequest::new("Is it?")));
        assert!(!placed(&ChatRequest::new("  ")));
        let answered = [Message { role: Role::Assistant, text: "Yes.".into() }];
        assert!(!placed(&ChatRequest::new("Is it?").with_messages(answered)));
        let mut empty = ChatRequest::new("");
        empty.messages.clear();
        assert!(!placed(&empty));
    }
}
