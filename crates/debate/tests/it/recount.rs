//! A verdict can be checked by hand: from its JSON alone, by rules written once more and otherwise, each decision is found
//! again, and what each option got.

use std::{collections::BTreeMap, sync::Arc};

use assize_ambient::{Chance, Seed};
use assize_debate::{
    AbstainReason, Abstention, Assessment, Debater, Driver, JudgeSeat, Recalibration, Rule, ScriptedDebater,
    ScriptedJudge, Seat, Selector, Spec, TieBreak, TrackRecord, Utterance,
};
use serde_json::Value;

const NAMES: [&str; 4] = ["Rome", "Oslo", "Bonn", "Cork"];
const DEBATES: u64 = 40;

fn probabilities(chance: &mut Chance, options: usize, stance: usize) -> Vec<f64> {
    let mut p: Vec<f64> = (0..options).map(|_| 0.05 + chance.unit()).collect();
    p[stance] += 1.0;
    let sum: f64 = p.iter().sum();
    p.iter().map(|p| p / sum).collect()
}

/// Somebody who says this and that of a ballot, never more than it must.
fn utterance(chance: &mut Chance, options: usize) -> Utterance {
    let stance = chance.below(options);
    let mut said = Utterance::new(stance);
    if chance.happens(0.5) {
        said = said.with_probabilities(probabilities(chance, options, stance));
    }
    if chance.happens(0.5) {
        said = said.with_confidence(chance.unit());
    }
    if chance.happens(0.7) {
        let mut ranking: Vec<usize> = (0..options).filter(|option| *option != stance).collect();
        chance.shuffle(&mut ranking);
        ranking.insert(0, stance);
        said = said.with_ranking(ranking);
    }
    if chance.happens(0.7) {
        let approved = (0..options).filter(|option| *option == stance || chance.happens(0.4));
        said = said.with_approved(approved.collect::<Vec<_>>());
    }
    if chance.happens(0.7) {
        let mut points: Vec<f64> = (0..options).map(|_| 9.0 * chance.unit()).collect();
        points[stance] = 9.5;
        said = said.with_points(points);
    }
    said
}

async fn held(rule: Rule, tie_break: TieBreak, seed: u64) -> Value {
    let mut chance = Seed::new(seed).child(&rule.to_string()).rng();
    let (options, seats) = (2 + chance.below(3), 1 + chance.below(6));
    let mut spec = Spec::new("Where?", NAMES[..options].iter().copied())
        .with_rule(rule)
        .with_tie_break(tie_break)
        .with_rounds(3)
        .with_stops([])
        .with_selector(Selector::Always)
        .with_seed(Seed::new(seed));
    let mut panel: Vec<Arc<dyn Debater>> = Vec::new();
    let mut record = TrackRecord::new(seats);
    for _ in 0..60 {
        let right: Vec<_> = (0..seats).map(|_| Some(chance.happens(0.6))).collect();
        record.resolve(&right).expect("an outcome");
    }
    for seat in 0..seats {
        let weight = [1.0, 0.5, 2.0][chance.below(3)];
        spec = spec.with_seat(Seat::new(format!("seat {seat}"), "scripted").with_weight(weight));
        let round = |_| match chance.below(8) {
            0 => Err(Abstention::new(AbstainReason::Failed, "it failed")),
            1 => Err(Abstention::new(AbstainReason::Undecided, "it does not know")),
            _ => Ok(utterance(&mut chance, options)),
        };
        panel.push(Arc::new(ScriptedDebater::new((0..3).map(round))));
    }
    if chance.happens(0.5) {
        spec = spec.with_track_record(record);
    }
    if chance.happens(0.5) {
        let outcomes = (0..200).map(|_| (chance.unit(), chance.happens(0.6)));
        spec = spec.with_recalibration(Recalibration::from_outcomes(outcomes.collect::<Vec<_>>()));
    }
    let mut driver = None;
    if rule == Rule::Judge {
        spec = spec.with_judge(JudgeSeat::new("Judge", "scripted"));
        let mut assessment = Assessment::by_scores((0..options).map(|_| chance.unit()).collect());
        if chance.happens(0.2) {
            (assessment.winner, assessment.orders_agree) = (None, Some(false));
        }
        let said = if chance.happens(0.2) {
            Err(Abstention::new(AbstainReason::Failed, "it failed"))
        } else {
            Ok(assessment)
        };
        driver = Some(Arc::new(ScriptedJudge::new([said])));
    }
    let mut debate = Driver::new(spec, panel).expect("a debate");
    if let Some(judge) = driver {
        debate = debate.with_judge(judge).expect("a judge's seat");
    }
    let verdict = debate.run().await.expect("a verdict").verdict;
    let written = serde_json::to_string(&*verdict).expect("JSON");
    serde_json::from_str(&written).expect("JSON")
}

