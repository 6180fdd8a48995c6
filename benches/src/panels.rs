//! Panels that answer at once, so that what is measured is the engine.

use std::sync::Arc;

use assize_ambient::{Seed, Timestamp};
use assize_debate::{Debater, ModelDebater, Rule, ScriptedDebater, Seat, Spec, Utterance};
use assize_llm::{ChatRequest, SimulatedModel};
use assize_metering::{ModelPrice, PriceBook};

/// A debate of `seats` seats that takes exactly `rounds` rounds: half of the panel says yes and half no, and all change
/// sides in every round, so that nothing ends it early.
#[must_use]
pub fn restless_spec(seats: usize, rounds: u32) -> Spec {
    let spec = Spec::new("Is it so?", ["yes", "no"]).with_rounds(rounds).with_rule(Rule::LinearPool);
    (0..seats).fold(spec, |spec, n| spec.with_seat(Seat::new(format!("seat {n}"), "instant")))
}

/// Scripted debaters for [`restless_spec`]: no model, no waiting.
#[must_use]
pub fn instant_debaters(seats: usize, rounds: u32) -> Vec<Arc<dyn Debater>> {
    let debater = |n: usize| {
        let says = |round: u32| {
            let stance = (n + round as usize) % 2;
            let p = if stance == 0 { [0.7, 0.3] } else { [0.3, 0.7] };
            Ok(Utterance::new(stance).with_probabilities(p).because("so it is", []))
        };
        Arc::new(ScriptedDebater::new((0..rounds).map(says))) as Arc<dyn Debater>
    };
    (0..seats).map(debater).collect()
}

/// Debaters for [`restless_spec`] that go the whole way of a model, prompt, stream, JSON and price included, with a model
/// that answers at once.
#[must_use]
pub fn instant_models(seats: usize) -> Vec<Arc<dyn Debater>> {
    let price = Arc::new(price_of("gpt-4o-mini"));
    let debater = |n: usize| {
        // The round is read from the prompt, as a model would.
        let answer = move |request: &ChatRequest, _: &mut assize_ambient::Chance| {
            let text = request.messages.first().map_or("", |message| &message.text);
            let round =
                text.split("Round ").nth(1).and_then(|rest| rest.bytes().next()).map_or(0, usize::from);
            let (stance, p) = if (n + round).is_multiple_of(2) { ("yes", 0.7) } else { ("no", 0.3) };
            format!(
                "{{\"stance\":\"{stance}\",\"probabilities\":{{\"yes\":{p},\"no\":{}}},\"reasons\":[{{\"text\":\"so it is\",\"cites\":[]}}]}}",
                1.0 - p
            )
        };
        let model = SimulatedModel::new("gpt-4o-mini", Seed::new(n as u64), answer);
        Arc::new(ModelDebater::new(Arc::new(model), Some(Arc::clone(&price)))) as Arc<dyn Debater>
    };
    (0..seats).map(debater).collect()
}

/// The price of a model of the embedded book.
///
/// # Panics
/// When the book lacks it: then the bench is wrong.
#[must_use]
pub fn price_of(model: &str) -> ModelPrice {
    let at: Timestamp = "2026-11-01T00:00:00Z".parse().expect("a time");
    PriceBook::embedded().find(model, at).expect("a model of the embedded book").clone()
}
