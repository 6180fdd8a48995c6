//! What a run of load showed, and its figures in the form of all runs.

use std::{fmt::Write as _, time::Duration};

use assize_perf::{
    Better, Finding, Kind, Measurement, Run, Unit,
    statistics::{P99_NEEDS, student_interval, wilson_interval},
};

use crate::{
    Block, Figures, Latencies, Plan,
    number::{len, real},
    tally::Tally,
};

/// How load was applied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mode {
    /// By a schedule.
    Open {
        /// Starts a second in the time that counts, on average.
        offered: f64,
    },
    /// By users who wait.
    Closed {
        /// How many.
        users: usize,
        /// The interval at which each meant to ask, which omissions are corrected for.
        interval: Duration,
    },
}

/// What a run of load showed.
#[derive(Debug, Clone)]
pub struct Report {
    /// The plan's name.
    pub name: String,
    /// What its figures are.
    pub kind: Kind,
    /// How load was applied.
    pub mode: Mode,
    /// The steps in their order, by name.
    pub steps: Vec<(String, Figures)>,
    /// The time that counts, in equal parts.
    pub blocks: Vec<Block>,
    /// How long the time that counts is.
    pub counted: Duration,
    /// How long it took until the last of its requests was over, if that was later.
    pub took: Duration,
    /// From one request of a user to the next, where there are users.
    pub per_user: Option<Duration>,
}

impl Report {
    pub(crate) fn of(plan: &Plan, tally: Tally, mode: Mode) -> Self {
        let (from, to) = tally.counted;
        let counted = to.saturating_sub(from);
        let names = plan.flow.steps().iter().map(|step| step.name.clone());
        Self {
            name: plan.name.clone(),
            kind: plan.settings.kind,
            mode,
            steps: names.zip(tally.steps).collect(),
            blocks: tally.blocks,
            counted,
            took: tally.ended.saturating_sub(from).max(counted),
            per_user: plan.per_user,
        }
    }

    /// All steps together.
    #[must_use]
    pub fn total(&self) -> Figures {
        let mut total = Figures::default();
        self.steps.iter().for_each(|(_, figures)| total.merge(figures));
        total
    }

    /// Right answers a second, until the last request was over.
    #[must_use]
    pub fn throughput(&self) -> f64 {
        real(self.total().right()) / self.took.as_secs_f64().max(1e-9)
    }

    /// Bytes a second, both ways.
    #[must_use]
    pub fn bandwidth(&self) -> f64 {
        let total = self.total();
        real(total.sent + total.received) / self.took.as_secs_f64().max(1e-9)
    }

    /// As a run: measurements `load/<name>/<step>` and `load/<name>/total` with the metrics `p50`, `p95`, `p99`, `throughput`
    /// and `error-rate`, of the total also `bandwidth` and `late-p99`; of a closed loop also `corrected-p50`, `-p95` and `-p99`. A
    /// 99th percentile of fewer than 1,000 requests is left out, which a finding says.
    #[must_use]
    pub fn run(&self) -> Run {
        let mut run = Run::new(format!("load {}", self.name));
        let total = self.total();
        let single = self.steps.len() == 1;
        for (name, figures) in self.steps.iter().filter(|_| !single) {
            self.add(&mut run, name, figures);
        }
        self.add(&mut run, "total", &total);
        let id = self.id("total");
        let seconds = self.took.as_secs_f64().max(1e-9);
        let mut bandwidth = Measurement::new(
            &id,
            "bandwidth",
            Unit::BytesPerSecond,
            Better::Lower,
            self.kind,
            self.bandwidth(),
        )
        .with_figure("sent", real(total.sent) / seconds)
        .with_figure("received", real(total.received) / seconds);
        if let Some(each) = self.per_user {
            let users = real(total.requests) / seconds * each.as_secs_f64();
            bandwidth = bandwidth.with_note(format!("of {users:.1} users on average"));
        }
        run.measurements.push(bandwidth);
        if let Some(late) = total.late.quantile(0.99) {
            let note =
                "from the intended start to sending: the generator's own lateness, and waiting for a place";
            let figure = Measurement::new(&id, "late-p99", Unit::Nanoseconds, Better::Lower, self.kind, late)
                .with_note(note);
            let most = total.late.max().unwrap_or(late);
            run.measurements.push(figure.with_figure("max", most));
        }
        run
    }

    fn id(&self, step: &str) -> String {
        format!("load/{}/{step}", self.name)
    }