/// A vote as a reader of the JSON sees it, by the options' places.
struct Paper {
    stance: usize,
    probabilities: Option<Vec<f64>>,
    confidence: Option<f64>,
    ranking: Option<Vec<usize>>,
    approved: Option<Vec<usize>>,
    points: Option<Vec<f64>>,
    weight: f64,
    counts: Option<f64>,
    way: Vec<Option<usize>>,
}

/// What was read, and the options that lead: none, or those that have the most.
struct Reader {
    options: usize,
    papers: Vec<Paper>,
    rounds: u64,
    judge: Option<(bool, Vec<f64>)>,
}

fn numbers(value: &Value) -> Option<Vec<f64>> {
    value.as_array()?.iter().map(Value::as_f64).collect()
}

impl Reader {
    fn of(verdict: &Value) -> Self {
        let names: Vec<&str> =
            verdict["options"].as_array().expect("options").iter().filter_map(Value::as_str).collect();
        let place = |name: &Value| names.iter().position(|known| Some(*known) == name.as_str());
        let places = |list: &Value| list.as_array().map(|list| list.iter().filter_map(place).collect());
        let paper = |vote: &Value| Paper {
            stance: place(&vote["option"]).expect("an option"),
            probabilities: numbers(&vote["probabilities"]),
            confidence: vote["confidence"].as_f64(),
            ranking: places(&vote["ranking"]),
            approved: places(&vote["approved"]),
            points: numbers(&vote["points"]),
            weight: vote["weight"].as_f64().expect("a weight"),
            counts: vote["counts"].as_f64(),
            way: vote["way"].as_array().into_iter().flatten().map(place).collect(),
        };
        let judge = verdict["assessments"]
            .as_array()
            .and_then(|all| all.last())
            .map(|last| (last["winner"].is_string(), numbers(&last["scores"]).expect("scores")));
        Self {
            options: names.len(),
            papers: verdict["votes"].as_array().expect("votes").iter().map(paper).collect(),
            rounds: verdict["rounds"].as_u64().expect("rounds"),
            judge,
        }
    }

    fn sum(&self, of: impl Fn(&Paper, usize) -> f64) -> Vec<f64> {
        (0..self.options).map(|option| self.papers.iter().map(|paper| of(paper, option)).sum()).collect()
    }

    fn votes(&self) -> Vec<f64> {
        self.sum(|paper, option| f64::from(u8::from(paper.stance == option)))
    }

    fn probability(&self, paper: &Paper, option: usize) -> f64 {
        if let Some(p) = &paper.probabilities {
            return p[option];
        }
        let n = f64::from(u32::try_from(self.options).expect("few"));
        let stance = 1.0 / n + (1.0 - 1.0 / n) * paper.confidence.unwrap_or(0.5);
        if option == paper.stance { stance } else { (1.0 - stance) / (n - 1.0) }
    }

    /// Whether a paper puts `one` before `other`.
    fn prefers(paper: &Paper, one: usize, other: usize) -> bool {
        if let Some(ranking) = &paper.ranking {
            return ranking.iter().position(|o| *o == one) < ranking.iter().position(|o| *o == other);
        }
        let worth = |option: usize| match &paper.probabilities {
            _ if option == paper.stance => 2.0,
            Some(p) => p[option],
            None => 0.0,
        };
        worth(one) > worth(other) + 1e-9
    }

    fn duel(&self, one: usize, other: usize) -> f64 {
        self.papers.iter().map(|paper| f64::from(u8::from(Self::prefers(paper, one, other)))).sum()
    }

    fn others(&self, one: usize) -> impl Iterator<Item = usize> + use<> {
        (0..self.options).filter(move |other| *other != one)
    }

    fn copeland(&self) -> Vec<f64> {
        let half = |one, other| match self.duel(one, other).total_cmp(&self.duel(other, one)) {
            std::cmp::Ordering::Less => 0.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Greater => 1.0,
        };
        (0..self.options).map(|one| self.others(one).map(|other| half(one, other)).sum()).collect()
    }

