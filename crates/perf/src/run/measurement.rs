//! One figure with everything that is known about it.

use std::collections::BTreeMap;

use assize_ambient::Seed;

use crate::{
    Unit,
    statistics::{Bootstrap, Sorted},
};

/// Which way a figure is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Better {
    /// Less is better: time, memory, cost.
    Lower,
    /// More is better: rate, accuracy, speed-up.
    Higher,
}

/// How a figure came about, which decides what it can be held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Simulated under a virtual clock: the same for the same seeds, a sample of what other seeds would show.
    Virtual,
    /// Counted events: instructions, allocations, bytes.
    Counted,
    /// Time taken on a real processor.
    Timed,
    /// Taken under load over real sockets.
    Loaded,
}

impl Kind {
    /// All kinds, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Virtual, Self::Counted, Self::Timed, Self::Loaded];

    /// The name in stored runs and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Virtual => "virtual",
            Self::Counted => "counted",
            Self::Timed => "timed",
            Self::Loaded => "loaded",
        }
    }

    /// One sentence on what such a figure means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Virtual => {
                "Simulated under a virtual clock: the same on every machine for the same seeds, so that its interval \
                 speaks of what other seeds would show. A time holds the waiting that the plan of the work causes and \
                 none of the processor's time."
            }
            Self::Counted => {
                "Counted events (instructions, allocations, bytes): the same for the same build and input, so a small \
                 difference is a real one."
            }
            Self::Timed => {
                "Time on a real processor: it varies with the machine and with what else runs there, so read it with \
                 its interval."
            }
            Self::Loaded => {
                "Measured under load over real sockets: it holds queueing, the operating system and the load \
                 generator, and is compared only between runs on the same machine."
            }
        }
    }
}

/// A range that holds the true figure with a stated confidence, in the unit of the figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Confidence in `0.0..1.0`.
    pub level: f64,
    /// How it was computed.
    pub method: String,
}

impl Interval {
    /// Whether `value` lies within, ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// The end that is worse.
    #[must_use]
    pub const fn worse_end(&self, better: Better) -> f64 {
        match better {
            Better::Lower => self.high,
            Better::Higher => self.low,
        }
    }

    /// The end that is better.
    #[must_use]
    pub const fn better_end(&self, better: Better) -> f64 {
        match better {
            Better::Lower => self.low,
            Better::Higher => self.high,
        }
    }
}

/// The metric of something that has to run to its end: 1 if it did, 0 if not. Its source is its log.
pub const COMPLETED: &str = "completed";

/// One figure: what was measured, how much it was, and how well that is known.
///
/// ```
/// use assize_perf::{Better, Kind, Measurement, Unit};
///
/// let samples = vec![4_100.0, 4_300.0, 4_200.0, 4_900.0, 4_200.0];
/// let turn = Measurement::of_samples("debate/turn/4", "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, samples)
///     .expect("finite samples");
/// assert_eq!(turn.value, 4_200.0);
/// assert!(turn.interval.is_some_and(|interval| interval.contains(4_200.0)));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// `crate/function/case`, or the name in the source.
    pub id: String,
    /// What of it: `time`, `heap-peak`, `cpu-per-turn`, `accuracy`, ….
    pub metric: String,
    /// The unit of `value`, `interval`, `samples` and `figures`.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// How the figure came about.
    pub kind: Kind,
    /// The point estimate.
    pub value: f64,
    /// Where the true figure lies; `None` for exact figures and where nothing is known.
    pub interval: Option<Interval>,
    /// The single samples, in the order they were taken; may be empty.
    pub samples: Vec<f64>,
    /// Further figures that the source gives, by name (`mean`, `median`, `p95`), in the same unit unless the name ends
    /// in another (`slope_ns`).
    pub figures: BTreeMap<String, f64>,
    /// Remarks, among them which estimate `value` is.
    pub notes: Vec<String>,
    /// The file that it was read from, or the program that wrote it.
    pub source: Option<String>,
    /// Where in the code it is measured (`benches/debate.rs:41`), where known.
    pub location: Option<String>,
}

impl Measurement {
    /// A figure with nothing else known about it.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        metric: impl Into<String>,
        unit: Unit,
        better: Better,
        kind: Kind,
        value: f64,
    ) -> Self {
        Self {
            id: id.into(),
            metric: metric.into(),
            unit,
            better,
            kind,
            value,
            interval: None,
            samples: Vec::new(),
            figures: BTreeMap::new(),
            notes: Vec::new(),
            source: None,
            location: None,
        }
    }

    /// The median of samples, with the 95 % percentile bootstrap interval of the median (10,000 resamples, seeded
    /// by id and metric). `None` if there is no sample, or one that is not finite; no interval for one sample.
    #[must_use]
    pub fn of_samples(
        id: impl Into<String>,
        metric: impl Into<String>,
        unit: Unit,
        better: Better,
        kind: Kind,
        samples: Vec<f64>,
    ) -> Option<Self> {
        let median = Sorted::new(&samples)?.median();
        let mut measurement = Self::new(id, metric, unit, better, kind, median);
        let seed = Seed::new(0).child(&measurement.id).child(&measurement.metric);
        measurement.interval = Bootstrap::new(seed)
            .of(&samples, |resample| Sorted::new(resample).map_or(f64::NAN, |sorted| sorted.median()))
            .map(|interval| Interval { method: format!("{} of the median", interval.method), ..interval });
        measurement.samples = samples;
        Some(measurement)
    }

    /// With an interval.
    #[must_use]
    pub fn with_interval(mut self, interval: Interval) -> Self {
        self.interval = Some(interval);
        self
    }

    /// With its single samples.
    #[must_use]
    pub fn with_samples(mut self, samples: Vec<f64>) -> Self {
        self.samples = samples;
        self
    }

    /// With a further figure in the same unit.
    #[must_use]
    pub fn with_figure(mut self, name: impl Into<String>, value: f64) -> Self {
        self.figures.insert(name.into(), value);
        self
    }

    /// With a remark.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// With the file it was read from.
    #[must_use]
    pub fn from_source(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// With the place in the code where it is measured.
    #[must_use]
    pub fn at(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// The worst value that the figure may have: the bad end of its interval, or the value itself.
    #[must_use]
    pub fn at_worst(&self) -> f64 {
        self.interval.as_ref().map_or(self.value, |interval| interval.worse_end(self.better))
    }

    /// Whether its samples are looks at a process or a load while it ran, in order, and not tries of the same.
    pub(crate) fn is_course(&self) -> bool {
        const COURSES: [&str; 7] =
            ["resident", "anonymous", "cpu", "received", "sent", "users", "throughput-peak"];
        self.samples.len() > 2
            && (COURSES.contains(&self.metric.as_str())
                || self.metric.ends_with("-worst")
                || self.metric == "peak" && self.unit == Unit::Bytes)
    }

    /// Whether every number in it is finite, which the stored form needs.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        let ends = self.interval.iter().flat_map(|i| [i.low, i.high, i.level]);
        let rest = self.samples.iter().chain(self.figures.values()).copied();
        ends.chain(rest).chain([self.value]).all(f64::is_finite)
    }
}
