//! What is recorded is replayed.

use std::{io::BufReader, time::Duration};

use assize_ambient::{Chance, Seed};
use assize_metering::{TokenUsage, Usage, UsageBasis, VendorReport};

use super::*;
use crate::{
    ErrorKind, FinishReason, Message, PartialReply, Replayed, ResponseFormat, Role, ScriptedModel,
    SimulatedModel, Telemetry, ToolCall, conformance, conformance::Allowances,
};

/// A file in memory.
#[derive(Clone, Default)]
struct Tape(Arc<Mutex<Vec<u8>>>);

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Tape {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn replay(&self, id: &str) -> Replayed {
        Replayed::read(id, BufReader::new(self.text().as_bytes())).unwrap()
    }
}

fn recorded(model: impl ChatModel) -> (Recorded, Tape) {
    let tape = Tape::default();
    (Recorded::new(Arc::new(model), Recorder::new(tape.clone())), tape)
}

fn rich() -> ChatReply {
    let tokens = TokenUsage { output_reasoning: Some(3), ..TokenUsage::of(12, 9) };
    let mut reply = ChatReply::new("rich".into(), "Yes\n\"is\" \u{2028} it.", Usage::reported(tokens));
    reply.reasoning = Some("Let me see.".to_owned());
    reply.tool_calls =
        vec![ToolCall { id: "c1".to_owned(), name: "look".to_owned(), arguments: "{\"at\":1}".to_owned() }];
    reply.finish = FinishReason::ToolCalls;
    reply.served_by = Some("rich-2026-11-21".into());
    reply.vendor_id = Some("r1".to_owned());
    reply
}

fn request(text: &str) -> ChatRequest {
    let schema = serde_json::json!({"type": "object", "maximum": 0.1});
    let answer = Message { role: Role::Assistant, text: "Which?".into() };
    ChatRequest::new(text)
        .with_system("Be brief.")
        .with_messages([answer, Message { role: Role::User, text: "This.".into() }])
        .with_max_tokens(77)
        .with_temperature(0.7)
        .with_seed(u64::MAX)
        .with_stop(["END"])
        .with_format(ResponseFormat::JsonSchema(Arc::new(schema)))
}

/// What was said, without how the call went.
fn said(mut end: Result<ChatReply, Error>) -> String {
    match &mut end {
        Ok(reply) => reply.telemetry = Telemetry::default(),
        Err(error) => *error.telemetry_mut() = Telemetry::default(),
    }
    format!("{end:?}")
}

async fn deltas(model: &impl ChatModel, text: &str) -> Vec<String> {
    match model.stream(request(text)).await {
        Err(error) => vec![said(Err(error))],
        Ok(deltas) => {
            let told = deltas.map(|delta| match delta {
                Ok(ReplyDelta::Done(reply)) => said(Ok(*reply)),
                Err(error) => said(Err(error)),
                piece => format!("{piece:?}"),
            });
            told.collect().await
        }
    }
}

#[tokio::test(start_paused = true)]
async fn it_keeps_the_contract() {
    conformance::wrapper(Allowances::NONE, |model| Recorded::new(model, Recorder::new(io::sink()))).await;
    let (model, tape) = recorded(ScriptedModel::replying("rich", [Ok(rich())]));
    let ask = || ChatRequest::new("What is the capital of France?").with_system("Answer briefly.");
    model.complete(ask()).await.unwrap();
    conformance::run(|| tape.replay("rich")).await;
}