    /// The strength of the strongest path, by trying all paths.
    fn strongest(&self, from: usize, to: usize, been: &[usize]) -> f64 {
        let won = |one, other| {
            let (for_it, against) = (self.duel(one, other), self.duel(other, one));
            if for_it > against { for_it } else { 0.0 }
        };
        let on = (0..self.options).filter(|next| *next != from && !been.contains(next));
        let by = |next: usize| {
            let rest =
                if next == to { f64::INFINITY } else { self.strongest(next, to, &[been, &[from]].concat()) };
            won(from, next).min(rest)
        };
        on.map(by).fold(0.0, f64::max)
    }

    fn schulze(&self) -> Vec<f64> {
        let unbeaten = |one: usize| {
            let count = self
                .others(one)
                .filter(|other| self.strongest(*other, one, &[]) <= self.strongest(one, *other, &[]))
                .count();
            f64::from(u32::try_from(count).expect("few"))
        };
        (0..self.options).map(unbeaten).collect()
    }

    /// By trying all orders.
    fn kemeny(&self) -> Vec<f64> {
        let mut best = vec![0.0; self.options];
        let mut orders = vec![Vec::new()];
        for _ in 0..self.options {
            let longer = |order: &Vec<usize>| {
                let rest = (0..self.options).filter(|option| !order.contains(option));
                rest.map(|next| [&order[..], &[next]].concat()).collect::<Vec<_>>()
            };
            orders = orders.iter().flat_map(longer).collect();
        }
        for order in orders {
            let pairs = order
                .iter()
                .enumerate()
                .flat_map(|(place, one)| order[place + 1..].iter().map(|other| self.duel(*one, *other)));
            best[order[0]] = f64::max(best[order[0]], pairs.sum());
        }
        best
    }

    fn runoff(&self) -> Vec<f64> {
        let mut got = vec![0.0; self.options];
        let mut standing: Vec<usize> = (0..self.options).collect();
        let all = f64::from(u32::try_from(self.papers.len()).expect("few"));
        if self.papers.is_empty() {
            return got;
        }
        loop {
            for option in &standing {
                got[*option] = 0.0;
            }
            for paper in &self.papers {
                let best: Vec<usize> = standing
                    .iter()
                    .copied()
                    .filter(|one| !standing.iter().any(|other| Self::prefers(paper, *other, *one)))
                    .collect();
                for option in &best {
                    got[*option] += 1.0 / f64::from(u32::try_from(best.len()).expect("few")) / all;
                }
            }
            let least = standing.iter().map(|option| got[*option]).fold(f64::INFINITY, f64::min);
            let stays: Vec<usize> =
                standing.iter().copied().filter(|option| got[*option] > least + 1e-6).collect();
            if stays.is_empty() || standing.iter().any(|option| got[*option] > 0.5 + 1e-6) {
                break;
            }
            standing = stays;
        }
        got
    }

    fn trajectory(&self) -> Vec<f64> {
        let (mut sums, mut came) = (vec![0.0; self.options], vec![0.0_f64; self.options]);
        for paper in &self.papers {
            let mut before = None;
            let mut ever = Vec::new();
            for (round, stance) in (1_u32..).zip(&paper.way) {
                let Some(stance) = *stance else { continue };
                let (gained, lost) = match before {
                    None => (20.0, 0.0),
                    Some(before) if before == stance => (20.0, 0.0),
                    Some(_) => (30.0, 25.0),
                };
                sums[stance] += gained / f64::from(round);
                if let Some(before) = before {
                    sums[before] -= lost / f64::from(round);
                }
                before = Some(stance);
                if !ever.contains(&stance) {
                    ever.push(stance);
                    came[stance] += 1.0;
                }
            }
        }
        sums.iter().zip(came).map(|(sum, came)| f64::max(sum / came.max(1.0), 0.0)).collect()
    }

    fn points(&self, paper: &Paper, option: usize) -> f64 {
        match &paper.points {
            Some(points) => points[option],
            None => 10.0 * self.probability(paper, option),
        }
    }

    fn approves(&self, paper: &Paper, option: usize) -> bool {
        let chance = 1.0 / f64::from(u32::try_from(self.options).expect("few"));
        match (&paper.approved, &paper.probabilities) {
            (Some(approved), _) => approved.contains(&option),
            (None, Some(p)) => option == paper.stance || p[option] >= chance - 1e-9,
            (None, None) => option == paper.stance,
        }
    }

