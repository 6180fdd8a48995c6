//! Decisions from made-up matters, and what each figure must come to.

use assize_altdata::{DailyBar, Item, SourceId};
use assize_ambient::Timestamp;
use assize_analysts::{ARTICLE, FILING, OPTION_CHAIN, bar_evidence};
use assize_debate::{
    AbstainReason, Conformity, EvidenceId, Outcome, Rule, SeatIndex, Spec, StopReason, Verdict,
    VerdictAbstention, VerdictReason, Vote,
};
use assize_metering::Usd;
use assize_portfolio::{Holdings, Limits, RuleId, Standing, Weight, validate};
use assize_transport::Url;
use jiff::{ToSpan, civil::date};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{levels::quantile, *};
use crate::{Part, ShortfallKind};

const AS_OF: &str = "2024-03-28";

fn ticker() -> Ticker {
    "ACME".parse().expect("a ticker")
}

/// So many bars up to Maundy Thursday of 2024, each close `step` times or one `step`-th of the one before, by turns.
fn series(bars: i64, step: f64) -> PriceSeries {
    let url: Url = "https://prices.example/ACME".parse().expect("an address");
    let last = date(2024, 3, 28);
    let items: Vec<Item> = (0..bars)
        .map(|n| {
            let close = if n % 2 == 0 { 100.0 } else { 100.0 * step };
            let bar = DailyBar::new(last.saturating_sub((bars - 1 - n).days()), close, close, close, close);
            Item::bar(&ticker(), bar, &SourceId::new("test"), &url, Timestamp::UNIX_EPOCH)
        })
        .collect();
    PriceSeries::build(&items, &as_of())
}

fn as_of() -> AsOf {
    AS_OF.parse().expect("a date")
}

fn evidence(id: &str, kind: &str, available_at: &str, data: Value) -> Evidence {
    Evidence {
        id: EvidenceId::from(id),
        kind: kind.to_owned(),
        subject: "ACME".to_owned(),
        source: "https://news.example".to_owned(),
        available_at: available_at.parse().expect("a moment"),
        text: "what it says".to_owned(),
        data,
        held_by: None,
    }
}

/// A chain, an article, a report that was filed in February, and the bars.
fn dossier(series: &PriceSeries) -> Vec<Evidence> {
    let mut all = bar_evidence(series, 504);
    all.push(evidence(
        "ev-chain",
        OPTION_CHAIN,
        "2024-03-27T20:15:00Z",
        json!({ "quoted_on": "2024-03-27", "iv_30_days": 0.4 }),
    ));
    all.push(evidence("ev-news", ARTICLE, "2024-03-27T12:00:00Z", Value::Null));
    all.push(evidence(
        "ev-report",
        FILING,
        "2024-02-10T12:00:00Z",
        json!({ "form": "10-K", "filed_on": "2024-02-10" }),
    ));
    all
}

/// Who votes: a name, the probability of a rise, the weight, what is cited.
type Voice<'a> = (&'a str, f64, f64, &'a [&'a str]);

