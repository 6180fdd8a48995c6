//! P7: twenty briefs of five tickers each at once say, byte for byte, what each says alone.
//!
//! `20-at-once` share one fetcher, wait for its limits, for slow sites and for models, all in virtual time, so that everything
//! happens in another order than alone; `20-on-threads` run on four threads in real time, so that answers arrive in whatever order
//! threads bring.

use std::sync::Arc;
use std::time::Duration;

use assize_altdata::{SourceKind, Ticker};
use assize_ambient::Seed;
use assize_benches::{
    exchange::{ExchangeDesk, tickers},
    handover::{Handover, Profile},
    pondering::CallLog,
};
use assize_perf::{Kind, Measurement, Run, Unit};
use assize_pipeline::{Analysts, Brief, MorningBrief};
use assize_transport::Transport;
use tokio::task::JoinSet;

use crate::{
    figures::{DAY, figure, paused, real, words},
    kept::Kept,
    voices::seating,
};

const fn briefs(profile: Profile) -> usize {
    match profile {
        Profile::Smoke => 6,
        Profile::Default | Profile::Full => 20,
    }
}
const TICKERS: usize = 5;
/// Briefs of different tickers; the others ask the same again.
const SORTS: usize = 4;
const THREADS: usize = 4;

type Documents = [String; 3];

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let briefs = briefs(handover.profile);
    let desk = ExchangeDesk::open(Seed::new(handover.seed), DAY);
    let all = tickers(SORTS * TICKERS)?;
    let sorts: Vec<&[Ticker]> = all.chunks(TICKERS).collect();
    let id = format!("pipeline/concurrent/{briefs}-at-once");
    if handover.wants(&id) {
        run.measurements.extend(of(
            &id,
            &in_virtual_time(&desk, &sorts, briefs)?,
            "three models a ticker, and slow sites",
        ));
    }
    let id = format!("pipeline/concurrent/{briefs}-on-threads");
    if handover.wants(&id) {
        let note = format!("{THREADS} threads, in real time; four sources that answer from memory");
        run.measurements.extend(of(&id, &on_threads(&desk, &sorts, briefs)?, &note));
    }
    Ok(())
}

/// How many briefs differ and how many were lost.
struct Held {
    briefs: usize,
    differing: usize,
    lost: usize,
}

impl Held {
    fn of(briefs: usize, alone: &[Documents], came: &[(usize, Documents)]) -> Self {
        let differs = |(n, documents): &&(usize, Documents)| alone.get(n % SORTS) != Some(documents);
        Self { briefs, differing: came.iter().filter(differs).count(), lost: briefs - came.len() }
    }
}

fn of(id: &str, held: &Held, note: &str) -> [Measurement; 2] {
    let count = |metric, n| figure(id, metric, Unit::Count, Kind::Counted, real(n)).with_note(note);
    let what = format!(
        "of {} briefs of {TICKERS} tickers, beside each made alone: JSON, Markdown and HTML",
        held.briefs
    );
    [count("differing", held.differing).with_note(what), count("lost", held.lost)]
}

fn in_virtual_time(desk: &ExchangeDesk, sorts: &[&[Ticker]], briefs: usize) -> Result<Held, String> {
    let seed = Seed::new(7);
    let alone: Result<Vec<Documents>, String> = sorts
        .iter()
        .map(|tickers| {
            let desk = desk.anew(seed);
            let maker = desk.maker(seating(seed, &CallLog::default()));
            Ok(documents(&paused()?.block_on(maker.run(&desk.request(tickers))).map_err(words)?.0))
        })
        .collect();
    let desk = desk.anew(seed.child("together")).with_latency(Duration::from_millis(700));
    let maker = desk.maker(seating(seed, &CallLog::default()));
    let came = paused()?.block_on(at_once(briefs, |n| (maker.clone(), desk.request(sorts[n % SORTS]))));
    Ok(Held::of(briefs, &alone?, &came))
}

fn on_threads(desk: &ExchangeDesk, sorts: &[&[Ticker]], briefs: usize) -> Result<Held, String> {
    const KINDS: [SourceKind; 4] =
        [SourceKind::Prices, SourceKind::Options, SourceKind::Attention, SourceKind::Social];
    // Whose limits are so low that five tickers would take long in real time.
    const SLOW: [&str; 1] = ["gdelt"];
    let kept: Arc<dyn Transport> = Arc::new(Kept::new(desk.transport()));
    let maker = || {
        let fetcher = desk.fetcher_over(Arc::clone(&kept));
        let fetcher = fetcher.asking_only(|source| {
            KINDS.contains(&source.meta().kind) && !SLOW.contains(&source.meta().id.as_str())
        });
        MorningBrief::new(fetcher, Analysts::default(), desk.clock())
    };
    let alone: Result<Vec<Documents>, String> = sorts
        .iter()
        .map(|tickers| {
            Ok(documents(&paused()?.block_on(maker().run(&desk.request(tickers))).map_err(words)?.0))
        })
        .collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_time().build();
    let came =
        runtime.map_err(words)?.block_on(at_once(briefs, |n| (maker(), desk.request(sorts[n % SORTS]))));
    Ok(Held::of(briefs, &alone?, &came))
}

/// The briefs that came of so many at once, each with its number.
async fn at_once(
    briefs: usize,
    brief: impl Fn(usize) -> (MorningBrief, assize_pipeline::BriefRequest),
) -> Vec<(usize, Documents)> {
    let mut all = JoinSet::new();
    for n in 0..briefs {
        let (maker, request) = brief(n);
        all.spawn(async move { (n, maker.run(&request).await.map(|(brief, _)| documents(&brief))) });
    }
    let mut came = Vec::new();
    while let Some(one) = all.join_next().await {
        if let Ok((n, Ok(documents))) = one {
            came.push((n, documents));
        }
    }
    came
}

fn documents(brief: &Brief) -> Documents {
    let doc = brief.to_document();
    [brief.to_json().to_string(), doc.to_markdown(), doc.to_html()]
}