    fn pool(&self, geometric: bool) -> Vec<f64> {
        let all: f64 = self.papers.iter().map(|paper| paper.weight).sum();
        if all <= 0.0 {
            return vec![0.0; self.options];
        }
        if !geometric {
            let sums = self.sum(|paper, option| paper.weight * self.probability(paper, option));
            return sums.iter().map(|sum| sum / all).collect();
        }
        let sums = self.sum(|paper, option| paper.weight * self.probability(paper, option).max(0.001).ln());
        let means: Vec<f64> = sums.iter().map(|sum| (sum / all).exp()).collect();
        let total: f64 = means.iter().sum();
        means.iter().map(|mean| mean / total).collect()
    }

    /// What each option got, and how much of it decides, where the most is not enough.
    fn count(&self, rule: &str) -> (&'static str, Vec<f64>, Option<f64>) {
        let cast = f64::from(u32::try_from(self.papers.len()).expect("few"));
        let name = rule.split(':').next().expect("a name");
        let share = |part: f64, of: f64| (cast * part / of).ceil();
        let mean = |sums: Vec<f64>| sums.iter().map(|sum| sum / cast.max(1.0)).collect();
        match name {
            "plurality" => ("votes", self.votes(), None),
            "majority" => ("votes", self.votes(), Some((cast / 2.0).floor() + 1.0)),
            "supermajority" => ("votes", self.votes(), Some(share(2.0, 3.0))),
            "unanimity" => ("votes", self.votes(), Some(cast)),
            "hybrid" if self.rounds < 5 || self.papers.len() <= 3 => ("votes", self.votes(), Some(cast)),
            "hybrid" => ("votes", self.votes(), Some(share(3.0, 4.0))),
            "runoff" => ("share-of-last-count", self.runoff(), None),
            "approval" => {
                ("approvals", self.sum(|paper, o| f64::from(u8::from(self.approves(paper, o)))), None)
            }
            "borda" | "borda-others" => {
                let points = |paper: &Paper, one: usize| {
                    let half = |other| {
                        1.0 + f64::from(i8::from(Self::prefers(paper, one, other)))
                            - f64::from(i8::from(Self::prefers(paper, other, one)))
                    };
                    self.others(one).map(half).sum::<f64>() / 2.0
                };
                ("place-points", self.sum(points), None)
            }
            "copeland" if self.papers.is_empty() => ("duels", vec![0.0; self.options], None),
            "copeland" => ("duels", self.copeland(), None),
            "schulze" if self.papers.is_empty() => ("not-stronger", vec![0.0; self.options], None),
            "schulze" => ("not-stronger", self.schulze(), None),
            "kemeny" => ("agreeing-pairs", self.kemeny(), None),
            "cumulative" => {
                let part = |paper: &Paper, option| {
                    let all: f64 = (0..self.options).map(|option| self.points(paper, option)).sum();
                    self.points(paper, option) / all
                };
                ("mean-share", mean(self.sum(part)), None)
            }
            "score" => ("mean-points", mean(self.sum(|paper, option| self.points(paper, option))), None),
            "confidence-weighted" | "recalibrated-confidence" | "track-record" => {
                let weight = |paper: &Paper, option| {
                    if paper.stance == option { paper.counts.expect("what it counts") } else { 0.0 }
                };
                ("weight", self.sum(weight), None)
            }
            "linear-pool" => ("probability", self.pool(false), None),
            "log-pool" => ("probability", self.pool(true), None),
            "trajectory" => ("trajectory-points", self.trajectory(), None),
            "judge" => match &self.judge {
                Some((true, scores)) => ("judge-score", scores.clone(), None),
                Some((false, _)) => ("judge-score", vec![1.0; self.options], None),
                None => ("votes", self.votes(), None),
            },
            other => panic!("no hand counts by {other}"),
        }
    }
}

fn leaders(got: &[f64]) -> Vec<usize> {
    let most = got.iter().copied().fold(0.0, f64::max);
    (0..got.len()).filter(|option| most > 0.0 && got[*option] > most - 1e-8).collect()
}

