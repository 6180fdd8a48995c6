//! Debates of simulated models, in virtual time: do the predictions hold?

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use assize_ambient::{Chance, Seed};
use assize_metering::Usd;
use futures_util::{StreamExt, future::join_all, stream};
use tokio::time::{Instant, sleep};

use crate::toggle::*;

/// A model whose calls take 2 s to 8 s, log-normally: 95 of 100 do.
struct Model {
    chance: Chance,
    /// How many times slower than usual.
    slower: f64,
    /// Of how many debates one ends after its first round, since all agree.
    agreement: f64,
    /// Whether a debate as a whole may be slow or dear, so that its turns are not independent.
    moody: bool,
}

impl Model {
    fn new(seed: u64) -> Self {
        Self { chance: Seed::new(seed).child("model").rng(), slower: 1.0, agreement: 0.0, moody: false }
    }

    /// A debate. Prompts grow with the rounds, and with them the cost.
    async fn debate(&mut self, plan: Plan) -> (Vec<Turn>, Duration, Usd) {
        let began = Instant::now();
        let mood = if self.moody { self.chance.log_normal(0.0, 0.3) } else { 1.0 };
        let rounds = if self.chance.happens(self.agreement) { 1 } else { plan.rounds };
        let mut turns = Vec::new();
        for round in 1..=rounds {
            let drawn: Vec<_> = (0..plan.seats)
                .map(|_| {
                    let seconds = self.chance.log_normal(4.0_f64.ln(), 0.354) * self.slower * mood;
                    let cost = 20_000_000 * i128::from(round)
                        + i128::try_from(self.chance.below(30_000_000)).unwrap();
                    (Duration::from_secs_f64(seconds), Usd::from_picodollars(cost))
                })
                .collect();
            let asked = Instant::now();
            let answers = drawn.into_iter().map(|(takes, cost)| async move {
                sleep(takes).await;
                Turn { took: asked.elapsed(), cost }
            });
            turns.extend(join_all(answers).await);
        }
        let cost = Usd::checked_sum(turns.iter().map(|turn| turn.cost)).unwrap();
        (turns, began.elapsed(), cost)
    }

    /// Holds a debate, and gives what was predicted of it and what came.
    async fn held(&mut self, predictor: &mut Predictor, plan: Plan) -> (Prediction, Duration, Usd) {
        let prediction = predictor.predict(&kind(), plan, &prior());
        let (turns, took, cost) = self.debate(plan).await;
        predictor.learn(&kind(), &Held { plan, turns: &turns, took, cost, cut_short: false });
        (prediction, took, cost)
    }
}

fn kind() -> PanelKind {
    PanelKind::new("simulated", "brief")
}

fn prior() -> Prior {
    Prior {
        turn_time: Duration::from_secs(5),
        turn_cost: Usd::from_picodollars(50_000_000),
        spread_percent: 200,
    }
}

/// The shares within, in percent.
#[derive(Default)]
struct Coverage {
    n: f64,
    time: [f64; 2],
    cost: [f64; 2],
}

impl Coverage {
    fn count(&mut self, (predicted, took, cost): &(Prediction, Duration, Usd)) {
        self.n += 1.0;
        let within = [*took <= predicted.time.p50, *took <= predicted.time.p90];
        let paid = [*cost <= predicted.cost.p50, *cost <= predicted.cost.p90];
        for at in 0..2 {
            self.time[at] += f64::from(u8::from(within[at]));
            self.cost[at] += f64::from(u8::from(paid[at]));
        }
    }

    fn percent(&self) -> [f64; 4] {
        [self.time[0], self.time[1], self.cost[0], self.cost[1]].map(|within| within / self.n * 100.0)
    }
}

/// Coverage over a thousand debates after the first two hundred.
async fn coverage(mut model: Model, plans: &[Plan]) -> [f64; 4] {
    let mut predictor = Predictor::new();
    let mut coverage = Coverage::default();
    for n in 0..1_200 {
        let plan = plans[n % plans.len()];
        let held = model.held(&mut predictor, plan).await;
        if n >= 200 {
            coverage.count(&held);
        }
    }
    coverage.percent()
}

