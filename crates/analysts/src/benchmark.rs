//! What a share is held against, where the question is whether it returns more: one piece of evidence that holds the closes.

use std::{collections::BTreeMap, fmt};

use assize_altdata::{Availability, PriceSeries};
use assize_debate::{Evidence, EvidenceId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Bar;

/// The kind of evidence that is a benchmark. Where it is there, the question is whether the share returns more than it.
pub const BENCHMARK: &str = "benchmark";

/// Its return is told over so many sessions.
const TOLD: [usize; 4] = [5, 20, 60, 250];

/// The data of a benchmark.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BenchmarkData {
    /// Adjusted for splits and dividends, oldest first; only ratios of them mean anything.
    closes: Vec<(Date, f64)>,
}

/// The last `newest` closes of a benchmark as one piece of evidence that everybody holds, named and dated as its newest bar is;
/// `None` without any. Its text tells returns and no price.
#[must_use]
pub fn benchmark_evidence(series: &PriceSeries, newest: usize) -> Option<Evidence> {
    let bars = &series.bars()[series.bars().len().saturating_sub(newest)..];
    let last = bars.last()?;
    let subject = series.ticker().map(ToString::to_string).unwrap_or_default();
    let gain = |sessions: usize| {
        let before = bars.len().checked_sub(sessions + 1)?;
        let gain = 100.0 * (last.adjusted_close / bars[before].adjusted_close - 1.0);
        Some(format!("{gain:+.1} % over {sessions} sessions"))
    };
    let gains: Vec<String> = TOLD.into_iter().filter_map(gain).collect();
    let gains = if gains.is_empty() { "unknown".to_owned() } else { gains.join(", ") };
    let data = BenchmarkData { closes: bars.iter().map(|bar| (bar.bar.date, bar.adjusted_close)).collect() };
    Some(Evidence {
        id: EvidenceId::from(last.id.to_string().as_str()),
        kind: BENCHMARK.to_owned(),
        subject: subject.clone(),
        source: last.url.to_string(),
        available_at: Availability::of_daily_bar(last.bar.date).latest,
        text: format!(
            "{subject}, the benchmark of the question: total return up to {}: {gains}",
            last.bar.date
        ),
        data: serde_json::to_value(data).unwrap_or(Value::Null),
        held_by: None,
    })
}

/// A benchmark as analysts read it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Benchmark {
    pub(crate) id: EvidenceId,
    name: String,
    closes: BTreeMap<Date, f64>,
}

impl Benchmark {
    /// The one among the evidence.
    pub(crate) fn read<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> Option<Self> {
        let evidence = evidence.into_iter().find(|evidence| evidence.kind == BENCHMARK)?;
        let BenchmarkData { closes } = BenchmarkData::deserialize(&evidence.data).ok()?;
        let is_sound = |(_, close): &(Date, f64)| close.is_finite() && *close > 0.0;
        Some(Self {
            id: evidence.id.clone(),
            name: evidence.subject.clone(),
            closes: closes.into_iter().filter(is_sound).collect(),
        })
    }

    /// What a share was worth in shares of the benchmark, on the days of which both closes are known.
    pub(crate) fn relative(&self, bars: Vec<Bar>) -> Vec<Bar> {
        let measured = |bar: Bar| {
            let close = bar.close / self.closes.get(&bar.date)?;
            Some(Bar { close, ..bar })
        };
        bars.into_iter().filter_map(measured).collect()
    }
}

/// What weights of evidence are for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Aim<'a> {
    /// That the share is worth more.
    Rise,
    /// That it returns more than this.
    Beat(&'a str),
}

impl<'a> Aim<'a> {
    pub(crate) fn of(benchmark: Option<&'a Benchmark>) -> Self {
        benchmark.map_or(Self::Rise, |benchmark| Self::Beat(&benchmark.name))
    }

    /// What comes otherwise.
    pub(crate) const fn opposite(self) -> &'static str {
        match self {
            Self::Rise => "a fall",
            Self::Beat(_) => "falling behind",
        }
    }
}