/// What a reader would say was decided, in the words of the outcome.
fn decided(verdict: &Value, got: &[f64], needed: Option<f64>) -> Value {
    let name = |option: &usize| verdict["options"][*option].clone();
    let mut leading = leaders(got);
    let votes = leading.first().map_or(0.0, |option| got[*option]);
    if let Some(needed) = needed.filter(|needed| !leading.is_empty() && votes < *needed) {
        let options: Vec<Value> = leading.iter().map(name).collect();
        let cast: f64 = got.iter().sum();
        let mut short = serde_json::json!({ "type": "no-majority", "options": options });
        for (field, number) in [("votes", votes), ("needed", needed), ("cast", cast)] {
            short[field] = serde_json::from_str(&number.to_string()).expect("a whole number");
        }
        return short;
    }
    let tie = &verdict["tally"]["tie"];
    if leading.len() > 1 && tie.is_object() {
        let had = numbers(&tie["got"]);
        let tied: Vec<Value> = leading.iter().map(name).collect();
        assert_eq!(tie["options"], Value::from(tied));
        match had {
            Some(had) => {
                let remain = leaders(&had);
                // Where none has anything by what should break it, it does not.
                if !remain.is_empty() {
                    leading = remain.into_iter().map(|place| leading[place]).collect();
                }
            }
            // The lot is drawn from the debate's seed, which no verdict holds.
            None => {
                let drawn = &verdict["outcome"]["option"];
                leading.retain(|option| name(option) == *drawn);
                assert_eq!(leading.len(), 1, "one of those that were tied");
            }
        }
    }
    match leading[..] {
        [] => serde_json::json!({ "type": "no-opinion" }),
        [one] => serde_json::json!({ "type": "decided", "option": name(&one) }),
        _ => serde_json::json!({ "type": "tied", "options": leading.iter().map(name).collect::<Vec<_>>() }),
    }
}

#[tokio::test(start_paused = true)]
async fn each_decision_is_found_again_from_the_verdict_alone() {
    let breaks = [TieBreak::None, TieBreak::Confidence, TieBreak::FirstRound, TieBreak::Seeded];
    let mut outcomes: BTreeMap<String, u32> = BTreeMap::new();
    for rule in Rule::ALL {
        for seed in 0..DEBATES {
            let tie_break = breaks[usize::try_from(seed % 4).expect("small")];
            let verdict = held(rule, tie_break, seed).await;
            let reader = Reader::of(&verdict);
            let (counted, got, needed) = reader.count(verdict["rule"].as_str().expect("a rule"));
            let what = format!("{rule}, seed {seed}: {verdict:#}");
            assert_eq!(verdict["tally"]["counted"], counted, "{what}");
            let told = numbers(&verdict["tally"]["got"]).expect("what each got");
            assert!(told.iter().zip(&got).all(|(a, b)| (a - b).abs() < 1e-9), "{got:?}, {what}");
            assert_eq!(verdict["outcome"], decided(&verdict, &got, needed), "{what}");
            assert_eq!(verdict["outcome"], decided(&verdict, &told, needed), "{what}");
            if let Some(duels) = verdict["tally"]["duels"].as_array() {
                for (one, row) in duels.iter().enumerate() {
                    let row = numbers(row).expect("a row");
                    assert!(
                        reader.others(one).all(|other| (row[other] - reader.duel(one, other)).abs() < 1e-9)
                    );
                }
            }
            let kind = verdict["outcome"]["type"].as_str().expect("a type").to_owned();
            *outcomes.entry(kind).or_default() += 1;
        }
    }
    let enough = |kind: &str, least: u32| {
        assert!(outcomes.get(kind).is_some_and(|n| *n >= least), "{kind}: {outcomes:?}");
    };
    enough("decided", 300);
    enough("tied", 20);
    enough("no-majority", 30);
    enough("no-opinion", 1);
}

/// A seat's way to its vote, and what was cast, are there only where the rule counts them or the debater said so.
#[tokio::test(start_paused = true)]
async fn what_was_not_cast_is_not_written() {
    let panel: Vec<Arc<dyn Debater>> = vec![Arc::new(ScriptedDebater::always(Utterance::new(1)))];
    let spec =
        Spec::new("Where?", ["Rome", "Oslo"]).with_rule(Rule::Plurality).with_seat(Seat::new("Ada", "x"));
    let verdict = Driver::new(spec, panel).expect("a debate").run().await.expect("a verdict").verdict;
    let votes = serde_json::to_value(&verdict.votes).expect("JSON");
    let expected =
        serde_json::json!([{ "seat": 0, "name": "Ada", "option": "Oslo", "weight": 1.0, "round": 0 }]);
    assert_eq!(votes, expected);
    let tally = serde_json::to_value(&verdict.tally).expect("JSON");
    assert_eq!(tally, serde_json::json!({ "counted": "votes", "got": [0.0, 1.0] }));
}
