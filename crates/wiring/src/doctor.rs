//! A self-check: each component once, on known input.

mod company;
pub(crate) mod known_answers;
mod money;
pub(crate) mod sources;
mod stages;

use std::{convert::Infallible, path::Path, sync::Arc, time::Duration};

use assize_altdata::AsOf;
use assize_ambient::{Clock, FixedClock, Seed, SystemClock};
use assize_cache::{Namespace, Origin};
use assize_debate::{Debater, Driver, Rule, ScriptedDebater, Seat, Spec, Utterance};
use assize_journal::{Durability, FileJournal, Journal};
use assize_llm::{ChatModel, ChatRequest, Latency, SimulatedModel};
use assize_metering::{Mode, PriceBook, TokenUsage};
use assize_pipeline::{Action, Brief, BriefRequest};
use assize_report::{Document, TerminalStyle};
use tokio::time::Instant;

use crate::{CacheOptions, offline_brief};

/// What the self-check found of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The component.
    pub component: &'static str,
    /// What was tried.
    pub tried: &'static str,
    /// What came of it: a short fact, or what went wrong.
    pub outcome: Result<String, String>,
    /// How long it took.
    pub took: Duration,
}

/// Runs each component once on known input. `scratch` is an empty folder for what must be written.
pub async fn doctor(scratch: &Path) -> Vec<Check> {
    let mut checks = Checks(Vec::new());
    foundations(scratch, &mut checks).await;
    pipelines(scratch, &mut checks).await;
    checks.0
}

struct Checks(Vec<Check>);

impl Checks {
    fn add(
        &mut self,
        component: &'static str,
        tried: &'static str,
        start: Instant,
        outcome: Result<String, String>,
    ) {
        self.0.push(Check { component, tried, outcome, took: start.elapsed() });
    }
}

async fn foundations(scratch: &Path, checks: &mut Checks) {
    let start = Instant::now();
    checks.add("ambient", "the system clock runs", start, clock());
    let start = Instant::now();
    checks.add("metering", "a known call has its known price", start, metering());
    let start = Instant::now();
    checks.add("llm", "a simulated model answers the same twice", start, llm().await);
    let start = Instant::now();
    checks.add("journal", "records come back in order", start, journal(scratch).await);
    let start = Instant::now();
    checks.add("cache", "what was kept is there for the next to open it", start, cache(scratch).await);
    let start = Instant::now();
    checks.add("debate", "three scripted voices come to a verdict", start, debate().await);
    let start = Instant::now();
    checks.add("sources", "each reads its own known answer, and nobody is asked", start, sources::sources());
    let start = Instant::now();
    checks.add("signals", "a known text has its known scores", start, sources::signals());
    let start = Instant::now();
    checks.add("report", "a document renders in its four forms", start, report());
}

async fn pipelines(scratch: &Path, checks: &mut Checks) {
    let start = Instant::now();
    checks.add(
        "stages",
        "places are shared, and what does not end is cut off",
        start,
        stages::course().await,
    );
    let start = Instant::now();
    let brief = brief(scratch).await;
    checks.add(
        "brief",
        "a rising price table, with a dirty row, is read, argued and called a rise",
        start,
        brief.as_ref().map_err(Clone::clone).and_then(rises),
    );
    let start = Instant::now();
    checks.add("decision", "a rise has stop, target, size and its reasons", start, stages::decision(&brief));
    let start = Instant::now();
    checks.add("toggles", "what was learnt is kept, and chosen by", start, stages::toggles(scratch));
    let start = Instant::now();
    checks.add("validation", "what breaks a limit is cut, and says so", start, money::validation());
    let start = Instant::now();
    checks.add("execution", "no money is made or lost on paper", start, money::execution().await);
    let start = Instant::now();
    checks.add("tracking", "figures reckoned elsewhere are met", start, money::tracking());
    let start = Instant::now();
    checks.add(
        "analysis",
        "statements are read, and no more is said than they say",
        start,
        company::analysis().await,
    );
}

fn clock() -> Result<String, String> {
    let now = SystemClock.now();
    let sane = "2026-01-01T00:00:00Z".parse().is_ok_and(|built: assize_ambient::Timestamp| now > built);
    if sane {
        Ok(format!("it shows {now}"))
    } else {
        Err(format!("it shows {now}, before this program was written: set it"))
    }
}

fn metering() -> Result<String, String> {
    let at = "2024-11-05T12:00:00Z".parse::<assize_ambient::Timestamp>().map_err(text)?;
    let price = PriceBook::embedded().find("claude-3-5-sonnet-20241022", at).map_err(text)?;
    let cost = price.cost(&TokenUsage::of(1_000, 1_000), Mode::Standard).map_err(text)?.total();
    expect(
        cost.to_string() == "0.018",
        format!("{} prices, 1,000 + 1,000 tokens cost {cost} USD", PriceBook::embedded().len()),
    )
}

async fn llm() -> Result<String, String> {
    let model = || {
        let say = |_: &ChatRequest, chance: &mut assize_ambient::Chance| chance.below(1_000_000).to_string();
        SimulatedModel::new("check", Seed::new(1), say).with_latency(Latency::INSTANT)
    };
    let one = model().complete(ChatRequest::new("?")).await.map_err(text)?.text;
    let other = model().complete(ChatRequest::new("?")).await.map_err(text)?.text;
    expect(one == other, format!("it says {one} and {other}"))
}

