//! Thousands of calls through the whole stack, against vendors in process that fail in every way, in virtual time: each is
//! answered or fails as it must, and the ledger holds what the vendors counted.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use assize_ambient::{Clock, Seed, Timestamp, VirtualClock};
use assize_llm::{
    CallStatistics, ChatModel, ChatReply, ChatRequest, CircuitBroken, ConcurrencyLimited, Error, ErrorKind,
    Metered, ModelId, Observed, RateLimited, ReplyDelta, Retrying, TimeLimited, TimeLimits,
};
use assize_loopback::{Fault, Faults, Latency, Truth, Vendor, World};
use assize_metering::{Attribution, Bucket, Entry, Ledger, MemorySink, PriceBook, UsageBasis, Usd};
use assize_transport::{
    Bounds, Breaker, BreakerOptions, Gate, Limiter, LimiterOptions, RetryBudget, ServiceTransport, Transport,
};
use assize_vendors::{ModelSpec, VendorModel};
use futures_util::{StreamExt, stream};

/// Calls of the mixed soak.
const CALLS: usize = 10_000;
/// Calls of the soak of each single fault.
const CALLS_OF_A_FAULT: usize = 700;
/// Callers at once.
const AT_ONCE: usize = 24;
/// No body is read that is longer.
const MOST_BYTES: usize = 256 << 10;
/// A retry for so many calls, and so many beside.
const RETRY_SHARE: f64 = 0.1;
const RETRY_RESERVE: u32 = 20;

/// Prices at which the picodollars of a call name its tokens by bucket.
const PRICES: &str = r#"
format_version = 1
[[price]]
vendor = "acme"
id = "m"
input = "1"
output = "1000"
source = "a test"
"#;

/// The stack for each vendor, on one ledger.
struct Stack {
    world: World,
    models: Vec<Arc<dyn ChatModel>>,
    limiters: Vec<Limiter>,
    gates: Vec<Gate>,
    ledger: Ledger,
    entries: MemorySink,
    statistics: CallStatistics,
}

