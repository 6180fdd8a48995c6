//! Whether stages keep their places and deadlines, and whether it is chosen, remembered and decided as it should be.

use std::{path::Path, time::Duration};

use assize_altdata::Ticker;
use assize_metering::Usd;
use assize_pipeline::{
    Action, Availability, Brief, Course, Level, ShortfallKind, Sizing, Stage, Step,
    toggle::{Choice, Held, PanelKind, Plan, Policy, Predictor, Prior, Situation, Turn, choose},
};
use async_trait::async_trait;

use super::{expect, text};
use crate::PredictorFile;

/// What a stage that does not end is given.
const PATIENCE: Duration = Duration::from_millis(20);

/// Waits as long as it is told to.
#[derive(Debug)]
struct Wait;

#[async_trait]
impl Stage for Wait {
    type Input = Duration;
    type Output = Duration;

    fn name(&self) -> &'static str {
        "wait"
    }

    async fn run(&self, _: &Ticker, time: Duration) -> Availability<Duration> {
        tokio::time::sleep(time).await;
        Availability::Full(time)
    }
}

/// Two stages take turns at one place; one that does not end is cut off, and it is said why.
pub(super) async fn course() -> Result<String, String> {
    let ticker: Ticker = "KO".parse().map_err(text)?;
    let course = Course::begin().with_places(1);
    let (step, brief) = (Step::working(Wait), Step::new(Wait).within(PATIENCE));
    let trace = course.trace(&ticker);
    let time = Duration::from_millis(2);
    let (one, other) = tokio::join!(trace.run(&step, time), trace.run(&step, time));
    let endless = trace.run(&brief, Duration::from_secs(3_600)).await;
    let spans = trace.spans();
    let [first, second, cut] = &spans[..] else { return Err(format!("{} stages left a trace", spans.len())) };
    let took_turns = first.end <= second.start || second.end <= first.start;
    let was_told = trace.shortfalls().iter().any(|lack| lack.kind == ShortfallKind::Deadline);
    expect(
        (one, other, endless) == (Some(time), Some(time), None) && took_turns && was_told,
        format!(
            "two took turns, the third was cut off after {:.0} ms",
            (cut.end - cut.start).as_secs_f64() * 1e3
        ),
    )
}

/// What was learnt of a panel survives in a file, and what is left of the time decides between debate, vote and skip.
pub(super) fn toggles(scratch: &Path) -> Result<String, String> {
    let (kind, plan) = (PanelKind::new("check", "brief"), Plan { rounds: 2, seats: 3, at_once: 3 });
    let turns = [Turn { took: Duration::from_secs(2), cost: Usd::ZERO }; 6];
    let took = Duration::from_secs(4);
    let mut predictor = Predictor::new();
    for _ in 0..20 {
        predictor.learn(&kind, &Held { plan, turns: &turns, took, cost: Usd::ZERO, cut_short: false });
    }
    let file = PredictorFile::new(scratch.join("predictor/debates.json"));
    file.save(&predictor).map_err(text)?;
    let learnt = file.load().map_err(text)?;
    if learnt != predictor {
        return Err("the file gives back something else than it was given".to_owned());
    }
    let prior = Prior { turn_time: Duration::from_secs(60), turn_cost: Usd::ZERO, spread_percent: 200 };
    let chosen = |seconds| {
        let situation = Situation {
            full: plan,
            tickers_left: 1,
            tickers_at_once: 1,
            time_left: Some(Duration::from_secs(seconds)),
            budget_left: None,
        };
        choose(&learnt, &kind, &prior, &situation, &Policy::default()).choice
    };
    let choices = [9, 3, 1].map(chosen);
    let [long, middle, short] = &choices;
    expect(
        choices == [Choice::Debate { rounds: 2 }, Choice::Vote, Choice::Skip],
        format!("with 9, 3 and 1 s left: {long}, {middle}, {short}"),
    )
}

/// The decision of a rise has its levels in order, a size within the book, evidence, and the name that its content gives it.
pub(super) fn decision(brief: &Result<Brief, String>) -> Result<String, String> {
    let brief = brief.as_ref().map_err(|why| format!("there is no brief to decide from: it {why}"))?;
    let decision = brief.tickers.first().and_then(|ticker| ticker.decision.as_ref());
    let decision = decision.ok_or("nothing was decided")?;
    let entry = decision.entry.as_ref().ok_or("it starts from no price")?.price;
    let (Level::At { price: stop }, Level::At { price: target }) = (&decision.stop, &decision.target) else {
        return Err("it has no stop, or no target".to_owned());
    };
    let Sizing::To { weight, .. } = &decision.size else { return Err("it has no size".to_owned()) };
    let is_sound = matches!(decision.action, Action::Overweight | Action::Buy)
        && (*stop < entry && entry < *target)
        && (1..=10_000).contains(&weight.bp())
        && !decision.evidence_for.is_empty()
        && !decision.invalidation.is_empty()
        && decision.id == decision.content_id();
    expect(
        is_sound,
        format!(
            "{} {weight} from {entry}, stop {stop}, target {target}, on {} pieces of evidence",
            decision.action,
            decision.evidence_for.len()
        ),
    )
}
