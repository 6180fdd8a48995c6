//! Debates of simulated vendors' models, each from a seed of its own, and what they come to as bytes.

use std::{sync::Arc, time::Duration};

use assize_ambient::{Chance, Seed};
use assize_benches::panels::price_of;
use assize_debate::{Conclusion, Debater, Driver, ModelDebater, Rule, Seat, Spec, StopRule};
use assize_llm::{ChatRequest, Failures, Latency, SimulatedModel};
use assize_metering::ModelPrice;

use crate::figures::words;

const SEATS: u64 = 4;
const ROUNDS: u32 = 3;
/// So fast that thousands of debates on real threads take seconds; as uneven as a hosted model.
pub(crate) const BRISK: Latency =
    Latency { first_token_median: Duration::from_millis(5), tokens_per_second: 8_000.0, ..Latency::HOSTED };

/// What all debates share.
#[derive(Debug, Clone)]
pub(crate) struct Crowd {
    price: Arc<ModelPrice>,
    latency: Latency,
}

/// A debate's verdict and transcript as one hash of their JSON.
pub(crate) type Digest = [u8; 32];

impl Crowd {
    pub(crate) fn new(latency: Latency) -> Self {
        Self { price: Arc::new(price_of("gpt-4o-mini")), latency }
    }

    /// The debate of this number. Some of its calls fail, some answers are garbled.
    pub(crate) fn driver(&self, number: u64) -> Result<Driver, String> {
        let seed = Seed::new(number);
        let spec = Spec::new(format!("Is it so in case {number}?"), ["yes", "no"])
            .with_rounds(ROUNDS)
            .with_rule(Rule::LinearPool)
            .with_stops(StopRule::DEFAULT)
            .with_seed(seed);
        let spec =
            (0..SEATS).fold(spec, |spec, n| spec.with_seat(Seat::new(format!("voice {n}"), "simulated")));
        let failures = Failures { server: 0.02, cut_stream: 0.02, malformed: 0.02, ..Failures::default() };
        let voice = |n: u64| {
            let model = SimulatedModel::new("gpt-4o-mini", seed.child(&format!("voice/{n}")), answer)
                .with_latency(self.latency)
                .with_failures(failures);
            Arc::new(ModelDebater::new(Arc::new(model), Some(Arc::clone(&self.price)))) as Arc<dyn Debater>
        };
        Driver::new(spec, (0..SEATS).map(voice).collect()).map_err(words)
    }

    /// Holds the debate of this number.
    pub(crate) async fn hold(&self, number: u64) -> Result<Digest, String> {
        digest(&self.driver(number)?.run().await.map_err(words)?)
    }
}

pub(crate) fn answer(_: &ChatRequest, chance: &mut Chance) -> String {
    let p = chance.unit();
    let stance = if p < 0.5 { "no" } else { "yes" };
    let reasons =
        [serde_json::json!({ "text": format!("the odds are {p:.6}, as far as can be seen"), "cites": [] })];
    let odds = serde_json::json!({ "yes": p, "no": 1.0 - p });
    serde_json::json!({ "stance": stance, "probabilities": odds, "reasons": reasons }).to_string()
}

/// What a debate came to, without the time that it took.
fn digest(conclusion: &Conclusion) -> Result<Digest, String> {
    let mut hasher = blake3::Hasher::new();
    serde_json::to_writer(&mut hasher, &*conclusion.verdict).map_err(words)?;
    serde_json::to_writer(&mut hasher, &conclusion.transcript).map_err(words)?;
    Ok(*hasher.finalize().as_bytes())
}
