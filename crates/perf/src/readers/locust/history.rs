//! `_stats_history.csv`: a row a second for each request that is asked for, with the totals up to then.

use std::collections::BTreeMap;

use assize_ambient::Timestamp;

use super::{ROUNDED_FROM, Row};
use crate::{
    Unit,
    readers::{
        lines::Lines,
        load::{Load, MS, OMITS, number, percentile_name, share},
    },
    run::{Better, Kind, Measurement, Run},
};

/// How many points of a series are kept; beyond it every second one is left out, and so on.
const POINTS: usize = 20_000;

/// The percentiles that are kept over time.
const PERCENTILES: [f64; 3] = [50.0, 95.0, 99.0];

#[derive(Debug, Default)]
struct Course {
    first: Option<f64>,
    last: f64,
    users: Series,
    rates: Series,
    percentiles: BTreeMap<usize, Series>,
    whole: Option<Load>,
}

/// A series in the order of time, thinned where it is long.
#[derive(Debug)]
struct Series {
    points: Vec<f64>,
    step: usize,
    seen: usize,
    largest: f64,
}

impl Default for Series {
    fn default() -> Self {
        Self { points: Vec::new(), step: 1, seen: 0, largest: f64::NEG_INFINITY }
    }
}

impl Series {
    fn push(&mut self, point: f64) {
        if self.seen.is_multiple_of(self.step) {
            self.points.push(point);
        }
        self.seen += 1;
        self.largest = self.largest.max(point);
        if self.points.len() > POINTS {
            let mut place = 0_usize;
            self.points.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.step *= 2;
        }
    }

    fn measurement(
        self,
        id: &str,
        metric: &str,
        unit: Unit,
        better: Better,
        what: &str,
    ) -> Option<Measurement> {
        let mut measured = Measurement::new(id, metric, unit, better, Kind::Loaded, self.largest);
        measured.notes.push(format!("the largest of {} {what}, which are its samples", self.seen));
        if self.step > 1 {
            measured.notes.push(format!("of the samples one in {} is kept", self.step));
        }
        measured.samples = self.points;
        (self.seen > 0).then_some(measured)
    }
}

/// Percentiles of seconds are kept as a series, and never averaged.
pub(super) fn read(header: &[String], lines: &mut Lines, run: &mut Run) {
    let mut courses: BTreeMap<String, Course> = BTreeMap::new();
    while let Some((line, row)) = Row::next(header, lines, run) {
        let Some(at) = row.number("timestamp") else {
            lines.find(run, line, "the timestamp is no number: the row was left out");
            continue;
        };
        let course = courses.entry(format!("over time/{}", row.id())).or_default();
        course.first.get_or_insert(at);
        course.last = at;
        if let Some(users) = row.number("user count") {
            course.users.push(users);
        }
        if let Some(rate) = row.number("requests/s") {
            course.rates.push(rate);
        }
        for (place, percent) in PERCENTILES.into_iter().enumerate() {
            if let Some(ms) = row.text(&format!("{percent}%")).and_then(number) {
                course.percentiles.entry(place).or_default().push(ms * MS);
            }
        }
        course.whole = whole(&row).or(course.whole.take());
    }
    let first = courses.values().filter_map(|course| course.first).min_by(f64::total_cmp);
    run.created_at = first.and_then(timestamp);
    for (id, course) in courses {
        let measured = course.measurements(&id);
        run.measurements.extend(measured.into_iter().map(|m| m.from_source(lines.name())));
    }
}

impl Course {
    fn measurements(self, id: &str) -> Vec<Measurement> {
        let seconds = self.first.map_or(0.0, |first| self.last - first);
        let whole = self.whole.map(|load| {
            let per_second = load.requests.filter(|_| seconds > 0.0).map(|requests| requests / seconds);
            Load { id: id.to_owned(), per_second, ..load }
        });
        let mut measured: Vec<Measurement> = whole.map(Load::measurements).unwrap_or_default();
        let series = [
            self.users.measurement(id, "users", Unit::Count, Better::Higher, "numbers of users"),
            self.rates.measurement(id, "throughput-peak", Unit::PerSecond, Better::Higher, "rates"),
        ];
        measured.extend(series.into_iter().flatten());
        for (place, series) in self.percentiles {
            let Some(percent) = PERCENTILES.get(place) else { continue };
            let metric = format!("{}-worst", percentile_name(*percent));
            let what = "moments, each of the 10 seconds before";
            measured.extend(series.measurement(id, &metric, Unit::Nanoseconds, Better::Lower, what));
        }
        measured
    }
}

/// The totals that a row has, which the last row has of the whole.
fn whole(row: &Row<'_>) -> Option<Load> {
    let requests = row.number("total request count").filter(|requests| *requests > 0.0)?;
    let total = |what: &str| row.number(&format!("total {what} response time")).map(|ms| ms * MS);
    let failures = row.number("total failure count");
    Some(Load {
        requests: Some(requests),
        error_rate: failures.and_then(|failures| share(failures, requests)),
        percentiles: total("median").map(|ns| (50.0, ns)).into_iter().collect(),
        figures: [("mean", total("average")), ("min", total("min")), ("max", total("max"))]
            .into_iter()
            .filter_map(|(name, ns)| Some((name, ns?)))
            .collect(),
        notes: vec![OMITS.to_owned(), "of the whole, from the last row".to_owned()],
        rounded_from: Some(ROUNDED_FROM),
        ..Load::default()
    })
}

/// A moment in seconds since 1970.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast of a float saturates, and what is out of range is no time"
)]
fn timestamp(seconds: f64) -> Option<Timestamp> {
    Timestamp::from_millisecond((seconds * 1e3) as i64).ok()
}
