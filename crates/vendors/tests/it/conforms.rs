//! Vendors' models over played vendors do as every model must, alone and with everything around them that belongs there.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use assize_ambient::{FixedClock, Seed, Timestamp};
use assize_llm::{
    CallStatistics, ChatModel, ChatReply, ChatRequest, CircuitBroken, ConcurrencyLimited, Error, Fallback,
    Hedged, Hedging, Metered, ModelId, Observed, RateLimited, Recorded, Recorder, ReplyStream, Retrying,
    TimeLimited, TimeLimits,
    conformance::{self, Allowances},
};
use assize_loopback::{Latency, Vendor, World};
use assize_metering::{Attribution, Ledger, PriceBook, Usd};
use assize_transport::{
    Breaker, BreakerOptions, Gate, Limiter, LimiterOptions, RetryPolicy, ServiceTransport, Transport,
};
use assize_vendors::{Endpoint, VendorModel, WireFormat};
use async_trait::async_trait;

/// Each format that is played, the base of its addresses, and a model.
pub(crate) const PLAYED: [(Vendor, WireFormat, &str, &str); 3] = [
    (Vendor::OpenAi, WireFormat::OpenAiChat, "/v1", "gpt-4o"),
    (Vendor::Anthropic, WireFormat::Anthropic, "", "claude-sonnet-4-5"),
    (Vendor::Gemini, WireFormat::Gemini, "/v1beta", "gemini-2.5-flash"),
];

fn prices() -> Arc<PriceBook> {
    let rows = PLAYED.map(|(_, _, _, model)| model).into_iter().chain(["probe"]).map(|id| {
        format!(
            "[[price]]\nvendor = \"acme\"\nid = \"{id}\"\ninput = \"1\"\noutput = \"10\"\nmax_output_tokens = 4096\nsource = \"a test\"\n"
        )
    });
    let list = format!("format_version = 1\n{}", rows.collect::<String>());
    Arc::new(PriceBook::from_toml("test", &list).expect("a list of prices"))
}

/// A model with everything around it, and each layer of it, the innermost first.
#[derive(Debug, Clone)]
pub(crate) struct Stack {
    pub(crate) layers: Vec<Arc<dyn ChatModel>>,
    pub(crate) ledger: Ledger,
    pub(crate) statistics: CallStatistics,
}

/// The wrappers in the order in which they belong around a model, as the documentation of `assize_llm` has it.
pub(crate) fn stack(
    vendor: Arc<dyn ChatModel>,
    recorder: &Recorder,
    hedging: Hedging,
    policy: RetryPolicy,
) -> Stack {
    let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
    let ledger = Ledger::builder(clock.clone()).open().expect("a ledger");
    let statistics = CallStatistics::new();
    let mut layers: Vec<Arc<dyn ChatModel>> = vec![vendor];
    let mut put = |make: &dyn Fn(Arc<dyn ChatModel>) -> Arc<dyn ChatModel>| {
        let within = layers.last().map(Arc::clone).expect("the vendor");
        layers.push(make(within));
    };
    let limits = TimeLimits::default().with_total(Duration::from_secs(600));
    put(&|model| Arc::new(TimeLimited::new(model, limits)));
    let who = Attribution::new().with_tenant("acme");
    put(&|model| Arc::new(Metered::new(model, prices(), clock.clone(), ledger.clone(), who.clone())));
    put(&|model| Arc::new(ConcurrencyLimited::new(model, Gate::default())));
    put(&|model| Arc::new(RateLimited::new(model, Limiter::new(LimiterOptions::default()))));
    put(&|model| Arc::new(CircuitBroken::new(model, Breaker::new(BreakerOptions::default()))));
    put(&|model| {
        let retrying = Retrying::new(model, Seed::new(5)).with_policy(policy);
        Arc::new(retrying.with_deadline(Duration::from_secs(1)))
    });
    put(&|model| Arc::new(Fallback::new(model)));
    put(&|model| Arc::new(Hedged::new(model, hedging)));
    put(&|model| Arc::new(Recorded::new(model, recorder.clone())));
    put(&|model| Arc::new(Observed::new(model, statistics.clone())));
    Stack { layers, ledger, statistics }
}