const DEBATE: Plan = Plan { rounds: 3, seats: 5, at_once: 5 };

fn assert_right([time_p50, time_p90, cost_p50, cost_p90]: [f64; 4], what: &str) {
    for (p90, of) in [(time_p90, "time"), (cost_p90, "cost")] {
        assert!((87.0..=93.0).contains(&p90), "{what}: {p90} % of {of} within the p90");
    }
    for (p50, of) in [(time_p50, "time"), (cost_p50, "cost")] {
        assert!((44.0..=56.0).contains(&p50), "{what}: {p50} % of {of} within the p50");
    }
}

#[tokio::test(start_paused = true)]
async fn nine_of_ten_debates_stay_within_the_p90() {
    for seed in 1..=4 {
        assert_right(coverage(Model::new(seed), &[DEBATE]).await, &format!("seed {seed}"));
    }
}

#[tokio::test(start_paused = true)]
async fn so_they_do_where_debates_differ_in_shape() {
    let plans = [DEBATE, DEBATE.with_rounds(1), Plan { rounds: 2, seats: 3, at_once: 1 }];
    assert_right(coverage(Model::new(5), &plans).await, "shapes");
}

#[tokio::test(start_paused = true)]
async fn so_they_do_where_turns_depend_on_one_another_and_some_debates_end_early() {
    let model = Model { moody: true, agreement: 0.3, ..Model::new(6) };
    assert_right(coverage(model, &[DEBATE]).await, "moods");
}

#[tokio::test(start_paused = true)]
async fn a_model_that_becomes_three_times_slower_is_learnt_within_twelve_debates() {
    let mut model = Model::new(7);
    let mut predictor = Predictor::new();
    for _ in 0..200 {
        model.held(&mut predictor, DEBATE).await;
    }
    let usual = predictor.predict(&kind(), DEBATE, &prior()).time.p90;
    model.slower = 3.0;
    for _ in 0..12 {
        model.held(&mut predictor, DEBATE).await;
    }
    let slow = predictor.predict(&kind(), DEBATE, &prior()).time.p90;
    let mut after = Coverage::default();
    for _ in 0..100 {
        after.count(&model.held(&mut predictor, DEBATE).await);
    }
    assert!(slow >= usual.mul_f64(2.5), "{usual:?} to {slow:?}");
    assert!(after.percent()[1] >= 87.0, "{:?}", after.percent());

    // And back: a fast model is not thought slow for ever.
    model.slower = 1.0;
    for _ in 0..150 {
        model.held(&mut predictor, DEBATE).await;
    }
    let usual_again = predictor.predict(&kind(), DEBATE, &prior()).time.p90;
    assert!(usual_again <= usual.mul_f64(1.15), "{usual:?} to {usual_again:?}");
}

