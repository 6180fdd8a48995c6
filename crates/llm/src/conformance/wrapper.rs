//! What every wrapper of a model must do.

use std::{fmt::Display, future::Future, pin::pin, sync::Arc, task::Poll, time::Duration};

use futures_util::{FutureExt, StreamExt, future::poll_fn};
use tokio::{task::yield_now, time::timeout};

use super::probe::{Calls, PROMPT_MARK, Plan, Probe, REPLY_MARK};
use crate::{ChatModel, ChatReply, ChatRequest, Error, ErrorKind, PartialReply, ReplyDelta, Telemetry};

/// Longer than any wrapper waits, in virtual time. A call that takes longer waits for ever, for leave that was lost.
const FOR_EVER: Duration = Duration::from_secs(7 * 24 * 3600);
/// More polls than any call takes.
const MOST_POLLS: usize = 10_000;

/// In what a wrapper may differ from the model that it wraps. Whatever it is allowed, it keeps the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Allowances {
    /// It may ask more than once for one call, which then may be billed although the last request was not.
    pub asks_again: bool,
    /// Its errors may say more than those of the model; they contain them.
    pub says_more: bool,
}

impl Allowances {
    /// In nothing.
    pub const NONE: Self = Self { asks_again: false, says_more: false };

    /// The same, where it may ask more than once for one call.
    #[must_use]
    pub const fn asking_again(mut self) -> Self {
        self.asks_again = true;
        self
    }

    /// The same, where its errors may say more than those of the model.
    #[must_use]
    pub const fn saying_more(mut self) -> Self {
        self.says_more = true;
        self
    }
}

/// Runs the suite for a wrapper: `make` wraps the model that it is given. Run it on a paused runtime
/// (`#[tokio::test(start_paused = true)]`), so that a wrapper that waits takes no time.
///
/// - Replies pass unchanged but for their telemetry; what is streamed, joined, is what comes whole; calls of tools and
///   reasoning are kept; the model's name and whether it is simulated pass through.
/// - Errors of every kind pass unchanged, refusals as well as those in the middle of a stream, which then ends.
/// - Nothing is asked before the future is polled. Whenever a call or a stream is dropped, nothing is left of it, and the
///   next call works.
/// - What `Debug` shows holds nothing of a prompt or a reply.
///
/// # Panics
/// When the wrapper breaks one of these rules: the message says which and where.
pub async fn wrapper<W: ChatModel>(allowed: Allowances, make: impl Fn(Arc<dyn ChatModel>) -> W) {
    let suite = Suite { allowed, make };
    let all = async {
        suite.replies_pass().await;
        for kind in ErrorKind::ALL {
            for error in errors(kind) {
                suite.refusal_passes(&error).await;
                suite.break_off_passes(&error).await;
            }
        }
        suite.nothing_is_asked_unpolled().await;
        suite.dropped_calls_leave_nothing().await;
        suite.dropped_streams_leave_nothing().await;
        suite.debug_is_discreet().await;
    };
    assert!(
        timeout(FOR_EVER, all).await.is_ok(),
        "a call waits for ever: was leave lost by one that was dropped?"
    );
}

struct Suite<F> {
    allowed: Allowances,
    make: F,
}

fn request() -> ChatRequest {
    let text = format!("What is the {PROMPT_MARK}?");
    ChatRequest::new(text).with_system(format!("Answer briefly. {PROMPT_MARK}")).with_max_tokens(50)
}

/// Errors of one kind that between them have everything that an error can have.
fn errors(kind: ErrorKind) -> [Error; 2] {
    let usage = assize_metering::Usage::estimated(assize_metering::TokenUsage::of(12, 2));
    let partial = PartialReply { text: "Par".to_owned(), usage };
    let source = std::io::Error::other("the cause");
    let plain = Error::new(kind, format!("ask probe: {kind}"));
    let full = Error::new(kind, format!("ask probe: {kind}, in full"))
        .with_retry_after(Duration::from_millis(1_500))
        .with_should_retry(false)
        .with_status(418)
        .with_partial(partial)
        .with_source(source);
    [plain, full]
}

/// Everything of a streamed call: its deltas and its end.
struct Streamed {
    text: String,
    reasoning: String,
    n_deltas: usize,
    /// How often the model had been asked when the first delta came.
    asked_at_first: usize,
    end: Result<ChatReply, Error>,
}