    fn add(&self, run: &mut Run, step: &str, figures: &Figures) {
        let id = self.id(step);
        let how = match self.mode {
            Mode::Open { offered } => {
                format!("open loop, {offered:.1} starts a second offered; from the intended start")
            }
            Mode::Closed { users, .. } => format!(
                "closed loop, {users} users who wait: it omits what a slow answer kept from being asked; corrected-* beside it"
            ),
        };
        let places = [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")];
        for (q, metric) in places {
            run.measurements
                .extend(self.percentile(&id, metric, q, &figures.latency).map(|m| m.with_note(&*how)));
        }
        if let Some(p50) = run.measurements.iter_mut().rev().find(|m| m.id == id && m.metric == "p50") {
            describe(p50, figures);
        }
        if figures.latency.p99().is_none() {
            let text = format!(
                "p99 is insufficient: {} requests, and it needs {P99_NEEDS} or more",
                figures.latency.count()
            );
            run.findings.push(Finding::new(id.as_str(), None, text));
        }
        if let Mode::Closed { interval, .. } = self.mode {
            let corrected = figures.latency.corrected(interval);
            let note = format!(
                "corrected for omission: a user meant to ask every {}",
                Unit::Nanoseconds.show(real(crate::number::nanoseconds(interval)))
            );
            for (q, metric) in [(0.5, "corrected-p50"), (0.95, "corrected-p95"), (0.99, "corrected-p99")] {
                let figure = self.percentile(&id, metric, q, &corrected);
                // What was put in by rule is no observation: there is no interval of it.
                run.measurements
                    .extend(figure.map(|m| Measurement { interval: None, ..m }.with_note(&*note)));
            }
        }
        run.measurements.push(self.rate(&id, step, figures));
        run.measurements.extend(self.errors(&id, figures));
    }

    fn percentile(&self, id: &str, metric: &str, q: f64, latency: &Latencies) -> Option<Measurement> {
        let value = if q >= 0.99 { latency.p99()? } else { latency.quantile(q)? };
        let figure = Measurement::new(id, metric, Unit::Nanoseconds, Better::Lower, self.kind, value);
        Some(Measurement { interval: latency.quantile_interval(q), ..figure })
    }

    fn rate(&self, id: &str, step: &str, figures: &Figures) -> Measurement {
        let seconds = self.took.as_secs_f64().max(1e-9);
        let rate = real(figures.right()) / seconds;
        let mut figure = Measurement::new(id, "throughput", Unit::PerSecond, Better::Higher, self.kind, rate)
            .with_note("right answers");
        if step == "total" {
            let block = self.counted.as_secs_f64().max(1e-9) / len(&self.blocks);
            let rates: Vec<f64> = self.blocks.iter().map(|one| real(one.right) / block).collect();
            figure.samples = rates;
            // Of a steady load only: between blocks of a ramp the rate differs by intent.
            figure.interval = student_interval(&figure.samples, 0.95)
                .filter(|interval| interval.contains(rate) && interval.high - interval.low < 0.5 * rate);
        }
        figure
    }

    fn errors(&self, id: &str, figures: &Figures) -> Option<Measurement> {
        if figures.requests == 0 {
            return None;
        }
        let share = real(figures.wrong()) / real(figures.requests);
        let mut figure = Measurement::new(id, "error-rate", Unit::Fraction, Better::Lower, self.kind, share);
        let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        figure.interval = wilson_interval(count(figures.wrong()), count(figures.requests), 0.95);
        let mut told = format!("{} of {} requests", figures.wrong(), figures.requests);
        for (place, (fault, times)) in figures.faults.iter().enumerate() {
            let _ = write!(told, "{} {fault} {times}", if place == 0 { ":" } else { "," });
        }
        Some(figure.with_note(told))
    }
}

/// The rest of a distribution, as figures of its median.
fn describe(p50: &mut Measurement, figures: &Figures) {
    let latency = &figures.latency;
    let known = [
        ("min", latency.min()),
        ("mean", latency.mean()),
        ("p75", latency.quantile(0.75)),
        ("p90", latency.quantile(0.9)),
        ("p99.9", latency.quantile(0.999).filter(|_| latency.count() >= 10_000)),
        ("max", latency.max()),
        ("service-p50", figures.service.quantile(0.5)),
        ("service-p95", figures.service.quantile(0.95)),
        ("service-p99", figures.service.p99()),
        ("service-max", figures.service.max()),
    ];
    for (name, value) in known {
        p50.figures.extend(value.map(|value| (name.to_owned(), value)));
    }
}