fn verdict(voices: &[Voice<'_>]) -> Verdict {
    let option = |p: f64| if p >= 0.5 { "up" } else { "down" }.to_owned();
    let seat = |place: usize| SeatIndex(u16::try_from(place).expect("a seat"));
    let votes: Vec<Vote> = voices
        .iter()
        .enumerate()
        .map(|(place, (name, p, weight, _))| Vote {
            seat: seat(place),
            name: (*name).to_owned(),
            option: option(*p),
            probabilities: Some(vec![*p, 1.0 - p]),
            confidence: None,
            ranking: None,
            approved: None,
            points: None,
            weight: *weight,
            counts: None,
            way: Vec::new(),
            round: 0,
        })
        .collect();
    let weights: f64 = voices.iter().map(|voice| voice.2).sum();
    let p = voices.iter().map(|voice| voice.1 * voice.2).sum::<f64>() / weights;
    let all = voices.iter().enumerate().map(|(place, (name, p, _, cites))| VerdictReason {
        seat: seat(place),
        name: (*name).to_owned(),
        option: option(*p),
        text: format!("{name} says so"),
        cites: cites.iter().map(|id| EvidenceId::from(*id)).collect(),
    });
    let (reasons, dissent) = all.partition(|reason| reason.option == option(p));
    let silent = |round, name: &str| VerdictAbstention {
        seat: seat(voices.len()),
        name: name.to_owned(),
        round,
        reason: AbstainReason::NoEvidence,
        detail: "it has nothing to read".to_owned(),
    };
    Verdict {
        format_version: 1,
        debate: Spec::new("Will ACME be worth more?", DIRECTION_OPTIONS).id(),
        question: "Will ACME be worth more?".to_owned(),
        options: DIRECTION_OPTIONS.map(str::to_owned).into(),
        outcome: Outcome::Decided { option: option(p) },
        probabilities: (weights > 0.0).then(|| vec![p, 1.0 - p]),
        support: Vec::new(),
        tally: None,
        rule: Rule::LinearPool,
        rounds: 2,
        stopped: StopReason::Stable,
        votes,
        reasons,
        dissent,
        abstentions: vec![silent(0, "early"), silent(1, "macro")],
        assessments: Vec::new(),
        selection: None,
        conformity: Conformity::default(),
        calls: 0,
        tokens: None,
        cost: Usd::ZERO,
        degradations: Vec::new(),
    }
}

fn decided(series: &PriceSeries, evidence: &[Evidence], voices: &[Voice<'_>]) -> Decision {
    let verdict = verdict(voices);
    let gaps = [Shortfall::new(Part::Altdata, ShortfallKind::Outside, "filings did not answer")];
    let matter = DecisionMatter {
        ticker: &ticker(),
        as_of: as_of(),
        horizon_sessions: 20,
        verdict: &verdict,
        series,
        evidence,
        gaps: &gaps,
        benchmark: None,
        of_others: &[],
    };
    Decision::of(&matter).expect("a decision")
}

/// Two for a rise and one against.
fn usual(series: &PriceSeries) -> Decision {
    let newest = series.last().expect("a bar").id.to_string();
    decided(
        series,
        &dossier(series),
        &[
            ("momentum", 0.65, 1.0, &[&newest, "ev-gone"]),
            ("options", 0.62, 1.0, &["ev-chain", &newest]),
            ("sentiment", 0.46, 1.0, &["ev-news"]),
        ],
    )
}

#[test]
fn a_decision_for_programs() {
    let decision = usual(&series(61, 1.02));
    let json = serde_json::to_string_pretty(&decision).unwrap();
    insta::assert_snapshot!("decision.json", json);
    assert_eq!(decision.content_id(), decision.id);
}

#[test]
fn any_other_word_is_another_decision() {
    let series = series(61, 1.02);
    let decision = usual(&series);
    assert_eq!(usual(&series).id, decision.id);
    let mut other = decision.clone();
    other.gaps.clear();
    assert_ne!(other.content_id(), decision.id);
    let mut other = decision.clone();
    other.dissent[0].text.push('!');
    assert_ne!(other.content_id(), decision.id);
}

#[test]
fn normal_quantiles() {
    // Φ at these points, from any table of it.
    for (p, z) in [(0.5, 0.0), (0.841_344_746, 1.0), (0.977_249_868, 2.0), (0.025, -1.959_963_985)] {
        assert!((quantile(p) - z).abs() < 1e-8, "{p}");
    }
}

/// The target halves the outcomes on its side, the expected price halves all: by the distribution function itself.
#[test]
fn levels_are_what_they_say() {
    let series = series(61, 1.02);
    let (spread, entry) = (0.4 * (20.0_f64 / 252.0).sqrt(), 100.0);
    for (p, rises) in [(0.56, true), (0.62, true), (0.9, true), (0.44, false), (0.1, false)] {
        let decision = decided(&series, &dossier(&series), &[("one", p, 1.0, &[])]);
        let above = |level: &Level| {
            let z = libm::log(level.price().unwrap() / entry) / spread;
            0.5 * libm::erfc((z - quantile(p)) / std::f64::consts::SQRT_2)
        };
        assert!((above(&decision.expected) - 0.5).abs() < 1e-4, "{p}");
        let beyond = if rises { above(&decision.target) } else { 1.0 - above(&decision.target) };
        assert!((beyond - p.max(1.0 - p) / 2.0).abs() < 1e-4, "{p}: {beyond}");
        let (target, stop) = (decision.target.price().unwrap(), decision.stop.price().unwrap());
        assert!(if rises { stop < entry && entry < target } else { target < entry && entry < stop }, "{p}");
        let away = libm::log(stop / entry).abs() / spread;
        assert!((away - 1.5).abs() < 1e-4, "{p}: {away}");
    }
}

#[test]
fn what_cannot_be_known_is_not_made_up() {
    let none = |level: &Level| match level {
        Level::None { why } => why.clone(),
        Level::At { price } => panic!("{price}"),
    };
    let few = series(20, 1.02);
    let decision = decided(&few, &bar_evidence(&few, 504), &[("one", 0.7, 1.0, &[])]);
    assert_eq!(none(&decision.stop), "it takes 20 daily returns, and there are 19");
    assert_eq!(decision.size, Sizing::Keep { why: "it takes 20 daily returns, and there are 19".to_owned() });
    assert_eq!(decision.proposal(None).target, None);
    let flat = series(61, 1.0);
    let decision = decided(&flat, &bar_evidence(&flat, 504), &[("one", 0.7, 1.0, &[])]);
    assert_eq!(none(&decision.target), "the price did not move in 60 sessions");
    let nothing = series(0, 1.0);
    let decision = decided(&nothing, &[], &[("one", 0.7, 1.0, &[])]);
    assert_eq!(none(&decision.expected), "there is no price to start from");
    assert!(!decision.facts.has_price && decision.entry.is_none());
    let hold = decided(&few, &[], &[("one", 0.52, 1.0, &[])]);
    assert_eq!((hold.action, hold.proposal(None).target), (Action::Hold, None));
    let nobody = verdict(&[]);
    let matter = DecisionMatter {
        ticker: &ticker(),
        as_of: as_of(),
        horizon_sessions: 20,
        verdict: &nobody,
        series: &few,
        evidence: &[],
        gaps: &[],
        benchmark: None,
        of_others: &[],
    };
    assert_eq!(Decision::of(&matter), None);
}

/// The horizon counts from the newest close, in a decision as in what is later held against it: on the morning of a session
/// that close is the one of the session before.
#[test]
fn the_horizon_counts_from_the_newest_close() {
    let series = series(61, 1.02);
    let verdict = verdict(&[("one", 0.7, 1.0, &[])]);
    for (as_of, end) in [
        (as_of(), date(2024, 4, 2)),
        // The Monday after the Thursday before Easter, before it opens and while it trades.
        (AsOf::at("2024-04-01T12:00:00Z".parse().unwrap()), date(2024, 4, 2)),
        (AsOf::at("2024-04-01T18:00:00Z".parse().unwrap()), date(2024, 4, 2)),
    ] {
        let matter = DecisionMatter {
            ticker: &ticker(),
            as_of,
            horizon_sessions: 2,
            verdict: &verdict,
            series: &series,
            evidence: &[],
            gaps: &[],
            benchmark: None,
            of_others: &[],
        };
        let decision = Decision::of(&matter).unwrap();
        assert_eq!(decision.entry.unwrap().date, date(2024, 3, 28));
        assert_eq!(decision.invalidation.last(), Some(&Trigger::HorizonEnds { on: end }), "{as_of}");
    }
}

#[test]
fn sizes() {
    // 2 % up and down by turns: σ is 31.7 % a year, the stop 12.5 % below.
    let series = series(61, 1.02);
    for (p, bp) in [(0.55, 132), (0.58, 212), (0.65, 398), (0.95, 398), (0.45, 0), (0.3, 0)] {
        let decision = decided(&series, &bar_evidence(&series, 504), &[("one", p, 1.0, &[])]);
        let Sizing::To { weight, .. } = decision.size else { panic!("{p}: {:?}", decision.size) };
        assert_eq!(weight.bp(), bp, "{p}: {:?}", decision.size);
    }
}

#[test]
fn options_can_only_add_to_what_a_price_did() {
    let series = series(61, 1.02);
    for (implied, quoted, used) in [
        (json!(0.1), "2024-03-28", 0.317),
        (json!(0.4), "2024-03-28", 0.4),
        (json!(9.0), "2024-03-28", 0.951),
        (json!(0.4), "2024-03-26", 0.317),
        (json!(-1), "2024-03-28", 0.317),
        (json!("high"), "2024-03-28", 0.317),
    ] {
        let data = json!({ "quoted_on": quoted, "iv_30_days": implied });
        let chain = [evidence("ev-chain", OPTION_CHAIN, "2024-03-28T20:15:00Z", data)];
        let got = decided(&series, &chain, &[("one", 0.6, 1.0, &[])]).volatility.used.unwrap();
        assert!((got - used).abs() < 1e-3, "{implied} {quoted}: {got}");
    }
}

#[test]
fn the_weight_of_the_evidence() {
    let series = series(61, 1.02);
    let decision = usual(&series);
    // Leanings 0.30, 0.24 and 0.08: of 0.62, the newest bar has 0.30 + 0.12.
    let shares = |side: &[WeighedEvidence]| {
        side.iter().map(|piece| (piece.id.clone(), piece.share, piece.cited_by.join(" "))).collect::<Vec<_>>()
    };
    let newest = series.last().unwrap().id.to_string();
    assert_eq!(
        shares(&decision.evidence_for),
        [
            (newest, 0.677_419, "momentum options".to_owned()),
            ("ev-chain".to_owned(), 0.193_548, "options".to_owned()),
        ]
    );
    assert_eq!(
        shares(&decision.evidence_against),
        [("ev-news".to_owned(), 0.129_032, "sentiment".to_owned())]
    );
    // For a fall the sides are exchanged; who has no weight counts for nothing.
    let fall = decided(
        &series,
        &dossier(&series),
        &[("a", 0.3, 1.0, &["ev-news"]), ("b", 0.6, 0.5, &["ev-chain"]), ("c", 0.9, 0.0, &["ev-report"])],
    );
    assert_eq!((fall.facts.share_for, fall.facts.share_against), (0.8, 0.2));
    assert_eq!(fall.evidence_for[0].id, "ev-news");
    assert_eq!(fall.evidence_against[1].share.to_bits(), 0.0_f64.to_bits());
}

#[test]
fn facts_that_stop_a_name() {
    let series = series(61, 1.02);
    let mut all = dossier(&series);
    all.push(evidence("ev-early", ARTICLE, "2024-03-29T12:00:00Z", Value::Null));
    let decision = decided(&series, &all, &[("one", 0.6, 1.0, &[])]);
    assert_eq!(decision.facts.future_items, 1);
    let mut other = evidence("ev-other", ARTICLE, "2024-03-01T12:00:00Z", Value::Null);
    other.subject = "ACMF".to_owned();
    let decision = decided(&series, &[other.clone()], &[("one", 0.6, 1.0, &[])]);
    assert_eq!(decision.facts.identity_mismatch.as_deref(), Some("ev-other is about ACMF"));
    other.kind = "macro".to_owned();
    assert_eq!(decided(&series, &[other], &[("one", 0.6, 1.0, &[])]).facts.identity_mismatch, None);
}

#[test]
fn results_before_the_horizon_ends() {
    let series = series(61, 1.02);
    let expects = |filed_on: &str, form: &str| {
        let data = json!({ "form": form, "filed_on": filed_on });
        let report = [evidence("ev-report", FILING, "2024-02-10T12:00:00Z", data)];
        let decision = decided(&series, &report, &[("one", 0.6, 1.0, &[])]);
        decision.invalidation.iter().any(|trigger| matches!(trigger, Trigger::ResultsExpected { .. }))
    };
    // The horizon ends on 26 April; 66 to 116 days after the last report.
    for (filed_on, form, expected) in [
        ("2024-02-20", "10-Q", true),
        ("2024-02-21", "10-Q", false),
        ("2023-12-05", "10-K", true),
        ("2023-12-03", "10-K", false),
        ("2024-02-20", "8-K", false),
        ("2024-02-20", "10-Q/A", false),
    ] {
        assert_eq!(expects(filed_on, form), expected, "{filed_on} {form}");
    }
}

/// A brief of prices alone has one kind of source: the opinion stays, and nothing is bought on it.
#[test]
fn prices_alone_are_not_acted_on() {
    let series = series(61, 1.02);
    let ids: Vec<String> = series.bars().iter().rev().take(4).map(|bar| bar.id.to_string()).collect();
    let cites: Vec<&str> = ids.iter().map(String::as_str).collect();
    let decision = decided(&series, &bar_evidence(&series, 504), &[("momentum", 0.65, 1.0, &cites)]);
    let accepted = |limits: &Limits| {
        validate(&[decision.proposal(None)], &Holdings::all_cash(), limits).accepted.remove(0)
    };
    let usual = accepted(&Limits::default());
    assert_eq!(
        (usual.standing, usual.action, usual.weight),
        (Standing::Abstained, Action::Buy, Weight::ZERO)
    );
    assert_eq!(usual.events[0].rule, RuleId::TooLittleEvidence);
    let content = accepted(&Limits { min_source_kinds: 1, ..Limits::default() });
    assert_eq!((content.standing, content.weight.bp()), (Standing::Accepted, 398));
}

/// A thin and a sound proposal, and what the report says of them.
#[test]
fn what_validation_did_for_people() {
    let series = series(61, 1.02);
    let sound = usual(&series).proposal(Some("energy".to_owned()));
    let mut thin = sound.clone();
    (thin.ticker, thin.sector) = ("THIN".parse().unwrap(), None);
    thin.facts.cited.clear();
    let mut large = sound.clone();
    (large.ticker, large.target) = ("LARGE".parse().unwrap(), Some(Weight::from_bp(2_000)));
    let done = validate(&[sound, thin, large], &Holdings::all_cash(), &Limits::default());
    let mut doc = assize_report::Document::new("Validation");
    put_validation(&mut doc, &done);
    insta::assert_snapshot!("validation.md", doc.to_markdown());
}

proptest! {
    #[test]
    fn figures_make_sense(p in 0.0..=1.0_f64, step in 1.0001..3.0_f64, bars in 0..80_i64) {
        let series = series(bars, step);
        let decision = decided(&series, &dossier(&series), &[("one", p, 1.0, &["ev-chain", "ev-news"])]);
        if let Sizing::To { weight, .. } = &decision.size {
            prop_assert!((Weight::ZERO..=Weight::WHOLE).contains(weight));
        }
        for level in [&decision.expected, &decision.target, &decision.stop] {
            prop_assert!(level.price().is_none_or(|price| price.is_finite() && price > 0.0));
        }
        let json = serde_json::to_string(&decision).expect("JSON");
        prop_assert!(!json.contains("\"price\":null") && decision.content_id() == decision.id);
        let shares = decision.facts.share_for + decision.facts.share_against;
        prop_assert!((shares - 1.0).abs() < 1e-5 || shares <= 0.0 && (p - 0.5).abs() < 1e-9, "{shares}");
    }
}
