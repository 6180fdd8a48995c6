//! All wrappers around each other, as the crate's table has them.

use std::{io, sync::Arc, time::Duration};

use assize_ambient::{FixedClock, Seed, Timestamp};
use assize_metering::{Attempt, Attribution, EntryKind, Ledger, MemorySink, PriceBook, Usd};
use assize_transport::{Breaker, BreakerOptions, Gate, Limiter, LimiterOptions};
use futures_util::StreamExt;
use tokio::time::{sleep, timeout};

use super::*;
use crate::{
    CallStatistics, CircuitBroken, ConcurrencyLimited, Error, ErrorKind, Fallback, Hedged, Hedging, Metered,
    Observed, RateLimited, Recorded, Recorder, Retrying, ScriptedModel, TimeLimited, TimeLimits,
};

const PRICES: &str = r#"
    format_version = 1
    [[price]]
    vendor = "acme"
    id = "m"
    input = "1"
    output = "10"
    max_output_tokens = 100
    source = "a test"
"#;

/// What the wrappers of a vendor share.
#[derive(Clone)]
struct Account {
    ledger: Ledger,
    entries: MemorySink,
    limiter: Limiter,
    gate: Gate,
    breaker: Breaker,
}

impl Account {
    fn new() -> Self {
        let entries = MemorySink::of_last(usize::MAX);
        let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
        Self {
            ledger: Ledger::builder(clock).sink(entries.clone()).open().unwrap(),
            entries,
            limiter: Limiter::new(LimiterOptions::default()),
            gate: Gate::new(1),
            breaker: Breaker::new(BreakerOptions::default()),
        }
    }

    /// From retries down to the model.
    fn around(&self, model: Arc<dyn ChatModel>) -> Arc<dyn ChatModel> {
        let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
        let prices = Arc::new(PriceBook::from_toml("test", PRICES).unwrap());
        let model = TimeLimited::new(model, TimeLimits::NONE.with_total(Duration::from_secs(60)));
        let model = Metered::new(Arc::new(model), prices, clock, self.ledger.clone(), Attribution::new())
            .priced_as("m");
        let model = ConcurrencyLimited::new(Arc::new(model), self.gate.clone());
        let model = RateLimited::new(Arc::new(model), self.limiter.clone());
        let model = CircuitBroken::new(Arc::new(model), self.breaker.clone());
        Arc::new(Retrying::new(Arc::new(model), Seed::new(7)))
    }

    /// The attempts that were booked, in their order.
    fn booked(&self) -> Vec<(u64, u32, EntryKind)> {
        let ended = self.entries.entries().into_iter().filter(|entry| entry.kind != EntryKind::Reserved);
        ended.map(|entry| (entry.attempt.call, entry.attempt.number, entry.kind)).collect()
    }

    fn check_nothing_is_held(&self) {
        assert_eq!((self.ledger.n_open(), self.ledger.reserved()), (0, Usd::ZERO));
        assert_eq!((self.limiter.state().in_flight, self.limiter.state().waiting), (0, 0));
        assert_eq!((self.gate.state().inside, self.gate.state().waiting), (0, 0));
    }
}

fn request() -> ChatRequest {
    ChatRequest::new("Is it?").with_max_tokens(20)
}

fn saying(id: &str, script: impl IntoIterator<Item = Result<String, Error>>) -> Arc<dyn ChatModel> {
    Arc::new(ScriptedModel::new(id, script))
}

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, format!("ask m: {kind}"))
}

#[tokio::test(start_paused = true)]
async fn together_they_keep_the_contract() {
    let account = Account::new();
    let statistics = CallStatistics::new();
    wrapper(Allowances::NONE.asking_again(), |model| {
        // A breaker of its own: the suite fails often, and then asks what must be answered.
        let account = Account { breaker: Breaker::new(BreakerOptions::default()), ..account.clone() };
        let model = Fallback::new(account.around(model));
        let hedging = Hedging::after(Duration::ZERO).with_most_percent(100).with_enough(u64::MAX);
        let model = Hedged::new(Arc::new(model), hedging);
        let model = Recorded::new(Arc::new(model), Recorder::new(io::sink()));
        Observed::new(Arc::new(model), statistics.clone())
    })
    .await;
    account.check_nothing_is_held();
    let calls = statistics.snapshot().total;
    assert!(calls.replied > 0 && !calls.failed.is_empty() && calls.cancelled > 0);
    assert!(account.booked().len() as u64 > calls.replied);
}

#[tokio::test(start_paused = true)]
async fn who_waits_or_is_refused_by_ourselves_owes_nothing() {
    let account = Account::new();
    let model = account.around(saying("m", [Ok("yes".to_owned())]));
    let place = account.gate.enter().await;
    assert!(timeout(Duration::from_secs(1), model.complete(request())).await.is_err());
    assert!(timeout(Duration::from_secs(1), model.stream(request())).await.is_err());
    drop(place);
    (0..10).for_each(|_| account.breaker.enter().unwrap().failed(Some(Duration::from_secs(3_600))));
    let refused = model.complete(request()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::CircuitOpen);
    account.check_nothing_is_held();
    assert_eq!(account.booked(), []);
    sleep(Duration::from_secs(3_600)).await;
    assert_eq!(model.complete(request()).await.unwrap().text, "yes");
    assert_eq!(account.booked(), [(1, 1, EntryKind::Settled)]);
}

#[tokio::test(start_paused = true)]
async fn attempts_are_booked_as_attempts_of_one_call() {
    use EntryKind::{NotBilled, PossiblyBilled, Settled};
    let account = Account::new();
    let failing =
        [Err(error(ErrorKind::TimedOut)), Err(error(ErrorKind::Server)), Err(error(ErrorKind::Quota))];
    let first = account.around(saying("first", failing));
    let second = account.around(saying("second", [Err(error(ErrorKind::Overloaded)), Ok("yes".to_owned())]));
    let reply = Fallback::new(first).or(second).complete(request()).await.unwrap();
    assert_eq!(
        account.booked(),
        [(1, 1, PossiblyBilled), (1, 2, NotBilled), (1, 3, NotBilled), (1, 4, NotBilled), (1, 5, Settled)]
    );
    let total = account.ledger.total().billed;
    assert_eq!((total.calls, total.retries, reply.telemetry.attempts), (5, 4, 5));
    assert_eq!(reply.telemetry.cost, Some(total.cost));
    assert_eq!(reply.telemetry.booked, Some(Attempt { call: 1, number: 5 }));

    let streamed = account.around(saying("m", [Err(error(ErrorKind::CutStream)), Ok("yes".to_owned())]));
    let deltas: Vec<_> = streamed.stream(request()).await.unwrap().collect().await;
    let Some(Ok(ReplyDelta::Done(reply))) = deltas.last() else { panic!("{deltas:?}") };
    let booked = account.booked();
    let call = booked[5].0;
    assert_eq!(booked[5..], [(call, 1, PossiblyBilled), (call, 2, Settled)]);
    assert_eq!(reply.telemetry.booked, Some(Attempt { call, number: 2 }));
    account.check_nothing_is_held();
}
