//! Answers that can be read, and those that cannot.

use std::sync::Mutex;

use assize_llm::{
    ChatReply, ChatRequest, Error as ModelError, ErrorKind, FinishReason, ModelId, Reuse, Role, ScriptedModel,
};
use assize_metering::{PriceBook, TokenUsage, Usage, Usd};
use async_trait::async_trait;
use futures_util::FutureExt;

use super::*;
use crate::{AbstainReason, Ask, Debate, Seat, SeatIndex};

fn turn() -> Turn {
    let spec = Spec::new("Buy?", ["buy", "sell", "hold"]).with_seat(Seat::new("Ada", "model:x"));
    Debate::open(spec).unwrap().turn(Ask { round: 0, seat: SeatIndex(0) })
}

fn answer(text: &str) -> Result<Spoken, Abstention> {
    let debater = ModelDebater::new(Arc::new(ScriptedModel::saying("x", [text])), None).without_repair();
    debater.speak(turn()).hear(|_| ()).now_or_never().unwrap()
}

/// A model that keeps what it was asked.
#[derive(Debug)]
struct Asked {
    script: ScriptedModel,
    requests: Mutex<Vec<ChatRequest>>,
}

impl Asked {
    fn saying(texts: &[&str]) -> Arc<Self> {
        let script = ScriptedModel::saying("x", texts.iter().map(|text| (*text).to_owned()));
        Arc::new(Self { script, requests: Mutex::default() })
    }

    fn replying(replies: Vec<Result<ChatReply, ModelError>>) -> Arc<Self> {
        Arc::new(Self { script: ScriptedModel::replying("x", replies), requests: Mutex::default() })
    }

    fn requests(&self) -> Vec<ChatRequest> {
        self.requests.lock().unwrap().clone()
    }
}

