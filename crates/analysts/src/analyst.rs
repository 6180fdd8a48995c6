//! An analyst: a rule in a debater's seat.

use std::sync::Arc;

use assize_debate::{AbstainReason, Abstention, Debater, Reason, Speech, Turn, Utterance};

use crate::{
    Bar, DIRECTION_OPTIONS, EvidenceRule, PriceRule, TrackRecord,
    benchmark::{Aim, Benchmark},
    evidence_rule,
    hearing::heard,
    read_bars,
};

/// Smaller weights than this, in nats, are no opinion.
pub(crate) const NO_OPINION: f64 = 1e-6;

/// Argues by one [`PriceRule`], or by one [`EvidenceRule`], whether a price will be higher after a number of sessions; or whether
/// it will have gained on a [benchmark](crate::BENCHMARK), where one is among the evidence.
///
/// ```
/// use std::sync::Arc;
/// use assize_analysts::{Analyst, Momentum};
/// use assize_debate::{Debater, Driver, Seat, Spec};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let analyst: Arc<dyn Debater> = Arc::new(Analyst::new(Momentum, 20));
/// let spec = Spec::new("Will it rise?", ["up", "down"]).with_seat(Seat::new("momentum", "analyst:momentum"));
/// let verdict = Driver::new(spec, vec![analyst])?.run().await?.verdict;
/// assert_eq!(verdict.decision(), None, "without bars it abstains");
/// # Ok::<(), assize_debate::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Analyst {
    method: Method,
    horizon: usize,
}

#[derive(Debug, Clone)]
enum Method {
    Prices(Arc<dyn PriceRule>),
    Evidence(Arc<dyn EvidenceRule>),
}

impl Analyst {
    /// An analyst of prices that looks `horizon` sessions ahead.
    #[must_use]
    pub fn new(rule: impl PriceRule, horizon: usize) -> Self {
        Self { method: Method::Prices(Arc::new(rule)), horizon }
    }

    /// An analyst of other evidence that looks `horizon` sessions ahead.
    #[must_use]
    pub fn of_evidence(rule: impl EvidenceRule, horizon: usize) -> Self {
        Self { method: Method::Evidence(Arc::new(rule)), horizon }
    }

    fn answer(&self, turn: &Turn) -> Result<Utterance, Abstention> {
        let position = |wanted: &str| turn.options().iter().position(|option| option == wanted);
        let (Some(up), Some(down), 2) =
            (position(DIRECTION_OPTIONS[0]), position(DIRECTION_OPTIONS[1]), turn.options().len())
        else {
            let detail = format!("it can only answer a question whose options are {DIRECTION_OPTIONS:?}");
            return Err(Abstention::new(AbstainReason::NoEvidence, detail));
        };
        let benchmark = Benchmark::read(turn.evidence());
        let aim = Aim::of(benchmark.as_ref());
        // Without a reading of its own it has nothing to add to what the others said.
        let mut reasons = match &self.method {
            Method::Prices(rule) => vec![self.read_prices(&**rule, turn, benchmark.as_ref())?],
            Method::Evidence(rule) => evidence_rule::reasons(&**rule, self.horizon, turn, aim)?,
        };
        // Reasons state their weight for the first option; here all weights are for a rise.
        let sign = if up == 0 { 1.0 } else { -1.0 };
        let heard = heard(turn, &reasons, sign, aim);
        let mut weight = heard.as_ref().map_or(0.0, |heard| heard.weight);
        for reason in &mut reasons {
            weight += reason.weight.unwrap_or(0.0);
            reason.weight = reason.weight.map(|weight| sign * weight);
        }
        reasons.extend(heard.map(|heard| heard.reason));
        if weight.abs() < NO_OPINION {
            return Err(Abstention::new(AbstainReason::Undecided, "what it read and heard cancels out"));
        }
        let p = 1.0 / (1.0 + libm::exp(-weight));
        let mut probabilities = [0.0; 2];
        probabilities[up] = p;
        probabilities[down] = 1.0 - p;
        let mut utterance =
            Utterance::new(if weight > 0.0 { up } else { down }).with_probabilities(probabilities);
        utterance.reasons = reasons;
        Ok(utterance)
    }

    /// What it reads itself from the daily bars, measured in shares of the benchmark if there is one.
    fn read_prices(
        &self,
        rule: &dyn PriceRule,
        turn: &Turn,
        benchmark: Option<&Benchmark>,
    ) -> Result<Reason, Abstention> {
        let aim = Aim::of(benchmark);
        let bars: Vec<Bar> = read_bars(turn.evidence())
            .map_err(|mixed| Abstention::new(AbstainReason::NoEvidence, mixed.to_string()))?;
        let bars = match benchmark {
            Some(benchmark) => benchmark.relative(bars),
            None => bars,
        };
        let needed = rule.bars_needed();
        if bars.len() < needed {
            let of_both = match aim {
                Aim::Rise => String::new(),
                Aim::Beat(name) => format!(" on days of which that of {name} is known"),
            };
            let detail = format!("it needs {needed} daily bars{of_both}, and there are {}", bars.len());
            return Err(Abstention::new(AbstainReason::NoEvidence, detail));
        }
        let Some(reading) = rule.read(&bars) else {
            let last = bars.last().map(|bar| bar.date.to_string()).unwrap_or_default();
            let detail = format!("its rule has no call on the bars up to {last}");
            return Err(Abstention::new(AbstainReason::Undecided, detail));
        };
        let record = TrackRecord::of(rule, &bars, self.horizon);
        let weight = record.weight_of(reading.signal);
        let kept = format!(
            "on this ticker it was right in {} of {} calls over {} sessions",
            record.hits(),
            record.calls(),
            self.horizon
        );
        if weight.abs() < NO_OPINION {
            let detail = format!(
                "{}; {kept}: its calls tell {aim} from {} no better than a coin",
                reading.text,
                aim.opposite()
            );
            return Err(Abstention::new(AbstainReason::Undecided, detail));
        }
        let mut cites: Vec<_> = reading.rests_on.iter().map(|&index| bars[index].id.clone()).collect();
        cites.extend(benchmark.map(|benchmark| benchmark.id.clone()));
        let measured = match aim {
            Aim::Rise => String::new(),
            Aim::Beat(name) => format!("measured against {name}: "),
        };
        let text = format!("{measured}{}; {kept}: {weight:+.3} nats for {aim}", reading.text);
        Ok(Reason { text, cites, weight: Some(weight) })
    }
}

impl Debater for Analyst {
    fn speak(&self, turn: Turn) -> Speech {
        Speech::immediate(self.answer(&turn))
    }
}
