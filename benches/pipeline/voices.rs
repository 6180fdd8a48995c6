//! Who sits beside the analysts: models that take 2 to 8 seconds a call.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use assize_altdata::Ticker;
use assize_ambient::{Chance, Seed};
use assize_analysts::DIRECTION_OPTIONS;
use assize_benches::{
    panels::price_of,
    pondering::{CallLog, PonderingModel},
};
use assize_debate::{Debater, ModelDebater, Seat};
use assize_llm::{ChatModel, ChatReply, ChatRequest, Error, ModelId, ReplyStream};
use assize_metering::{TokenUsage, Usage};
use assize_pipeline::Analysts;
use async_trait::async_trait;
use tokio::time::sleep;

const VOICES: usize = 3;

/// The analysts who have something to read, and three voices that answer at random: only their waiting matters.
pub(crate) fn seating(seed: Seed, log: &CallLog) -> Analysts {
    let price = Arc::new(price_of("gpt-4o-mini"));
    let voice = |n: usize| {
        let model = PonderingModel::new(&format!("voice-{n}"), seed, answer, log);
        let debater: Arc<dyn Debater> =
            Arc::new(ModelDebater::new(Arc::new(model), Some(Arc::clone(&price))));
        (Seat::new(format!("voice {n}"), format!("simulated-{n}")), debater)
    };
    Analysts::default().joined_by((0..VOICES).map(voice).collect())
}

fn answer(_: &ChatRequest, chance: &mut Chance) -> String {
    let p = chance.unit();
    let stance = DIRECTION_OPTIONS[usize::from(p < 0.5)];
    serde_json::json!({ "stance": stance, "probabilities": { "up": p, "down": 1.0 - p } }).to_string()
}

/// The analysts, and a voice that takes five seconds each time and of whom nothing is kept.
pub(crate) fn patient() -> Analysts {
    let debater: Arc<dyn Debater> = Arc::new(ModelDebater::new(Arc::new(Patient("patient".into())), None));
    Analysts::default().joined_by(vec![(Seat::new("voice", "simulated-patient"), debater)])
}

/// Answers after five seconds.
#[derive(Debug)]
struct Patient(ModelId);

#[async_trait]
impl ChatModel for Patient {
    fn id(&self) -> &ModelId {
        &self.0
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        sleep(Duration::from_secs(5)).await;
        let text = answer(&request, &mut Seed::new(0).rng());
        Ok(ChatReply::new(self.0.clone(), text, Usage::simulated(TokenUsage::of(1_500, 120))))
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        Ok(self.complete(request).await?.into_stream())
    }
}

/// How long each ticker's longest chain of turns is: in each round the slowest voice. By the voices' own log, in seconds.
pub(crate) fn chains(tickers: &[Ticker], log: &CallLog) -> Vec<f64> {
    let calls = log.calls();
    let chain = |ticker: &Ticker| {
        let question = format!("Will {ticker} be worth more");
        let mut by_voice: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
        for call in calls.iter().filter(|call| call.asked.contains(&question)) {
            by_voice.entry(&call.model).or_default().push(call.took);
        }
        let rounds = by_voice.values().map(Vec::len).max().unwrap_or(0);
        let slowest = |round: usize| by_voice.values().filter_map(|took| took.get(round)).max().copied();
        (0..rounds).filter_map(slowest).sum::<Duration>().as_secs_f64()
    };
    tickers.iter().map(chain).collect()
}