impl Stack {
    fn new(seed: Seed, faults: Faults) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
        let world = World::new(seed, Arc::clone(&clock))
            .with_latency(Latency { straggler_rate: 0.0, ..Latency::HOSTED })
            .with_faults(faults.with_huge_bytes(2 * MOST_BYTES as u64));
        let transport: Arc<dyn Transport> = Arc::new(
            ServiceTransport::new(world.clone(), Arc::clone(&clock))
                .within(Bounds { most_bytes: MOST_BYTES, ..Bounds::default() }),
        );
        let prices = Arc::new(PriceBook::from_toml("test", PRICES).expect("prices"));
        let entries = MemorySink::of_last(usize::MAX);
        let ledger = Ledger::builder(Arc::clone(&clock)).sink(entries.clone()).open().expect("a ledger");
        let statistics = CallStatistics::new();
        let retries = RetryBudget::new(RETRY_SHARE, RETRY_RESERVE);
        let (mut models, mut limiters, mut gates) = (Vec::new(), Vec::new(), Vec::new());
        for (n, address) in
            ["http://world/v1#m", "anthropic+http://world/v1#m", "gemini+http://world/v1beta#m"]
                .into_iter()
                .enumerate()
        {
            let mut spec: ModelSpec = address.parse().expect("a model");
            spec.endpoint = spec.endpoint.with_key("sk-soak");
            let limiter = Limiter::new(LimiterOptions { start: 50.0, ..LimiterOptions::default() });
            // The soak is about what fails, not about what is not tried.
            let breaker = Breaker::new(BreakerOptions { failure_share: 0.9, ..BreakerOptions::default() });
            let gate = Gate::default();
            let limits = TimeLimits::NONE.with_total(Duration::from_secs(90));
            let model: Arc<dyn ChatModel> = Arc::new(VendorModel::of(spec, Arc::clone(&transport)));
            let model: Arc<dyn ChatModel> = Arc::new(TimeLimited::new(model, limits));
            let model: Arc<dyn ChatModel> = Arc::new(ConcurrencyLimited::new(model, gate.clone()));
            let model: Arc<dyn ChatModel> = Arc::new(RateLimited::new(model, limiter.clone()));
            let model: Arc<dyn ChatModel> = Arc::new(CircuitBroken::new(model, breaker));
            let model: Arc<dyn ChatModel> = Arc::new(Metered::new(
                model,
                Arc::clone(&prices),
                Arc::clone(&clock),
                ledger.clone(),
                Attribution::new().with_tenant(format!("vendor {n}")),
            ));
            let model = Retrying::new(model, seed.child(address)).with_budget(retries.clone());
            models.push(Arc::new(Observed::new(Arc::new(model), statistics.clone())) as Arc<dyn ChatModel>);
            limiters.push(limiter);
            gates.push(gate);
        }
        Self { world, models, limiters, gates, ledger, entries, statistics }
    }

    /// Makes so many calls, whole and streamed, of each vendor in turn; gives how each ended.
    async fn run(&self, calls: usize) -> Vec<Result<ChatReply, Error>> {
        stream::iter(0..calls)
            .map(|n| {
                let model = Arc::clone(&self.models[n % 3]);
                let request = ChatRequest::new(format!("Question {n}: is it raining?"))
                    .with_system("Answer briefly.")
                    .with_max_tokens(40);
                async move {
                    if n / 3 % 2 == 0 {
                        model.complete(request).await
                    } else {
                        streamed(&*model, request).await
                    }
                }
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await
    }

    /// Holds what is left behind against what the vendors know.
    fn check(&self, what: &str, calls: usize, ended: &[Result<ChatReply, Error>]) {
        let truth = self.world.truth();
        assert_eq!(ended.len(), calls, "every call ends");
        for (limiter, gate) in self.limiters.iter().zip(&self.gates) {
            let (limiter, gate) = (limiter.state(), gate.state());
            assert_eq!(
                (limiter.in_flight, limiter.waiting),
                (0, 0),
                "leave to start that was not given back"
            );
            assert_eq!((gate.inside, gate.waiting), (0, 0), "places that were not given back");
        }
        for vendor in truth.vendors.values() {
            assert!(vendor.adds_up() && vendor.in_flight == 0, "{vendor:?}");
        }
        for key in &truth.keys {
            assert_eq!(key.early_retries, 0, "no wait is shorter than it was asked for: {key:?}");
        }
        let attempts: u64 = truth.vendors.values().map(|vendor| vendor.seen).sum();
        let most = calls as u64 + calls as u64 / 10 + u64::from(RETRY_RESERVE);
        assert!(attempts >= calls as u64 && attempts <= most, "{attempts} attempts, at most {most}");
        let statistics = self.statistics.snapshot().total;
        assert_eq!((statistics.calls, statistics.attempts), (calls as u64, attempts));
        assert_eq!(self.ledger.total().billed.calls, attempts, "each attempt is booked once");
        for result in ended {
            match result {
                Ok(reply) => assert_eq!(reply.usage.basis, UsageBasis::Reported, "{reply:?}"),
                Err(error) => assert!(!error.to_string().contains("sk-soak"), "{error}"),
            }
        }
        self.check_books(what, &truth);
    }

    /// What the vendors served is booked to the token; what they may bill beside it is covered by what is booked as possibly
    /// billed.
    fn check_books(&self, what: &str, truth: &Truth) {
        let entries: Vec<Entry> =
            self.entries.entries().into_iter().filter(|entry| entry.sequence != entry.reservation).collect();
        let (mut served, mut doubtful) = (0_u64, 0_u64);
        let (mut input, mut output) = (0_u64, 0_u64);
        let mut covered = Usd::ZERO;
        for entry in &entries {
            let usage = entry.usage.as_ref();
            if usage.is_some_and(|usage| usage.basis == UsageBasis::Reported)
                && entry.possibly_billed == Usd::ZERO
            {
                let usage = usage.expect("a usage");
                served += 1;
                input += usage.tokens.total_input();
                output += usage.tokens.total_output();
            } else if entry.counted() > Usd::ZERO {
                doubtful += 1;
                covered = covered.checked_add(entry.counted()).expect("a sum");
            }
        }
        let (mut billed, mut possibly) = (BTreeMap::new(), 0);
        let mut at_stake = 0_i128;
        for (vendor, known) in &truth.vendors {
            let (known_served, known_possibly) = (known.total_served(), known.total_possibly_billed());
            billed.insert(*vendor, known_served);
            possibly += known_possibly.requests;
            let tokens = known_possibly.tokens;
            at_stake += i128::from(tokens.input + tokens.cache_read + tokens.cache_write) * 1_000_000
                + i128::from(tokens.output + tokens.reasoning) * 1_000_000_000;
        }
        let sum = |of: fn(&assize_loopback::Billed) -> u64| billed.values().map(of).sum::<u64>();
        assert_eq!(
            (served, input, output),
            (
                sum(|billed| billed.requests),
                sum(|billed| billed.tokens.input + billed.tokens.cache_read + billed.tokens.cache_write),
                sum(|billed| billed.tokens.output + billed.tokens.reasoning)
            ),
            "{what}: what was served is booked as served"
        );
        assert!(
            doubtful >= possibly,
            "{what}: {possibly} calls may be billed beside, {doubtful} are booked so"
        );
        assert!(
            covered >= Usd::from_picodollars(at_stake),
            "{what}: {covered} is set aside for what may be billed: {at_stake} picodollars"
        );
    }
}

async fn streamed(model: &dyn ChatModel, request: ChatRequest) -> Result<ChatReply, Error> {
    let mut deltas = model.stream(request).await?;
    let mut text = String::new();
    while let Some(delta) = deltas.next().await {
        match delta? {
            ReplyDelta::Text(piece) => text.push_str(&piece),
            ReplyDelta::Done(reply) => {
                assert_eq!(reply.text, text, "the deltas are the reply");
                return Ok(*reply);
            }
            _ => {}
        }
    }
    panic!("a stream ends with its reply or with an error");
}

fn tally(ended: &[Result<ChatReply, Error>]) -> BTreeMap<Option<ErrorKind>, usize> {
    let mut tally = BTreeMap::new();
    for result in ended {
        *tally.entry(result.as_ref().err().map(Error::kind)).or_default() += 1;
    }
    tally
}

#[tokio::test(start_paused = true)]
async fn soak_of_all_faults_together() {
    let stack = Stack::new(Seed::new(11), Faults::evenly(0.2).unwrap());
    let ended = stack.run(CALLS).await;
    stack.check("all faults", CALLS, &ended);
    let tally = tally(&ended);
    assert!(tally[&None] > CALLS * 8 / 10, "{tally:?}");
    let truth = stack.world.truth();
    for fault in Fault::ALL {
        let n: u64 = truth.vendors.values().filter_map(|vendor| vendor.faults.get(&fault)).sum();
        assert!(n > 100, "{fault:?} came {n} times");
    }
}

#[tokio::test(start_paused = true)]
async fn soak_of_each_fault_at_a_fifth() {
    use ErrorKind as Kind;
    for fault in Fault::ALL {
        let expected: &[ErrorKind] = match fault {
            Fault::RateLimited | Fault::RateLimitedSilently => &[Kind::RateLimited],
            Fault::Quota => &[Kind::Quota],
            Fault::ServerError => &[Kind::Server],
            Fault::Unavailable | Fault::Overloaded => &[Kind::Overloaded],
            Fault::Cut => &[Kind::CutStream],
            Fault::Slow => &[],
            Fault::Hang => &[Kind::TimedOut],
            Fault::ErrorInside => &[Kind::Server, Kind::Overloaded],
            Fault::Malformed | Fault::WrongType | Fault::Huge => &[Kind::Malformed],
            Fault::Drop => &[Kind::CutStream],
            other => panic!("say what comes of {other:?}"),
        };
        let stack = Stack::new(Seed::new(5), Faults::none().with(fault, 0.2).unwrap());
        let ended = stack.run(CALLS_OF_A_FAULT).await;
        stack.check(fault.key(), CALLS_OF_A_FAULT, &ended);
        let tally = tally(&ended);
        let kinds: Vec<ErrorKind> = tally.keys().flatten().copied().collect();
        let strange = ended
            .iter()
            .filter_map(|result| result.as_ref().err())
            .find(|error| !expected.contains(&error.kind()));
        assert!(strange.is_none(), "{fault:?}: {tally:?}: {strange:?}");
        assert!(expected.is_empty() || !kinds.is_empty(), "{fault:?} never reached a caller: {tally:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn callers_that_go_away_leave_nothing_behind() {
    let stack = Stack::new(Seed::new(23), Faults::none());
    let calls = 1_000;
    let ended: Vec<bool> = stream::iter(0..calls)
        .map(|n| {
            let model = Arc::clone(&stack.models[n % 3]);
            let request = ChatRequest::new(format!("Question {n}?")).with_max_tokens(40);
            let patience = Duration::from_millis(37 * (n as u64 % 61));
            async move {
                let call = async {
                    if n % 2 == 0 { model.complete(request).await } else { streamed(&*model, request).await }
                };
                tokio::time::timeout(patience, call).await.is_ok()
            }
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let gone = ended.iter().filter(|is_whole| !**is_whole).count();
    assert!(gone > calls / 10 && gone < calls, "{gone} of {calls} went away");
    for (limiter, gate) in stack.limiters.iter().zip(&stack.gates) {
        assert_eq!((limiter.state().in_flight, limiter.state().waiting), (0, 0));
        assert_eq!((gate.state().inside, gate.state().waiting), (0, 0));
    }
    let truth = stack.world.truth();
    assert!(
        truth.vendors[&Vendor::OpenAi].adds_up() && truth.vendors.values().all(|known| known.in_flight == 0)
    );
    let statistics = stack.statistics.snapshot().total;
    assert_eq!((statistics.calls, statistics.cancelled), (calls as u64, gone as u64));
    stack.check_books("callers that go away", &truth);
}

#[test]
fn the_prices_tell_tokens_apart() {
    let prices = PriceBook::from_toml("test", PRICES).unwrap();
    let price = prices.find("m", Timestamp::UNIX_EPOCH).unwrap();
    let one = |bucket| assize_metering::TokenUsage::default().with(bucket, 1);
    let cost = |bucket| price.cost(&one(bucket), assize_metering::Mode::Standard).unwrap().total();
    assert_eq!(cost(Bucket::Input), Usd::from_picodollars(1_000_000));
    assert_eq!(cost(Bucket::Output), Usd::from_picodollars(1_000_000_000));
    let _: &ModelId = &"m".into();
}