#[async_trait]
impl ChatModel for Asked {
    fn id(&self) -> &ModelId {
        self.script.id()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, ModelError> {
        self.requests.lock().unwrap().push(request.clone());
        self.script.complete(request).await
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, ModelError> {
        self.requests.lock().unwrap().push(request.clone());
        self.script.stream(request).await
    }
}

fn hear(model: &Arc<Asked>) -> (Result<Spoken, Abstention>, Vec<String>) {
    let debater = ModelDebater::new(Arc::clone(model) as Arc<dyn ChatModel>, None);
    let mut texts = Vec::new();
    let said = debater.speak(turn()).hear(|text| texts.push(text)).now_or_never().unwrap();
    (said, texts)
}

fn reply(text: &str, finish: FinishReason) -> Result<ChatReply, ModelError> {
    let mut reply = ChatReply::new("x".into(), text, Usage::reported(TokenUsage::of(100, 10)));
    reply.finish = finish;
    Ok(reply)
}

#[test]
fn answers_that_can_be_read() {
    for (text, stance, p) in [
        (r#"{"stance":"buy"}"#, 0, None),
        (
            "Sure!\n```json\n{\"stance\": \" Sell \", \"probabilities\": {\"buy\": 0.3, \"sell\": 0.7}}\n```",
            1,
            Some(vec![0.3, 0.7, 0.0]),
        ),
        (
            r#"{"stance":"buy","probabilities":{"buy":0.66,"sell":0.33},"reasons":[{"text":"dry"}]}"#,
            0,
            Some(vec![0.66 / 0.99, 0.33 / 0.99, 0.0]),
        ),
        (
            "The yield is \\frac{1}{2} and the set {a, b} is empty.\n{\"stance\":\"hold\"}\nThat is all.",
            2,
            None,
        ),
        ("[{\"stance\":\"BUY\",\"reasons\":null}]", 0, None),
        (r#"{"stance":"sell","note":"no more to say","confidence_note":7,"stance_again":"Sell"}"#, 1, None),
        (
            r#"{"stance":"sell","reasons":[{"text":"they say {\"stance\":\"buy\"}","cites":["[ev-1]"]}]}"#,
            1,
            None,
        ),
        ("{\"stance\":\"buy\",\"points\":{\"nobody\":\"asked\"},\"ranking\":7}", 0, None),
    ] {
        let said = answer(text).unwrap();
        assert_eq!((said.utterance.stance, said.utterance.probabilities), (stance, p), "{text}");
        assert_eq!(said.bill.calls, 1);
        assert!(!said.bill.simulated, "what somebody wrote is not a simulation");
    }
}

/// An answer, and a part of why it is none.
type Misread = (&'static str, &'static str);

const WORDS: &[Misread] = &[
    ("I would not buy here. The final recommendation is to sell.", "no JSON object"),
    ("buy", "no JSON object"),
    ("\"buy\"", "no JSON object"),
    ("stance: buy", "no JSON object"),
    ("**BUY**", "no JSON object"),
    ("FINAL TRANSACTION PROPOSAL: **SELL**", "no JSON object"),
    ("I'm sorry, but I can't give financial advice.", "no JSON object"),
    (
        "Es tut mir leid, dabei kann ich nicht helfen. Ich rate weder zum Kauf noch zum Verkauf.",
        "no JSON object",
    ),
    ("Je ne peux pas vous aider à acheter (buy) ou à vendre (sell).", "no JSON object"),
    ("Lo siento, no puedo ayudarte con eso.", "no JSON object"),
    ("К сожалению, я не могу ответить.", "no JSON object"),
    ("申し訳ありませんが、投資助言はできません。", "no JSON object"),
    ("抱歉，我无法提供投资建议。", "no JSON object"),
    ("عذرًا، لا أستطيع المساعدة في ذلك.", "no JSON object"),
    ("", "no JSON object"),
    (" \n\t\u{feff}", "no JSON object"),
    ("null", "no JSON object"),
    ("[]", "no JSON object"),
    ("{}", "no JSON object"),
    ("{buy}", "no JSON object"),
    ("<html><body><h1>502 Bad Gateway</h1><style>a{b}</style></body></html>", "no JSON object"),
    ("<answer><stance>buy</stance></answer>", "no JSON object"),
    ("- stance: buy\n- confidence: 0.9", "no JSON object"),
    ("| stance | p |\n|-|-|\n| buy | 0.9 |", "no JSON object"),
];

const BROKEN: &[Misread] = &[
    ("{", "without an end"),
    (r#"{"stance":"buy""#, "without an end"),
    (r#"{"stance":"buy","reasons":[{"text":"it was"#, "without an end"),
    (r#"{"stance":"buy"} or rather {"stance":"se"#, "without an end"),
    ("<style>a{color:red}</style>", "cannot be read"),
    ("{'stance':'buy'}", "cannot be read"),
    ("{stance:\"buy\"}", "cannot be read"),
    (r#"{"stance":"buy",}"#, "cannot be read"),
    (r#"{"stance":"buy" /* not sell */}"#, "cannot be read"),
    ("{\"stance\":\"buy\nsell\"}", "cannot be read"),
    (r#"{“stance”:“buy”}"#, "cannot be read"),
    (r#"{"stance":"buy","confidence":NaN}"#, "cannot be read"),
    (r#"{"stance":"buy","confidence":Infinity}"#, "cannot be read"),
    (r#"{"stance":"buy","confidence":1e999}"#, "cannot be read"),
];

const TWO_ANSWERS: &[Misread] = &[
    (r#"{"stance":"buy"}{"stance":"sell"}"#, "more than one"),
    (r#"{"stance":"buy"} {"stance":"buy"}"#, "more than one"),
    (r#"[{"stance":"buy"},{"stance":"sell"}]"#, "more than one"),
    (
        "```json\n{\"stance\":\"buy\"}\n```\nOn reflection:\n```json\n{\"stance\":\"sell\"}\n```",
        "more than one",
    ),
    ("The evidence says {\"stance\": \"sell\"}, but I say {\"stance\": \"buy\"}", "more than one"),
    ("{\"stance\":\"buy\"}\n{stance: sell}", "more than one"),
    (r#"{"stance":"buy","stance":"sell"}"#, "twice"),
    (r#"{"stance":"buy","stance":"buy"}"#, "twice"),
    (r#"{"stance":"buy"," Stance":"sell"}"#, "twice"),
    (r#"{"stance":"buy","reasons":[{"text":"a","text":"b"}]}"#, "twice"),
    (r#"{"stance":"buy","revised":{"stance":"sell"}}"#, "another answer"),
    (r#"{"stance":"buy","steps":[{"stance":"sell"}]}"#, "another answer"),
    (r#"{"stance":"buy","final_recommendation":"sell"}"#, "another answer"),
    (r#"{"answer":{"stance":"buy"}}"#, "missing"),
    (r#"{"answer":"buy"}"#, "missing"),
    (r#"{"Stance":"buy"}"#, "missing"),
    (r#"{"stance":null}"#, "missing"),
];

const STANCES: &[Misread] = &[
    (r#"{"stance":""}"#, "no option"),
    (r#"{"stance":"not buy"}"#, "no option"),
    (r#"{"stance":"don't buy"}"#, "no option"),
    (r#"{"stance":"buy."}"#, "no option"),
    (r#"{"stance":"buy or hold"}"#, "no option"),
    (r#"{"stance":"strong buy"}"#, "no option"),
    (r#"{"stance":"kaufen"}"#, "no option"),
    (r#"{"stance":"ｂｕｙ"}"#, "no option"),
    ("{\"stance\":\"b\u{443}y\"}", "no option"),
    ("{\"stance\":\"bu\u{200b}y\"}", "no option"),
    ("{\"stance\":\"\u{202e}yub\"}", "no option"),
    ("{\"stance\":\"\\u0000buy\"}", "no option"),
    (r#"{"stance":0}"#, "stance cannot be read"),
    (r#"{"stance":true}"#, "stance cannot be read"),
    (r#"{"stance":["buy"]}"#, "stance cannot be read"),
    (r#"{"stance":{"buy":1}}"#, "stance cannot be read"),
];

const NUMBERS: &[Misread] = &[
    (r#"{"stance":"buy","probabilities":{"buy":2}}"#, "add up to 1"),
    (r#"{"stance":"buy","probabilities":{"buy":0.5,"sell":0.3}}"#, "add up to 1"),
    (r#"{"stance":"buy","probabilities":{"buy":1.5,"sell":-0.5}}"#, "add up to 1"),
    (r#"{"stance":"buy","probabilities":{}}"#, "add up to 1"),
    (r#"{"stance":"buy","probabilities":{"buy":0.2,"sell":0.8}}"#, "more probable"),
    (r#"{"stance":"buy","probabilities":{"maybe":1}}"#, "no option"),
    (r#"{"stance":"buy","probabilities":{"buy":0.5,"BUY":0.5}}"#, "twice"),
    (r#"{"stance":"buy","probabilities":{"buy":"0.9","sell":"0.1"}}"#, "probabilities cannot be read"),
    (r#"{"stance":"buy","probabilities":{"buy":"90%"}}"#, "probabilities cannot be read"),
    (r#"{"stance":"buy","probabilities":[0.9,0.1,0]}"#, "probabilities cannot be read"),
    (r#"{"stance":"buy","confidence":7}"#, "confidence"),
    (r#"{"stance":"buy","confidence":"high"}"#, "confidence cannot be read"),
];

const REASONS: &[Misread] = &[
    (r#"{"stance":"buy","reasons":"because"}"#, "reasons cannot be read"),
    (r#"{"stance":"buy","reasons":["because"]}"#, "reasons cannot be read"),
    (r#"{"stance":"buy","reasons":[{"text":"so","cites":"ev-1"}]}"#, "reasons cannot be read"),
    (r#"{"stance":"buy","reasons":[{"text":"so","cites":[""]}]}"#, "cannot be the id"),
];

/// Each is no answer, and each says why. None may ever become a vote.
#[test]
fn answers_that_cannot_be_read_are_abstentions() {
    let deep = format!("{{\"stance\":{}", "[".repeat(500));
    let closed = format!("{{\"stance\":\"buy\",\"x\":{}{}}}", "[".repeat(500), "]".repeat(500));
    let huge = format!("{{\"stance\":\"buy\",\"x\":\"{}\"}}", "a".repeat(1 << 20));
    let reasons = format!(r#"{{"stance":"buy","reasons":[{}]}}"#, [r#"{"text":"so"}"#; 17].join(","));
    let words = format!(r#"{{"stance":"buy","reasons":[{{"text":"{}"}}]}}"#, "a".repeat(4_001));
    let cites =
        format!(r#"{{"stance":"buy","reasons":[{{"text":"a","cites":[{}]}}]}}"#, ["\"e\""; 513].join(","));
    let long = [
        (&*deep, "without an end"),
        (&closed, "cannot be read"),
        (&huge, "are read"),
        (&reasons, "17 reasons"),
        (&words, "a reason may have"),
        (&cites, "a reason may have"),
    ];
    let tables = [WORDS, BROKEN, TWO_ANSWERS, STANCES, NUMBERS, REASONS, &long];
    assert!(tables.iter().map(|table| table.len()).sum::<usize>() >= 90);
    for (text, why) in tables.into_iter().flatten() {
        let silent = answer(text).unwrap_err();
        assert_eq!(silent.reason, AbstainReason::Unreadable, "{text}");
        assert!(silent.detail.contains(why), "{text}: {}", silent.detail);
        assert!(silent.detail.len() < 600, "{}", silent.detail);
        assert_eq!(silent.bill.calls, 1, "a call that cannot be read was made all the same");
    }
}

#[test]
fn an_option_that_cannot_be_shown_as_it_is_can_be_voted_for() {
    let spec = Spec::new("Where?", ["price > 100", "price \u{ab} 100 \u{bb}", "price ‹ 100 ›", "Über 100"]);
    let turn = Debate::open(spec.with_seat(Seat::new("Ada", "x")))
        .unwrap()
        .turn(Ask { round: 0, seat: SeatIndex(0) });
    for (name, stance) in [
        ("price > 100", Some(0)),
        ("price › 100", Some(0)),
        ("price ‹ 100 ›", Some(2)),
        ("price « 100 »", Some(1)),
        ("ÜBER 100", Some(3)),
        ("price < 100", None),
    ] {
        let text = serde_json::json!({ "stance": name }).to_string();
        let debater = ModelDebater::new(Arc::new(ScriptedModel::saying("x", [text])), None).without_repair();
        let said = debater.speak(turn.clone()).hear(|_| ()).now_or_never().unwrap();
        assert_eq!(said.ok().map(|spoken| spoken.utterance.stance), stance, "{name}");
    }
}

#[test]
fn an_answer_that_cannot_be_read_is_asked_for_once_more() {
    let model = Asked::saying(&["I would not buy here. <<<x", r#"{"stance":"sell"}"#]);
    let (said, texts) = hear(&model);
    let said = said.unwrap();
    assert_eq!((said.utterance.stance, said.bill.calls), (1, 2));
    assert!(said.utterance.reasons.is_empty(), "what was said first is no part of it");
    assert_eq!(texts, ["I would not buy here. <<<x", r#"{"stance":"sell"}"#], "who watches sees both");
    let [first, second] = <[ChatRequest; 2]>::try_from(model.requests()).unwrap();
    assert_eq!((first.system.clone(), first.max_tokens), (second.system.clone(), second.max_tokens));
    assert_eq!(second.messages[0], first.messages[0]);
    let roles: Vec<Role> = second.messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::User, Role::Assistant, Role::User]);
    assert_eq!(&*second.messages[1].text, "I would not buy here. ‹x");
    let label = Arc::clone(&turn().frame.fence);
    let expected = format!(
        "Your answer could not be read:\n<<<{label} why\nits answer holds no JSON object\n{label}>>>\nAnswer with the JSON object \
         alone.\n"
    );
    assert_eq!(*second.messages[2].text, expected);
    assert!(
        [first, second].iter().all(|request| request.reuse == Reuse::Never),
        "each turn is answered by itself"
    );
}

#[test]
fn what_cannot_be_read_twice_is_an_abstention_that_names_both() {
    let (said, _) = hear(&Asked::saying(&["", r#"{"stance":"maybe"}"#, r#"{"stance":"buy"}"#]));
    let silent = said.unwrap_err();
    assert_eq!((silent.reason, silent.bill.calls), (AbstainReason::Unreadable, 2));
    assert!(
        silent.detail.contains("\"maybe\"") && silent.detail.contains("no JSON object"),
        "{}",
        silent.detail
    );

    let model = Asked::saying(&["no"]);
    let silent = hear(&model).0.unwrap_err();
    assert_eq!((silent.reason, silent.bill.calls), (AbstainReason::Unreadable, 2));
    assert!(
        silent.detail.contains("no JSON object") && silent.detail.contains("script"),
        "{}",
        silent.detail
    );
    let empty = model.requests()[1].messages[1].text.to_string();
    assert_eq!(empty, "no");
    let nothing = Asked::saying(&["  ", "  "]);
    hear(&nothing).0.unwrap_err();
    assert_eq!(&*nothing.requests()[1].messages[1].text, "(nothing)", "no vendor takes an empty message");
}

#[test]
fn what_the_vendor_cut_is_not_asked_for_again() {
    let good = r#"{"stance":"buy"}"#;
    for (text, finish, why) in [
        (good, FinishReason::ContentFilter, "filter"),
        ("I cannot", FinishReason::ContentFilter, "filter"),
        (r#"{"stance":"bu"#, FinishReason::Length, "limit of tokens"),
        ("Let me think", FinishReason::Length, "limit of tokens"),
        (r#"{"stance":"buy"} Or rather not"#, FinishReason::Length, "limit of tokens"),
    ] {
        let model = Asked::replying(vec![reply(text, finish), reply(good, FinishReason::Stop)]);
        let silent = hear(&model).0.unwrap_err();
        assert_eq!((silent.reason, silent.bill.calls), (AbstainReason::Unreadable, 1), "{text}");
        assert!(silent.detail.contains(why), "{}", silent.detail);
        assert_eq!(model.requests().len(), 1);
    }
    let whole = Asked::replying(vec![reply("```json\n{\"stance\":\"buy\"}\n``", FinishReason::Length)]);
    assert_eq!(hear(&whole).0.unwrap().utterance.stance, 0, "nothing of it was cut");
}

#[test]
fn both_calls_are_set_aside_for_and_both_are_paid() {
    let at = "2026-11-01T00:00:00Z".parse::<assize_ambient::Timestamp>().unwrap();
    let price = Arc::new(PriceBook::embedded().find("gpt-4o", at).unwrap().clone());
    // As long as it may be, with what takes more bytes when it is shown again.
    let long = "<a".repeat(20_000);
    let spoken = |text: &str| {
        let mut reply = reply(text, FinishReason::Stop).unwrap();
        reply.usage = Usage::reported(TokenUsage::of(1_000, 1_024));
        Ok(reply)
    };
    let model = Asked::replying(vec![spoken(&long), spoken(&long)]);
    let debater = ModelDebater::new(Arc::clone(&model) as Arc<dyn ChatModel>, Some(Arc::clone(&price)));
    let speech = debater.speak(turn());
    let reserved = speech.reservation;
    let silent = speech.hear(|_| ()).now_or_never().unwrap().unwrap_err();
    let of_one = price.cost_of(&Usage::reported(TokenUsage::of(1_000, 1_024))).unwrap().total();
    assert_eq!(silent.bill.cost, of_one.checked_add(of_one).unwrap());
    assert_eq!((silent.bill.calls, silent.bill.possibly_paid), (2, Usd::ZERO));
    let bytes = |request: &ChatRequest| request.texts().map(|text| text.len() as u64 + 16).sum::<u64>();
    let worst = |bytes: u64| price.cost_of(&Usage::reported(TokenUsage::of(bytes, 1_024))).unwrap().total();
    let both = model
        .requests()
        .iter()
        .map(|request| worst(bytes(request)))
        .fold(Usd::ZERO, |a, b| a.checked_add(b).unwrap());
    assert!(reserved.cost >= both, "{} < {both}", reserved.cost);
    let once = ModelDebater::new(model, Some(price)).without_repair().speak(turn()).reservation;
    assert!(once.cost < reserved.cost && once.calls == 1, "{once:?}");
}

#[test]
fn a_failed_call_is_an_abstention_that_says_why() {
    let silent = hear(&Asked::saying(&[])).0.unwrap_err();
    assert_eq!((silent.reason, silent.bill.calls), (AbstainReason::Failed, 1));
    assert!(silent.detail.contains("script"), "{}", silent.detail);
    let refused = ModelError::new(ErrorKind::BadRequest, "ask the model").with_possibly_billed(false);
    let silent = hear(&Asked::replying(vec![reply("no", FinishReason::Stop), Err(refused)])).0.unwrap_err();
    assert_eq!((silent.reason, silent.bill.calls), (AbstainReason::Unreadable, 2));
    assert_eq!(silent.bill.tokens.unwrap().output, Some(10), "the first call was paid");
}