#[tokio::test(start_paused = true)]
async fn replies_streams_and_errors_come_again_as_they_were() {
    let partial = PartialReply { text: "Ye".to_owned(), usage: Usage::estimated(TokenUsage::of(7, 2)) };
    let full = Error::new(ErrorKind::Overloaded, "ask rich: overloaded")
        .with_retry_after(Duration::from_millis(1_234))
        .with_should_retry(true)
        .with_status(529)
        .with_partial(partial)
        .with_possibly_billed(false);
    for kind in ErrorKind::ALL {
        let plain = Error::new(kind, format!("ask rich: {kind}"));
        let script = [Ok(rich()), Err(plain), Err(full.clone()), Ok(rich())];
        let (model, tape) = recorded(ScriptedModel::replying("rich", script.clone()));
        let mut live = Vec::new();
        for _ in 0..3 {
            live.push(said(model.complete(request("Is it?")).await));
        }
        let streamed = deltas(&model, "Is it?").await;
        let model = tape.replay("rich").as_billed();
        let mut again = Vec::new();
        for _ in 0..3 {
            again.push(said(model.complete(request("Is it?")).await));
        }
        assert_eq!(again, live);
        assert_eq!(deltas(&model, "Is it?").await, streamed);
        assert!(streamed.len() == 3 && model.len() == 4 && !model.is_simulated());
        let free = tape.replay("rich").complete(request("Is it?")).await.unwrap();
        assert_eq!((free.usage.basis, free.telemetry.attempts), (UsageBasis::Simulated, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn streams_keep_their_deltas_and_their_breaks() {
    let say = |_: &ChatRequest, _: &mut Chance| "word ".repeat(64);
    let cutting = crate::Failures { cut_stream: 0.5, ..crate::Failures::default() };
    let (model, tape) = recorded(SimulatedModel::new("sim", Seed::new(5), say).with_failures(cutting));
    let mut live = Vec::new();
    for _ in 0..10 {
        live.push(deltas(&model, "Is it?").await);
    }
    let model = tape.replay("sim");
    for live in &live {
        assert_eq!(&deltas(&model, "Is it?").await, live);
    }
    assert!(live.iter().any(|end| end.len() == 6) && live.iter().any(|end| end.len() < 6), "{live:?}");
}

#[tokio::test(start_paused = true)]
async fn equal_requests_are_told_apart_by_when_they_were_begun() {
    let say = |_: &ChatRequest, chance: &mut Chance| format!("{}", chance.below(1_000_000));
    let (model, tape) =
        recorded(SimulatedModel::new("sim", Seed::new(5), say).with_latency(crate::Latency::HOSTED));
    let calls = (0..20).map(|_| model.complete(request("Is it?")));
    let live: Vec<_> = futures_util::future::join_all(calls).await.into_iter().map(said).collect();
    let model = tape.replay("sim");
    for live in &live {
        assert_eq!(&said(model.complete(request("Is it?")).await), live);
    }
    let once_more = model.complete(request("Is it?")).await.unwrap_err();
    assert_eq!((once_more.kind(), once_more.telemetry().attempts), (ErrorKind::ScriptEnded, 0));
    assert!(once_more.message().contains("was recorded 20 times"), "{once_more}");
}

#[tokio::test(start_paused = true)]
async fn what_was_dropped_is_told() {
    let say = |_: &ChatRequest, _: &mut Chance| "word ".repeat(64);
    let (model, tape) =
        recorded(SimulatedModel::new("sim", Seed::new(5), say).with_latency(crate::Latency::HOSTED));
    let whole = tokio::time::timeout(Duration::from_millis(1), model.complete(request("whole")));
    assert!(whole.await.is_err());
    let mut stream = model.stream(request("streamed")).await.unwrap();
    let first = stream.next().await.unwrap().unwrap();
    drop(stream);
    let model = tape.replay("sim");
    let error = model.complete(request("whole")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ScriptEnded);
    let again: Vec<_> = model.stream(request("streamed")).await.unwrap().collect().await;
    assert_eq!((again.len(), again[0].as_ref().unwrap()), (2, &first));
    let error = again[1].as_ref().unwrap_err();
    assert!(error.message().contains("was dropped"), "{error}");
}

#[tokio::test]
async fn what_was_not_recorded_is_refused_with_the_nearest() {
    let (model, tape) = recorded(ScriptedModel::saying("parrot", ["a", "b"]));
    for text in ["Will rates rise in March?", "Who won the match of yesterday?"] {
        model.complete(ChatRequest::new(text)).await.unwrap();
    }
    let model = tape.replay("parrot");
    let near = model.complete(ChatRequest::new("Will rates fall in March?")).await.unwrap_err();
    let expected = "replay parrot: the request \"Will rates fall in March?\" was not recorded; \
                    the nearest that was is \"Will rates rise in March?\"";
    assert_eq!((near.kind(), near.message()), (ErrorKind::ScriptEnded, expected));
    let other = ChatRequest::new("Will rates rise in March?").with_max_tokens(9);
    let other = model.complete(other).await.unwrap_err();
    assert!(other.message().ends_with("the same prompt was recorded with other settings"), "{other}");
    let stranger = tape.replay("stranger");
    assert!(stranger.is_empty());
    let none = stranger.stream(ChatRequest::new("Is it?")).await.err().unwrap();
    assert!(none.message().ends_with("the recording holds no call of this model"), "{none}");
}

/// A call that fails in a way that is not known here.
fn unknown_kind() -> String {
    let request = Request::of(&ChatRequest::new("Is it?"));
    let error = Error::new(ErrorKind::Server, "ask parrot: it failed");
    let mut line = Line::new("parrot".to_owned(), request.fingerprint(), 0, request, None);
    line.end = End::of(Err(&error));
    let mut written = Vec::new();
    line.write(&mut written).unwrap();
    String::from_utf8(written).unwrap().replace("\"server\"", "\"sulking\"")
}

#[tokio::test]
async fn a_recording_that_cannot_be_read_says_where() {
    let (model, tape) = recorded(ScriptedModel::saying("parrot", ["a"]));
    model.complete(ChatRequest::new("Is it?")).await.unwrap();
    let line = tape.text();
    assert!(line.starts_with(r#"{"format_version":1,"model":"parrot","fingerprint":""#), "{line}");
    for (broken, why) in [
        (line.replace("\"format_version\":1", "\"format_version\":2"), "its format_version is 2"),
        (line.replace("Is it?", "Is it not?"), "its request is not the one whose fingerprint it has"),
        (line.replace("{\"reply\":", "{\"answer\":"), "unknown variant `answer`"),
        (unknown_kind(), "no error of the kind `sulking`"),
        (line[..line.len() / 2].to_owned(), "EOF"),
        ("\u{0}\n".to_owned(), "expected value"),
    ] {
        let recording = format!("{line}\n{broken}");
        let error = Replayed::read("parrot", recording.as_bytes()).unwrap_err();
        let told = error.to_string();
        assert!(told.starts_with("read the recording of parrot: line 3: "), "{told}");
        assert!(told.contains(why), "{told}");
    }
}

#[tokio::test]
async fn a_usage_object_that_is_nested_deeply_is_left_out() {
    for (levels, kept) in [(30, true), (120, false)] {
        let nested = format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        let mut reply = rich();
        let report = VendorReport { raw: serde_json::from_str(&nested).unwrap(), ..VendorReport::default() };
        reply.usage.report = Some(Arc::new(report));
        let (model, tape) = recorded(ScriptedModel::replying("rich", [Ok(reply.clone())]));
        model.complete(ChatRequest::new("Is it?")).await.unwrap();
        let again = tape.replay("rich").as_billed().complete(ChatRequest::new("Is it?")).await.unwrap();
        assert_eq!(again.usage == reply.usage, kept);
        assert_eq!(again.usage.tokens, reply.usage.tokens);
    }
}

#[tokio::test]
async fn a_recording_that_cannot_be_written_fails_no_call() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::StorageFull))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let recorder = Recorder::new(Full);
    let model = Recorded::new(Arc::new(ScriptedModel::saying("parrot", ["a"])), recorder.clone());
    assert_eq!(model.complete(ChatRequest::new("Is it?")).await.unwrap().text, "a");
    assert_eq!(recorder.finish().unwrap_err().kind(), io::ErrorKind::StorageFull);
}