async fn read(model: &impl ChatModel, calls: &Calls) -> Streamed {
    let (mut text, mut reasoning, mut n_deltas) = (String::new(), String::new(), 0);
    let mut asked_at_first = 0;
    let end = match model.stream(request()).await {
        Err(error) => Err(error),
        Ok(mut deltas) => loop {
            let end = match deltas.next().await.expect("a stream ends with a reply or an error") {
                Ok(ReplyDelta::Text(piece)) => {
                    text.push_str(&piece);
                    None
                }
                Ok(ReplyDelta::Reasoning(piece)) => {
                    reasoning.push_str(&piece);
                    None
                }
                Ok(ReplyDelta::Done(reply)) => Some(Ok(*reply)),
                Err(error) => Some(Err(error)),
            };
            if let Some(end) = end {
                assert!(deltas.next().await.is_none(), "nothing follows the end of a stream: {end:?}");
                break end;
            }
            if n_deltas == 0 {
                asked_at_first = calls.asked();
            }
            n_deltas += 1;
        },
    };
    Streamed { text, reasoning, n_deltas, asked_at_first, end }
}

fn without_telemetry(mut reply: ChatReply) -> ChatReply {
    reply.telemetry = Telemetry::default();
    reply
}

/// The output of a future that takes at most so many polls; otherwise it is dropped.
async fn within_polls<T>(most: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(move |context| {
        if polls < most {
            polls += 1;
            if let Poll::Ready(output) = future.poll_unpin(context) {
                return Poll::Ready(Some(output));
            }
        }
        // At once, and not when it would be polled again: until then it might have ended.
        if polls == most { Poll::Ready(None) } else { Poll::Pending }
    })
    .await
}

/// Checks that nothing is left of a call that was dropped, nor begins after it.
async fn check_gone(calls: &Calls, dropped: impl Display) {
    let asked = calls.asked();
    for _ in 0..20 {
        assert_eq!(calls.live(), 0, "{dropped} is left behind");
        yield_now().await;
        assert_eq!(calls.asked(), asked, "{dropped} begins all the same");
    }
}

impl<W: ChatModel, F: Fn(Arc<dyn ChatModel>) -> W> Suite<F> {
    fn wrap(&self, probe: Probe) -> (W, Arc<Calls>) {
        let calls = probe.calls();
        ((self.make)(Arc::new(probe)), calls)
    }

    fn check_asked(&self, calls: &Calls, expected: usize, what: &str) {
        let asked = calls.asked();
        let enough = if self.allowed.asks_again { asked >= expected } else { asked == expected };
        assert!(enough, "{what}: the model was asked {asked} times for {expected} calls");
        assert_eq!(calls.live(), 0, "{what}: calls are left behind");
    }

    async fn replies_pass(&self) {
        let whole_reply = without_telemetry(Probe::new(Plan::Reply).reply());
        for simulated in [false, true] {
            let probe = Probe::new(Plan::Reply);
            let (model, calls) = self.wrap(if simulated { probe.simulated() } else { probe });
            assert_eq!(model.id().as_str(), "probe", "a wrapper has the name of its model");
            assert_eq!(model.is_simulated(), simulated, "a wrapper is as simulated as its model");
            let whole = model.complete(request()).await.expect("a whole reply");
            assert_eq!(without_telemetry(whole), whole_reply, "a whole reply passes unchanged");
            let streamed = read(&model, &calls).await;
            let done = without_telemetry(streamed.end.expect("a streamed reply"));
            assert_eq!(done, whole_reply, "streamed and whole are the same reply");
            assert_eq!(streamed.text, whole_reply.text, "the deltas are the reply");
            assert_eq!(Some(streamed.reasoning), whole_reply.reasoning, "the deltas are the reasoning");
            self.check_asked(&calls, 2, "replies");
        }
    }

    async fn refusal_passes(&self, error: &Error) {
        let (model, calls) = self.wrap(Probe::new(Plan::Refuse(error.clone())));
        let whole = model.complete(request()).await.expect_err("a refusal of a whole reply");
        self.same_error(&whole, error, "whole");
        self.check_asked(&calls, 1, "a refusal");
        let (model, calls) = self.wrap(Probe::new(Plan::Refuse(error.clone())));
        let streamed = read(&model, &calls).await;
        self.same_error(&streamed.end.expect_err("a refusal of a stream"), error, "streamed");
        self.check_asked(&calls, 1, "a refusal");
    }