#[tokio::test(start_paused = true)]
async fn a_chosen_debate_overruns_its_share_no_oftener_than_one_time_in_ten() {
    let mut model = Model::new(8);
    let mut predictor = Predictor::new();
    for _ in 0..200 {
        model.held(&mut predictor, DEBATE).await;
    }
    let mut chance = Seed::new(8).child("deadlines").rng();
    let mut chosen: BTreeMap<u32, u32> = BTreeMap::new();
    let (mut held, mut overran) = (0, 0);
    let mut records = Vec::new();
    while held < 1_000 {
        // A brief of 15 tickers, one after another, with 5 s to 35 s for each.
        let deadline = Instant::now() + Duration::from_secs_f64(15.0 * (5.0 + 30.0 * chance.unit()));
        for left in (1..=15).rev() {
            let situation = Situation {
                full: DEBATE,
                tickers_left: left,
                tickers_at_once: 1,
                time_left: Some(deadline.saturating_duration_since(Instant::now())),
                budget_left: None,
            };
            let receipt = choose(&predictor, &kind(), &prior(), &situation, &Policy::default());
            let (choice, share) = (receipt.choice, receipt.time_share.unwrap());
            *chosen.entry(choice.rounds()).or_default() += 1;
            let mut record = ToggleRecord::new("ACME".parse().unwrap(), kind(), receipt);
            if choice == Choice::Skip {
                predictor.forgo(&kind());
            } else {
                let (_, took, cost) = model.held(&mut predictor, DEBATE.with_rounds(choice.rounds())).await;
                assert_eq!(
                    took > share,
                    record.clone().with_actual(Actual { took, cost, cut_short: false }).overran().unwrap()
                );
                record = record.with_actual(Actual { took, cost, cut_short: false });
                held += 1;
                overran += u32::from(took > share);
            }
            records.push(record);
        }
    }
    assert!(chosen.values().all(|times| *times > 20) && chosen.len() == 4, "{chosen:?}");
    assert!(overran * 10 <= held, "{overran} of {held} overran their share; {chosen:?}");
    let MeasuredCalibration::Measured(time) = calibration(&records).time else {
        panic!("a thousand suffice")
    };
    assert!((870..=930).contains(&time.p90_permille()), "{time:?}");
}

/// A brief of 15 tickers, 5 at once, on models that it knows: how long it took against its deadline, and the rounds chosen.
async fn brief(predictor: &RefCell<Predictor>, seed: Seed, limit: Duration) -> (Duration, Vec<u32>) {
    let began = Instant::now();
    let left = RefCell::new(15);
    let tickers = (0..15).map(|ticker| {
        let left = &left;
        async move {
            let situation = Situation {
                full: DEBATE,
                tickers_left: *left.borrow(),
                tickers_at_once: 5,
                time_left: Some(limit.saturating_sub(began.elapsed())),
                budget_left: None,
            };
            let choice =
                choose(&predictor.borrow(), &kind(), &prior(), &situation, &Policy::default()).choice;
            *left.borrow_mut() -= 1;
            if choice != Choice::Skip {
                let mut model = Model { chance: seed.child(&ticker.to_string()).rng(), ..Model::new(0) };
                let plan = DEBATE.with_rounds(choice.rounds());
                let (turns, took, cost) = model.debate(plan).await;
                predictor
                    .borrow_mut()
                    .learn(&kind(), &Held { plan, turns: &turns, took, cost, cut_short: false });
            }
            choice.rounds()
        }
    });
    let rounds = stream::iter(tickers).buffered(5).collect().await;
    (began.elapsed(), rounds)
}

#[tokio::test(start_paused = true)]
async fn a_brief_uses_its_time_and_keeps_its_deadline() {
    let mut predictor = Predictor::new();
    for _ in 0..50 {
        for rounds in 1..=3 {
            Model::new(9).held(&mut predictor, DEBATE.with_rounds(rounds)).await;
        }
    }
    let mut model = Model::new(9);
    for n in 0..150 {
        model.held(&mut predictor, DEBATE.with_rounds(n % 3 + 1)).await;
    }
    let predictor = RefCell::new(predictor);
    let (mut late, mut used) = (0, 0.0);
    for n in 0..100_u32 {
        let limit = Duration::from_secs(30 + u64::from(n));
        let (took, rounds) = brief(&predictor, Seed::new(9).child(&n.to_string()), limit).await;
        late += u32::from(took > limit);
        used += took.as_secs_f64() / limit.as_secs_f64() / 100.0;
        assert!(rounds.iter().all(|rounds| *rounds > 0), "30 s are enough for 15 votes: {rounds:?}");
        assert!(n < 60 || rounds.iter().filter(|rounds| **rounds == 3).count() >= 10, "{n}: {rounds:?}");
    }
    assert!(late <= 10, "{late} of 100 were late");
    assert!(used > 0.6, "{used} of the time was used");
}
