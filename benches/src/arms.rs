//! The arms of the comparison: ways to come to a decision on the same question.

use std::{sync::Arc, time::Duration};

use assize_ambient::Seed;
use assize_debate::{Conclusion, Debater, Driver, ModelDebater, Rule, Seat, SeatIndex, Spec};
use assize_llm::{ChatRequest, Latency, SimulatedModel};
use assize_metering::{ModelPrice, Usd};

use crate::worlds::{Behaviour, HOLDERS, OPTIONS, Question};

/// A way to come to a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arm {
    /// The first holder alone.
    Single,
    /// All holders vote once, weighted by their confidence.
    WeightedVote,
    /// All holders vote as often as the debate may ask them, in fresh calls: the same number of calls at most, without a
    /// word between them.
    EqualBudgetVote,
    /// All holders debate, at most three rounds, and vote by the same rule.
    Debate,
}

/// The rounds of the debate, and the votes of each holder in the vote of equal budget.
const ROUNDS: u32 = 3;

/// What an arm came to on one question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decided {
    /// 1.0 for the right decision, 0.0 for a wrong one, 0.5 for none.
    pub right: f64,
    /// The squared error of the pooled probability of the truth (Brier).
    pub brier: f64,
    /// Virtual time from question to verdict.
    pub time: Duration,
    /// Calls made.
    pub calls: u32,
    /// What the calls would cost.
    pub cost: Usd,
}

impl Arm {
    /// All arms.
    pub const ALL: [Self; 4] = [Self::Single, Self::WeightedVote, Self::EqualBudgetVote, Self::Debate];

    /// The arm's name in benchmark ids.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::WeightedVote => "weighted-vote",
            Self::EqualBudgetVote => "equal-budget-vote",
            Self::Debate => "debate",
        }
    }

    /// What the arm does, for readers of the report.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Single => "one debater alone, one call",
            Self::WeightedVote => "four debaters vote once, weighted by confidence; nobody hears anybody",
            Self::EqualBudgetVote => {
                "each of the four votes in three fresh calls: as many calls as the debate may make"
            }
            Self::Debate => "the four debate for at most three rounds, then vote by the same rule",
        }
    }

    /// How many seats one holder of evidence takes.
    const fn seats_of_a_holder(self) -> u16 {
        match self {
            Self::EqualBudgetVote => 3,
            Self::Single | Self::WeightedVote | Self::Debate => 1,
        }
    }

    /// Lets the arm decide a question.
    ///
    /// # Errors
    /// When the debate cannot be held: then the benchmark is wrong.
    pub async fn decide(
        self,
        question: &Question,
        seed: Seed,
        price: &Arc<ModelPrice>,
        behaviour: Behaviour,
    ) -> Result<Decided, String> {
        let Conclusion { verdict, timing, .. } = self.hold(question, seed, price, behaviour).await?;
        let truth = OPTIONS[question.truth];
        let right = verdict.decision().map_or(0.5, |decision| if decision == truth { 1.0 } else { 0.0 });
        let miss = 1.0 - verdict.probability_of(truth).unwrap_or(0.5);
        Ok(Decided {
            right,
            brier: miss * miss,
            time: timing.total,
            calls: verdict.calls,
            cost: verdict.cost,
        })
    }

    async fn hold(
        self,
        question: &Question,
        seed: Seed,
        price: &Arc<ModelPrice>,
        behaviour: Behaviour,
    ) -> Result<Conclusion, String> {
        let holders = if self == Self::Single { 1 } else { HOLDERS };
        let per_holder = self.seats_of_a_holder();
        let mut spec = Spec::new("Which is right?", OPTIONS)
            .with_rule(Rule::ConfidenceWeighted)
            .with_rounds(if self == Self::Debate { ROUNDS } else { 1 })
            .with_seed(seed);
        spec.evidence.clone_from(&question.evidence);
        for evidence in &mut spec.evidence {
            // Holder h sits in the seats h, h + 4, h + 8; who is not on the panel holds nothing.
            if let Some(held) = &mut evidence.held_by {
                let seats =
                    |holder: SeatIndex| (0..per_holder).map(move |n| SeatIndex(holder.0 + n * HOLDERS));
                *held = held
                    .iter()
                    .filter(|holder| holder.0 < holders)
                    .flat_map(|&holder| seats(holder))
                    .collect();
            }
        }
        let mut panel: Vec<Arc<dyn Debater>> = Vec::new();
        for seat in 0..holders * per_holder {
            spec = spec.with_seat(Seat::new(format!("seat {seat}"), "behaviour"));
            let answer = move |request: &ChatRequest, chance: &mut assize_ambient::Chance| {
                behaviour.answer(request, chance)
            };
            let model = SimulatedModel::new(&price.id, seed.child(&format!("voice/{seat}")), answer)
                .with_latency(Latency::HOSTED);
            panel.push(Arc::new(ModelDebater::new(Arc::new(model), Some(Arc::clone(price)))));
        }
        let driver = Driver::new(spec, panel).map_err(|e| e.to_string())?;
        driver.run().await.map_err(|e| e.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{panels::price_of, worlds::World};

    #[tokio::test(start_paused = true)]
    async fn before_a_word_is_exchanged_all_arms_hear_the_same_answers() {
        let price = Arc::new(price_of("gpt-4o-mini"));
        for number in 0..20 {
            let seed = Seed::new(number);
            let question = World::HiddenProfile { misleading: 0.25, trust: 1.0 }.question(seed);
            let mut first_rounds = Vec::new();
            for arm in [Arm::WeightedVote, Arm::Debate, Arm::EqualBudgetVote] {
                let conclusion = arm.hold(&question, seed, &price, Behaviour::DECLARED).await.unwrap();
                let first = conclusion.transcript.into_iter().filter(|entry| entry.round == 0);
                first_rounds
                    .push(first.take(usize::from(HOLDERS)).map(|entry| entry.said).collect::<Vec<_>>());
            }
            assert_eq!(first_rounds[0], first_rounds[1]);
            assert_eq!(first_rounds[0], first_rounds[2]);
        }
    }
}