impl fmt::Display for Aim<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rise => f.write_str("a rise"),
            Self::Beat(name) => write!(f, "beating {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use assize_altdata::{AsOf, DailyBar, Item, SourceId};
    use assize_ambient::Timestamp;
    use assize_debate::{Driver, Spec};
    use jiff::{ToSpan, civil::date};

    use super::*;
    use crate::{DIRECTION_OPTIONS, bar_evidence, panel, read_bars};

    fn series(name: &str, closes: impl Fn(i32) -> f64, days: i32) -> PriceSeries {
        let url = format!("file:{name}.csv").parse().unwrap();
        let bar = |day: i32| {
            let (date, close) = (date(2019, 1, 1) + day.days(), closes(day));
            let bar = DailyBar::new(date, close, close, close, close);
            Item::bar(&name.parse().unwrap(), bar, &SourceId::new("csv"), &url, Timestamp::UNIX_EPOCH)
        };
        let items: Vec<Item> = (0..days).map(bar).collect();
        PriceSeries::build(&items, &"2021-01-01".parse::<AsOf>().unwrap())
    }

    #[test]
    fn a_share_is_measured_on_the_days_of_both() {
        let share = bar_evidence(&series("KO", |day| 100.0 + f64::from(day), 30), 400);
        let against = benchmark_evidence(&series("SPY", |_| 50.0, 28), 5).unwrap();
        assert_eq!((&*against.kind, &*against.subject, &*against.source), (BENCHMARK, "SPY", "file:SPY.csv"));
        assert!(against.text.ends_with("total return up to 2019-01-28: unknown"), "{}", against.text);
        let benchmark = Benchmark::read(share.iter().chain([&against])).unwrap();
        let bars = benchmark.relative(read_bars(&share).unwrap());
        let closes: Vec<f64> = bars.iter().map(|bar| bar.close).collect();
        assert_eq!(closes, [2.46, 2.48, 2.5, 2.52, 2.54]);
        assert_eq!(Benchmark::read(&share), None, "it is a question of a rise");
        assert_eq!(benchmark_evidence(&series("SPY", |_| 50.0, 0), 5), None);
    }

    /// A share that rises, but less than the benchmark: who is asked whether it rises says yes, who is asked whether it returns
    /// more says no, by the very same rules.
    #[test]
    fn the_same_rules_answer_the_other_question() {
        let grown =
            |rate: f64| move |day: i32| 100.0 * libm::exp(rate * f64::from(day) + 0.002 * f64::from(day % 7));
        let share = bar_evidence(&series("KO", grown(0.001), 400), 400);
        let against = benchmark_evidence(&series("SPY", grown(0.003), 400), 400);
        let p_up = |evidence: Vec<Evidence>| {
            let (seats, debaters): (Vec<_>, Vec<_>) = panel(20, &evidence).into_iter().unzip();
            let mut spec = Spec::new("Will it?", DIRECTION_OPTIONS).with_evidence(evidence);
            spec.seats = seats;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let verdict = runtime.block_on(Driver::new(spec, debaters).unwrap().run()).unwrap().verdict;
            let said: Vec<String> = verdict.reasons.iter().map(|reason| reason.text.clone()).collect();
            (verdict.probability_of(DIRECTION_OPTIONS[0]).unwrap(), said.join("\n"))
        };
        let (rises, why) = p_up(share.clone());
        assert!(rises > 0.5 && why.contains("nats for a rise") && !why.contains("SPY"), "{rises}: {why}");
        let (beats, why) = p_up(share.into_iter().chain(against).collect());
        assert!(beats < 0.5 && why.contains("measured against SPY"), "{beats}: {why}");
        assert!(why.contains("nats for beating SPY") && !why.contains("for a rise"), "{why}");
    }

    #[test]
    fn the_text_tells_returns_and_no_price() {
        let against = benchmark_evidence(&series("SPY", |day| if day < 40 { 500.0 } else { 505.0 }, 45), 400);
        let text = against.unwrap().text;
        assert!(
            text.ends_with("up to 2019-02-14: +1.0 % over 5 sessions, +1.0 % over 20 sessions"),
            "{text}"
        );
        assert!(!text.contains("50"), "a level says when it is: {text}");
    }
}
