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
    handover::Handover,
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

const BRIEFS: usize = 20;
const TICKERS: usize = 5;
/// Briefs of different tickers; the others ask the same again.
const SORTS: usize = 4;
const THREADS: usize = 4;

type Documents = [String; 3];

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let desk = ExchangeDesk::open(Seed::new(handover.seed), DAY);
    let all = tickers(SORTS * TICKERS)?;
    let sorts: Vec<&[Ticker]> = all.chunks(TICKERS).collect();
    let id = format!("pipeline/concurrent/{BRIEFS}-at-once");
    if handover.wants(&id) {
        run.measurements.extend(of(
            &id,
            &in_virtual_time(&desk, &sorts)?,
            "three models a ticker, and slow sites",
        ));
    }
    let id = format!("pipeline/concurrent/{BRIEFS}-on-threads");
    if handover.wants(&id) {
        let note = format!("{THREADS} threads, in real time; four sources that answer from memory");
        run.measurements.extend(of(&id, &on_threads(&desk, &sorts)?, &note));
    }
    Ok(())
}

/// How many briefs differ and how many were lost.
struct Held {
    differing: usize,
    lost: usize,
}

impl Held {
    fn of(alone: &[Documents], came: &[(usize, Documents)]) -> Self {
        let differs = |(n, documents): &&(usize, Documents)| alone.get(n % SORTS) != Some(documents);
        Self { differing: came.iter().filter(differs).count(), lost: BRIEFS - came.len() }
    }
}

fn of(id: &str, held: &Held, note: &str) -> [Measurement; 2] {
    let count = |metric, n| figure(id, metric, Unit::Count, Kind::Counted, real(n)).with_note(note);
    let what =
        format!("of {BRIEFS} briefs of {TICKERS} tickers, beside each made alone: JSON, Markdown and HTML");
    [count("differing", held.differing).with_note(what), count("lost", held.lost)]
}

fn in_virtual_time(desk: &ExchangeDesk, sorts: &[&[Ticker]]) -> Result<Held, String> {
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
    let came = paused()?.block_on(at_once(|n| (maker.clone(), desk.request(sorts[n % SORTS]))));
    Ok(Held::of(&alone?, &came))
}

fn on_threads(desk: &ExchangeDesk, sorts: &[&[Ticker]]) -> Result<Held, String> {
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
    let came = runtime.map_err(words)?.block_on(at_once(|n| (maker(), desk.request(sorts[n % SORTS]))));
    Ok(Held::of(&alone?, &came))
}

/// The briefs that came of so many at once, each with its number.
async fn at_once(
    brief: impl Fn(usize) -> (MorningBrief, assize_pipeline::BriefRequest),
) -> Vec<(usize, Documents)> {
    let mut all = JoinSet::new();
    for n in 0..BRIEFS {
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
