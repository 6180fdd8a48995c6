//! What a brief costs on the processor, a ticker: the whole, and what comes behind the fetch. Answers come from memory, and
//! analysts argue, who wait for nobody.

use std::sync::Arc;

use assize_altdata::{FetchPolicy, Ticker};
use assize_ambient::Seed;
use assize_benches::{
    exchange::{ExchangeDesk, tickers},
    handover::{Handover, Profile},
};
use assize_perf::{Better, Kind, Measurement, Run, Unit};
use assize_pipeline::{Analysts, BriefRequest, MorningBrief, Part};
use assize_transport::Transport;
use std::time::Duration;

use crate::{
    figures::{DAY, HERE, nanoseconds, paused, processor, real, timed, words},
    kept::Kept,
};

const fn sizes(profile: Profile) -> [usize; 2] {
    match profile {
        Profile::Smoke => [5, 15],
        Profile::Default | Profile::Full => [15, 45],
    }
}

/// Rounds of few tickers and of many.
const fn rounds(profile: Profile) -> [usize; 2] {
    match profile {
        Profile::Smoke => [1, 1],
        Profile::Default => [4, 2],
        Profile::Full => [40, 12],
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let desk = ExchangeDesk::open(Seed::new(handover.seed), DAY);
    let mut medians = Vec::new();
    let sizes = sizes(handover.profile);
    for (size, rounds) in sizes.into_iter().zip(rounds(handover.profile)) {
        let id = format!("pipeline/cost/{size}-tickers");
        if handover.wants(&id) || handover.wants("pipeline/cost/growth") {
            let figures = of_size(&id, &desk, &tickers(size)?, rounds)?;
            medians.push(figures[1].value);
            run.measurements.extend(figures);
        }
    }
    if let [few, many] = medians[..] {
        let growth = Measurement::new(
            "pipeline/cost/growth",
            "per-ticker",
            Unit::Ratio,
            Better::Lower,
            Kind::Timed,
            many / few,
        );
        let [few, many] = sizes;
        let note = format!("behind the fetch, per ticker of {many} against {few}: 1 is linear");
        run.measurements.push(growth.with_note(note).at(HERE));
    }
    Ok(())
}

/// What a round took in each way, in nanoseconds a ticker.
struct Took {
    whole: f64,
    fetch: f64,
    vote: f64,
    documents: f64,
}

fn of_size(
    id: &str,
    desk: &ExchangeDesk,
    tickers: &[Ticker],
    rounds: usize,
) -> Result<[Measurement; 4], String> {
    let kept: Arc<dyn Transport> = Arc::new(Kept::new(desk.transport()));
    let mut took = Vec::new();
    for round in 0..=rounds {
        let one = one(desk, &kept, tickers)?;
        // The first fetches, and warms up.
        if round > 0 {
            took.push(one);
        }
    }
    let of = |metric: &str, value: fn(&Took) -> f64| timed(id, metric, took.iter().map(value).collect());
    let note = "per ticker, in time of the processor; twelve sources answer from memory, ten analysts argue";
    Ok([
        of("time", |took| took.whole)?.with_note(note).with_note("reading all answers included"),
        of("overhead", |took| took.whole - took.fetch)?
            .with_note(note)
            .with_note("less a fetch of the same alone: evidence, debate of at most three rounds, decision"),
        of("overhead-of-a-vote", |took| took.vote - took.fetch)?
            .with_note(note)
            .with_note("the same where the panel votes once"),
        of("documents", |took| took.documents)?.with_note("the brief as JSON, Markdown and HTML"),
    ])
}

fn one(desk: &ExchangeDesk, kept: &Arc<dyn Transport>, tickers: &[Ticker]) -> Result<Took, String> {
    let fetcher = || desk.fetcher_over(Arc::clone(kept));
    let each = |from: Duration, to: Duration| nanoseconds(to.saturating_sub(from)) / real(tickers.len());
    let maker = || MorningBrief::new(fetcher(), Analysts::default(), desk.clock());
    let request: BriefRequest = desk.request(tickers);
    let mut vote = request.clone();
    vote.without.insert(Part::Debate);
    paused()?.block_on(async {
        let began = processor();
        let (brief, record) = maker().run(&request).await.map_err(words)?;
        let made = processor();
        let fetched =
            fetcher().fetch(tickers, desk.as_of, FetchPolicy::within(Duration::from_secs(86_400))).await;
        let alone = processor();
        let voted = maker().run(&vote).await.map_err(words)?;
        let at_vote = processor();
        let doc = brief.to_document();
        let bytes = brief.to_json().to_string().len() + doc.to_markdown().len() + doc.to_html().len();
        let written = processor();
        let there: u64 = record.tickers.iter().map(|ticker| ticker.fetch.requests).sum();
        if there != fetched.requests() || voted.0.tickers.len() != tickers.len() || bytes == 0 {
            return Err(format!("a brief made {there} requests, and a fetch alone {}", fetched.requests()));
        }
        if !brief.tickers.iter().all(|ticker| ticker.decision.is_some()) {
            return Err("a brief of a market without faults lacks a decision".to_owned());
        }
        Ok(Took {
            whole: each(began, made),
            fetch: each(made, alone),
            vote: each(alone, at_vote),
            documents: each(at_vote, written),
        })
    })
}