async fn journal(scratch: &Path) -> Result<String, String> {
    let journal = FileJournal::new(scratch.join("journal"), Durability::Process);
    let key = "check".parse().map_err(text)?;
    let (_, mut writer) = journal.open(&key).await.map_err(text)?;
    writer.append(&[b"1".to_vec(), b"2".to_vec()]).await.map_err(text)?;
    let log = journal.read(&key).await.map_err(text)?;
    expect(log.records == [b"1".to_vec(), b"2".to_vec()], format!("{} records read", log.records.len()))
}

async fn cache(scratch: &Path) -> Result<String, String> {
    let options = CacheOptions { is_for_one_run: true, ..CacheOptions::in_folder(scratch.join("cache")) };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let key = Namespace::new("check", 1).and_then(|space| space.key("k")).map_err(text)?;
    let mut origins = Vec::new();
    // The second to open it has nothing in memory.
    for _ in 0..2 {
        let cache = options.open(Arc::clone(&clock), Seed::new(1)).await.map_err(text)?;
        let compute = || async { Ok::<_, Infallible>(7) };
        let served = cache.tiers().get_or_compute(&key, cache.policy(), compute).await.map_err(text)?;
        if served.value != 7 || cache.written().await > 0 {
            return Err("what was kept is another value, or not kept".to_owned());
        }
        origins.push(served.from);
    }
    expect(origins == [Origin::Computed, Origin::Tier(1)], format!("it came from {origins:?}"))
}

async fn debate() -> Result<String, String> {
    let voice = |stance| Arc::new(ScriptedDebater::always(Utterance::new(stance))) as Arc<dyn Debater>;
    let spec = (0..3).fold(Spec::new("Which?", ["a", "b"]).with_rule(Rule::Plurality), |spec, n| {
        spec.with_seat(Seat::new(n.to_string(), "scripted"))
    });
    let driver = Driver::new(spec, vec![voice(0), voice(1), voice(1)]).map_err(text)?;
    let verdict = driver.run().await.map_err(text)?.verdict;
    let decision = verdict.decision().unwrap_or("nothing");
    expect(
        decision == "b" && verdict.rounds == 2,
        format!("it decides for {decision} in {} rounds", verdict.rounds),
    )
}

fn report() -> Result<String, String> {
    let mut doc = Document::new("Check");
    doc.paragraph("A <b>tag</b> from outside.");
    let html = doc.to_html();
    let escaped = html.contains("&lt;b&gt;") && !html.contains("<b>tag");
    let all = [
        doc.to_markdown(),
        doc.to_json().to_string(),
        doc.to_terminal(&TerminalStyle { width: 80, colour: false }),
    ];
    expect(escaped && all.iter().all(|form| form.contains("Check")), format!("{} bytes of HTML", html.len()))
}

async fn brief(scratch: &Path) -> Result<Brief, String> {
    let folder = scratch.join("prices");
    std::fs::create_dir_all(&folder).map_err(text)?;
    std::fs::write(folder.join("RISE.csv"), rising_table()).map_err(text)?;
    let as_of: AsOf = "2020-12-31".parse().map_err(text)?;
    let clock = Arc::new(FixedClock::new(as_of.moment()));
    let maker = offline_brief(&folder, 20, clock).map_err(text)?;
    let request = BriefRequest::new(["RISE".parse().map_err(text)?], as_of);
    maker.run(&request).await.map(|(brief, _)| brief).map_err(text)
}

fn rises(brief: &Brief) -> Result<String, String> {
    let Some(ticker) = brief.tickers.first() else { return Err("the brief is empty".to_owned()) };
    let Some(decision) = &ticker.decision else {
        return Err(format!("no decision: {:?}", ticker.shortfalls));
    };
    let rises = matches!(decision.action, Action::Overweight | Action::Buy)
        && ticker.findings.iter().any(|f| f.dropped);
    expect(
        rises,
        format!("{} with p(up) {:.3}, {} finding(s)", decision.action, decision.p_up, ticker.findings.len()),
    )
}

/// A table of 2020 that rises by a steady step with a small wave, and holds one row that cannot be read.
fn rising_table() -> String {
    let mut table = "Date,Open,High,Low,Close,Volume\n".to_owned();
    let start = jiff::civil::date(2020, 1, 1);
    let mut session = 0_u32;
    for day in 0..366 {
        let Ok(date) = start.checked_add(jiff::Span::new().days(day)) else { continue };
        if matches!(date.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday) {
            continue;
        }
        session += 1;
        let close = 100.0 + 0.2 * f64::from(session) + 0.5 * f64::from(session % 3);
        let row = if session == 100 {
            format!("{date},,,,n/a,\n")
        } else {
            format!("{date},{close},{},{},{close},1000\n", close + 1.0, close - 1.0)
        };
        table.push_str(&row);
    }
    table
}

fn expect(holds: bool, fact: String) -> Result<String, String> {
    if holds { Ok(fact) } else { Err(fact) }
}

fn text(error: impl std::fmt::Display) -> String {
    format!("failed to {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_is_well() {
        let scratch = tempfile::tempdir().unwrap();
        for check in doctor(scratch.path()).await {
            assert!(check.outcome.is_ok(), "{check:?}");
        }
    }
}