impl Stack {
    pub(crate) fn outermost(&self) -> &Arc<dyn ChatModel> {
        self.layers.last().expect("the vendor")
    }
}

#[async_trait]
impl ChatModel for Stack {
    fn id(&self) -> &ModelId {
        self.outermost().id()
    }

    fn is_simulated(&self) -> bool {
        self.outermost().is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        self.outermost().complete(request).await
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        self.outermost().stream(request).await
    }
}

/// A vendor's model that is asked over this transport.
pub(crate) fn vendor(
    (_, format, path, model): (Vendor, WireFormat, &str, &str),
    root: &str,
    key: &str,
    transport: Arc<dyn Transport>,
) -> VendorModel {
    let base = format!("{root}{path}").parse().expect("an address");
    VendorModel::new(Endpoint::new("played", format, base).with_key(key), model, transport)
}

fn world() -> World {
    World::new(Seed::new(9), Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH)))
}

fn in_process(world: &World) -> Arc<dyn Transport> {
    Arc::new(ServiceTransport::new(world.clone(), Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH))))
}

fn tape() -> Recorder {
    Recorder::new(io::sink())
}

const RARELY: Hedging = Hedging::after(Duration::from_secs(30));

#[tokio::test(start_paused = true)]
async fn vendors_models_over_played_vendors() {
    for played in PLAYED {
        for world in [
            world(),
            world().with_latency(Latency::HOSTED),
            world().with_token_details(),
            world().with_latency(Latency::HOSTED).with_token_details(),
        ] {
            let transport = in_process(&world);
            conformance::run(|| vendor(played, "http://loopback", "sk-any", transport.clone())).await;
            let truth = world.truth();
            let known = &truth.vendors[&played.0];
            assert_eq!((known.seen, known.total_served().requests), (2, 2), "{known:?}");
        }
    }
}

/// What comes out of the stack is what the vendor said, and what is booked is what the vendor served.
#[tokio::test(start_paused = true)]
async fn the_whole_stack_over_played_vendors() {
    for played in PLAYED {
        let world = world().with_latency(Latency::HOSTED);
        let transport = in_process(&world);
        let ledgers = Mutex::new(Vec::new());
        conformance::run(|| {
            let model = vendor(played, "http://loopback", "sk-any", transport.clone());
            let stack = stack(Arc::new(model), &tape(), RARELY, RetryPolicy::default());
            ledgers.lock().expect("no panic").push(stack.ledger.clone());
            stack
        })
        .await;
        let (mut input, mut output, mut calls) = (0, 0, 0);
        for ledger in ledgers.lock().expect("no panic").iter() {
            assert_eq!((ledger.n_open(), ledger.reserved()), (0, Usd::ZERO));
            let billed = ledger.total().billed;
            input += billed.tokens.total_input();
            output += billed.tokens.total_output();
            calls += billed.calls;
        }
        let served = world.truth().vendors[&played.0].total_served();
        assert_eq!((input, output, calls), (served.tokens.prompt(), served.tokens.reply(), served.requests));
    }
}

/// The stack is itself a wrapper as any other: errors of all kinds come through, nothing is left of dropped calls.
#[tokio::test(start_paused = true)]
async fn the_whole_stack_as_a_wrapper() {
    let ledgers = Mutex::new(Vec::new());
    conformance::wrapper(Allowances::NONE.asking_again().saying_more(), |model| {
        let stack = stack(model, &tape(), RARELY, RetryPolicy::default());
        ledgers.lock().expect("no panic").push(stack.ledger.clone());
        stack
    })
    .await;
    let ledgers = ledgers.into_inner().expect("no panic");
    assert!(ledgers.len() > 100, "{}", ledgers.len());
    for ledger in ledgers {
        assert_eq!(
            (ledger.n_open(), ledger.reserved()),
            (0, Usd::ZERO),
            "a call that is over holds nothing back"
        );
    }
}