    async fn break_off_passes(&self, error: &Error) {
        let (model, calls) = self.wrap(Probe::new(Plan::BreakOff(error.clone())));
        let streamed = read(&model, &calls).await;
        assert_eq!(streamed.n_deltas, 2, "the deltas before an error come once: {error}");
        self.same_error(&streamed.end.expect_err("a broken stream"), error, "broken off");
        assert_eq!(calls.asked(), streamed.asked_at_first, "nobody begins anew after a delta: {error}");
        self.check_asked(&calls, 1, "a broken stream");
    }

    fn same_error(&self, seen: &Error, expected: &Error, how: &str) {
        let facts = |e: &Error| {
            let source = std::error::Error::source(e).map(ToString::to_string);
            (e.kind(), e.retry_after(), e.should_retry(), e.status(), e.partial().cloned(), source)
        };
        let (seen_facts, mut expected_facts) = (facts(seen), facts(expected));
        let (said, meant) = (seen.to_string(), expected.to_string());
        if self.allowed.says_more {
            assert!(said.contains(&meant), "{how}: the error `{said}` does not say `{meant}`");
            // The cause is then the error itself, or what that had for a cause.
            expected_facts.5.clone_from(&seen_facts.5);
        } else {
            assert_eq!(said, meant, "{how}: an error's message passes unchanged");
        }
        assert_eq!(seen_facts, expected_facts, "{how}: an error passes unchanged");
        let (seen, expected) = (seen.possibly_billed(), expected.possibly_billed());
        let is_so = seen == expected || (seen && self.allowed.asks_again);
        assert!(is_so, "{how}: whether {meant} may be billed: {seen}, not {expected}");
    }

    async fn nothing_is_asked_unpolled(&self) {
        let (model, calls) = self.wrap(Probe::new(Plan::Reply));
        let (whole, streamed) = (model.complete(request()), model.stream(request()));
        assert_eq!(calls.asked(), 0, "nothing is asked before the future is polled");
        drop((whole, streamed));
        model.complete(request()).await.expect("a call after two that were never polled");
        self.check_asked(&calls, 1, "calls that were never polled");
    }

    async fn dropped_calls_leave_nothing(&self) {
        let (model, calls) = self.wrap(Probe::new(Plan::Reply));
        for polls in 0..MOST_POLLS {
            let whole = within_polls(polls, model.complete(request())).await;
            check_gone(&calls, format_args!("a call dropped after {polls} polls")).await;
            if let Some(reply) = whole {
                reply.expect("a call after others were dropped");
                return;
            }
            model.complete(request()).await.expect("a call after another was dropped");
        }
        panic!("a call does not end within {MOST_POLLS} polls");
    }

    async fn dropped_streams_leave_nothing(&self) {
        let (model, calls) = self.wrap(Probe::new(Plan::Reply));
        let n_deltas = read(&model, &calls).await.n_deltas;
        for read_before in 0..=n_deltas {
            let mut deltas = model.stream(request()).await.expect("a stream");
            for _ in 0..read_before {
                deltas.next().await.expect("a delta").expect("no failure");
            }
            drop(deltas);
            check_gone(&calls, format_args!("a stream dropped after {read_before} deltas")).await;
            read(&model, &calls).await.end.expect("a stream after another was dropped");
        }
        for polls in 0..MOST_POLLS {
            let streamed = within_polls(polls, read(&model, &calls)).await;
            check_gone(&calls, format_args!("a stream dropped after {polls} polls")).await;
            if streamed.is_some() {
                return;
            }
            read(&model, &calls).await.end.expect("a stream after another was dropped");
        }
        panic!("a stream does not end within {MOST_POLLS} polls");
    }

    async fn debug_is_discreet(&self) {
        let (model, _) = self.wrap(Probe::new(Plan::Reply));
        let mut deltas = model.stream(request()).await.expect("a stream");
        deltas.next().await.expect("a delta").expect("no failure");
        let under_way = format!("{model:?} {model:#?}");
        drop(deltas);
        model.complete(request()).await.expect("a reply");
        let shown = under_way + &format!("{model:?} {model:#?}");
        for mark in [PROMPT_MARK, REPLY_MARK] {
            assert!(!shown.contains(mark), "what `Debug` shows holds texts of a call: {shown}");
        }
    }
}
