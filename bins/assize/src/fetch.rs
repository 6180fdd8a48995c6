//! `assize fetch`.

mod listed;
mod shown;

use std::{process::ExitCode, sync::Arc};

use assize_altdata::{FetchDocument, FetchEvent, FetchPolicy, Fetched, Gap, GapReason};
use assize_ambient::{Clock, SystemClock};
use assize_wiring::{DataPlace, SourceOptions, set_up_fetcher};

use crate::{
    arguments::FetchArguments,
    brief::{is_live, today},
    cache,
    exit::{Failure, Outcome},
    screen::{Screen, make_folder, write_document},
};

/// More tickers than these are not asked for at once.
const MOST_TICKERS: usize = 500;

pub(crate) async fn run(arguments: FetchArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    if arguments.list {
        return listed::run(&arguments, screen);
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let as_of = as_of(&arguments, &*clock)?;
    if arguments.tickers.len() > MOST_TICKERS {
        return Err(Failure::bad_request(format!(
            "fetch {} tickers: {MOST_TICKERS} are the limit",
            arguments.tickers.len()
        )));
    }
    let options = arguments.places.options(arguments.as_of);
    make_folder(arguments.out.as_deref(), "./fetched")?;
    let kept = cache::open_to_keep(&arguments.cache, keeps(&arguments, &options), &clock, screen).await?;
    let desk = set_up_fetcher(&options, kept.as_ref(), &clock)?;
    let bar = screen.progress(0);
    let seen = bar.clone();
    let fetcher = desk.fetcher.with_watcher(move |event| match event {
        FetchEvent::Began { wanted } => seen.set_length(u64::try_from(*wanted).unwrap_or(u64::MAX)),
        FetchEvent::Sent { source, .. } => seen.set_message(source.to_string()),
        FetchEvent::Retrying { source, after, why } => {
            seen.set_message(format!("{source} again in {:.1} s ({why})", after.as_secs_f64()));
        }
        FetchEvent::LeftAlone { host, wait } => {
            seen.set_message(format!("{host} is left alone for {} s", wait.as_secs()));
        }
        FetchEvent::Answered { ticker, source, .. } => {
            seen.set_message(format!("{ticker} {source}"));
            seen.inc(1);
        }
        _ => {}
    });
    let fetched = fetcher.fetch(&arguments.tickers, as_of, FetchPolicy::within(arguments.deadline)).await;
    bar.finish_and_clear();
    let document = FetchDocument::of(&fetched, as_of, fetcher.sources());
    let json =
        serde_json::to_value(&document).map_err(|e| Failure::outside(format!("write the result: {e}")))?;
    let doc = shown::page(&fetched, as_of, fetcher.sources(), desk.is_live);
    screen.show(&doc, &json)?;
    screen.note(&format!("{} requests in {:.1} s", fetched.requests(), fetched.elapsed.as_secs_f64()));
    if let Some(folder) = &arguments.out {
        write_document(folder, "fetch", &doc, &json)?;
        screen.note(&format!("written: {}/fetch.html, .md, .json", folder.display()));
    }
    cache::settle(kept.as_ref(), screen).await;
    Ok(outcome(&fetched, arguments.deadline).into())
}

/// The moment: the end of the day that is meant, but nothing that is still to come.
fn as_of(arguments: &FetchArguments, clock: &dyn Clock) -> Result<assize_altdata::AsOf, Failure> {
    let now = clock.now();
    let as_of = arguments.as_of.unwrap_or_else(|| today(clock));
    if as_of.date() > today(clock).date() {
        return Err(Failure::bad_request(format!("fetch as of {as_of}: that day lies in the future"))
            .with_hint("leave --as-of out for all that is known now"));
    }
    Ok(as_of.not_after(now))
}

/// Whether answers are kept: those of the network, and others where a cache was named.
fn keeps(arguments: &FetchArguments, options: &SourceOptions) -> bool {
    let is_named = arguments.cache.place.place.is_some();
    is_live(options) || is_named && options.data.as_ref().is_some_and(DataPlace::is_kept)
}

/// What a fetch came to. Items are a result, and so is the certain answer that there is nothing.
fn outcome(fetched: &Fetched, deadline: std::time::Duration) -> Outcome {
    if fetched.by_ticker.iter().any(|fetch| !fetch.items.is_empty()) {
        return Outcome::Done;
    }
    let gaps = || fetched.by_ticker.iter().flat_map(|fetch| &fetch.gaps);
    let has = |is_so: fn(&Gap) -> bool| gaps().any(is_so);
    if fetched.elapsed >= deadline && has(|gap| gap.reason == GapReason::TimedOut) {
        Outcome::Stopped
    } else if has(|gap| !is_certain(gap) && !is_wrong(gap)) {
        Outcome::Outside
    } else if has(is_certain) {
        Outcome::Done
    } else {
        Outcome::BadRequest
    }
}

/// Whether it is certain that there is nothing.
fn is_certain(gap: &Gap) -> bool {
    matches!(gap.reason, GapReason::Empty | GapReason::NothingYet | GapReason::Stale)
}

/// Whether what was asked for is to blame, or the user's own files.
fn is_wrong(gap: &Gap) -> bool {
    use GapReason as Why;
    let is_own = gap.source.as_ref().is_some_and(|source| source.as_str() == "csv-folder");
    match gap.reason {
        Why::NoSuchTicker
        | Why::Ambiguous
        | Why::NotFound
        | Why::OtherCompany
        | Why::KeyMissing
        | Why::NoSource
        | Why::Unrecorded => true,
        Why::Drift | Why::Unreadable | Why::DoubtfulEmpty | Why::TooLarge => is_own,
        _ => false,
    }
}
