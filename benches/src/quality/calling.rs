//! The whole way: the driver, prompts, streams, JSON, prices, waiting.

use std::sync::Arc;

use assize_ambient::{Chance, Seed};
use assize_debate::{Debater, Driver, ModelDebater, ModelJudge};
use assize_llm::{ChatModel, ChatRequest, Failures, Latency, Retrying, SimulatedModel};
use assize_metering::ModelPrice;

use super::{Arm, Held, JudgingMind, Mind, Posed, Record};

/// What the calls go through.
#[derive(Debug, Clone)]
pub struct Vendor {
    /// By whose price the calls are priced.
    pub price: Arc<ModelPrice>,
    /// How long they take.
    pub latency: Latency,
    /// How they fail.
    pub failures: Failures,
}

impl Vendor {
    fn model(
        &self,
        seed: Seed,
        says: impl Fn(&ChatRequest) -> String + Send + Sync + 'static,
    ) -> Arc<dyn ChatModel> {
        let says = move |request: &ChatRequest, _: &mut Chance| says(request);
        let model = SimulatedModel::new(&self.price.id, seed.child("vendor"), says)
            .with_latency(self.latency)
            .with_failures(self.failures);
        if self.failures == Failures::default() {
            Arc::new(model)
        } else {
            Arc::new(Retrying::new(Arc::new(model), seed.child("retries")))
        }
    }
}

/// Lets a panel of models decide a question.
///
/// # Errors
/// When the debate cannot be held: then the benchmark is wrong.
pub async fn hold(
    arm: Arm,
    posed: &Posed,
    seed: Seed,
    mind: Mind,
    record: &Record,
    vendor: &Vendor,
) -> Result<Held, String> {
    let panel = arm.panel(posed, seed, record);
    let debater = |(told, seed): (String, Seed)| {
        let model = vendor.model(seed, move |request| mind.reply(request, seed));
        let debater = ModelDebater::new(model, Some(Arc::clone(&vendor.price))).with_instructions(told);
        Arc::new(debater) as Arc<dyn Debater>
    };
    let debaters = panel.seats.into_iter().map(|sitting| debater((sitting.told, sitting.seed))).collect();
    let mut driver = Driver::new(panel.spec, debaters).map_err(|e| e.to_string())?;
    if arm.has_judge() {
        let model = vendor.model(seed.child("judge"), |request| JudgingMind::DECLARED.reply(request));
        let judge = ModelJudge::new(model, Some(Arc::clone(&vendor.price)));
        driver = driver.with_judge(Arc::new(judge)).map_err(|e| e.to_string())?;
    }
    let conclusion = driver.run().await.map_err(|e| e.to_string())?;
    Ok(Held { verdict: conclusion.verdict, transcript: conclusion.transcript, time: conclusion.timing.total })
}
