//! When requests are to start: worked out beforehand, so that nothing that the service does can move it.

use std::time::Duration;

use assize_ambient::{Chance, Seed};

use crate::{
    Error, ErrorKind,
    number::{SECOND, nanoseconds, real, whole},
};

/// Starts a second that are accepted at most.
pub const MAX_RATE: f64 = 10_000_000.0;
/// The longest schedule.
pub const MAX_DURATION: Duration = Duration::from_hours(24 * 31);

/// How the starts of a phase lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Spacing {
    /// As far from one another as the rate says.
    Even,
    /// By chance, as many users who know nothing of one another come: a Poisson process, from the schedule's seed.
    Poisson,
}

/// A part of a schedule, in which the rate goes in a straight line from one value to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Phase {
    /// Starts a second when it begins.
    pub from: f64,
    /// Starts a second when it ends.
    pub to: f64,
    /// How long it lasts.
    pub lasts: Duration,
    /// How its starts lie.
    pub spacing: Spacing,
    /// Whether its requests count; those of a warm-up do not.
    pub counts: bool,
}

impl Phase {
    /// The same rate all the time, evenly spaced.
    #[must_use]
    pub const fn constant(rate: f64, lasts: Duration) -> Self {
        Self::ramp(rate, rate, lasts)
    }

    /// The same rate all the time, by chance.
    #[must_use]
    pub const fn poisson(rate: f64, lasts: Duration) -> Self {
        Self { spacing: Spacing::Poisson, ..Self::constant(rate, lasts) }
    }

    /// From one rate to another, evenly spaced.
    #[must_use]
    pub const fn ramp(from: f64, to: f64, lasts: Duration) -> Self {
        Self { from, to, lasts, spacing: Spacing::Even, counts: true }
    }

    /// The same as a warm-up.
    #[must_use]
    pub const fn as_warm_up(mut self) -> Self {
        self.counts = false;
        self
    }

    /// How many starts are to be expected of it.
    #[must_use]
    pub fn expected(&self) -> f64 {
        f64::midpoint(self.from, self.to) * self.lasts.as_secs_f64()
    }

    /// Seconds after its beginning at which so many starts have been: the inverse of the integral of the rate.
    fn when(&self, starts: f64) -> Option<f64> {
        let seconds = self.lasts.as_secs_f64();
        let growth = (self.to - self.from) / seconds;
        let under = 2.0f64.mul_add(growth * starts, self.from * self.from);
        if starts <= 0.0 {
            return Some(0.0);
        }
        // Not the usual form of the root: this one also holds for a rate that does not change.
        let below = self.from + under.max(0.0).sqrt();
        (under >= 0.0 && below > 0.0).then(|| 2.0 * starts / below).filter(|at| *at < seconds)
    }
}

/// Phases one after the other.
///
/// ```
/// use std::time::Duration;
/// use assize_ambient::Seed;
/// use assize_load::{Phase, Schedule};
///
/// let schedule = Schedule::new(vec![Phase::constant(4.0, Duration::from_secs(1))], Seed::new(1))?;
/// let starts: Vec<_> = schedule.starts().map(|start| start.at.as_millis()).collect();
/// assert_eq!(starts, [0, 250, 500, 750]);
/// # Ok::<(), assize_load::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    phases: Vec<Phase>,
    seed: Seed,
}

/// One intended start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// How long after the beginning of the schedule, to the nanosecond.
    pub at: Duration,
    /// Its number, from 0.
    pub number: u64,
    /// Whether it counts.
    pub counts: bool,
}

impl Schedule {
    /// A schedule.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidPlan`] for no phase, a phase that lasts no time, a rate that is negative, not finite or above
    /// [`MAX_RATE`], and more than [`MAX_DURATION`] in all.
    pub fn new(phases: Vec<Phase>, seed: Seed) -> Result<Self, Error> {
        let wrong = |what: String| Err(ErrorKind::InvalidPlan.error(format!("plan the load: {what}")));
        if phases.is_empty() {
            return wrong("there is no phase".to_owned());
        }
        let mut total = Duration::ZERO;
        for (number, phase) in phases.iter().enumerate() {
            let number = number + 1;
            if phase.lasts.is_zero() {
                return wrong(format!("phase {number} lasts no time"));
            }
            for rate in [phase.from, phase.to] {
                if !(0.0..=MAX_RATE).contains(&rate) {
                    return wrong(format!("phase {number} has a rate of {rate}; it may be 0 to {MAX_RATE}"));
                }
            }
            total = total.saturating_add(phase.lasts);
        }
        if total > MAX_DURATION {
            return wrong("it lasts more than 31 days".to_owned());
        }
        Ok(Self { phases, seed })
    }

    /// Its phases.
    #[must_use]
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// How long it lasts.
    #[must_use]
    pub fn lasts(&self) -> Duration {
        self.phases.iter().map(|phase| phase.lasts).sum()
    }

    /// The highest rate in it.
    #[must_use]
    pub fn peak(&self) -> f64 {
        self.phases.iter().flat_map(|phase| [phase.from, phase.to]).fold(0.0, f64::max)
    }

    /// From when to when it counts: the phases that are no warm-up, from the first of them to the end of the last.
    #[must_use]
    pub fn counted(&self) -> (Duration, Duration) {
        let (mut began, mut from, mut to) = (Duration::ZERO, None, Duration::ZERO);
        for phase in &self.phases {
            let ends = began + phase.lasts;
            if phase.counts {
                from.get_or_insert(began);
                to = ends;
            }
            began = ends;
        }
        (from.unwrap_or_default(), to)
    }

    /// The same with every rate multiplied.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn times(&self, factor: f64) -> Result<Self, Error> {
        let by = |phase: &Phase| Phase { from: phase.from * factor, to: phase.to * factor, ..*phase };
        Self::new(self.phases.iter().map(by).collect(), self.seed)
    }

    /// The same with every phase made longer or shorter in proportion, so that it lasts so long in all.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn lasting(&self, total: Duration) -> Result<Self, Error> {
        let factor = total.as_secs_f64() / self.lasts().as_secs_f64();
        let by = |phase: &Phase| Phase { lasts: phase.lasts.mul_f64(factor), ..*phase };
        Self::new(self.phases.iter().map(by).collect(), self.seed)
    }

    /// The intended starts, in order: the same each time.
    #[must_use]
    pub fn starts(&self) -> Starts<'_> {
        Starts {
            schedule: self,
            phase: 0,
            began: Duration::ZERO,
            reached: None,
            number: 0,
            chance: self.seed.child("starts").rng(),
        }
    }
}

/// The intended starts of a schedule.
#[derive(Debug, Clone)]
pub struct Starts<'a> {
    schedule: &'a Schedule,
    phase: usize,
    began: Duration,
    /// How many starts the phase has had, in its own measure.
    reached: Option<f64>,
    number: u64,
    chance: Chance,
}

impl Iterator for Starts<'_> {
    type Item = Start;

    fn next(&mut self) -> Option<Start> {
        loop {
            let phase = self.schedule.phases.get(self.phase)?;
            let reached = match (phase.spacing, self.reached) {
                (Spacing::Even, None) => 0.0,
                (Spacing::Even, Some(before)) => before + 1.0,
                (Spacing::Poisson, before) => before.unwrap_or(0.0) + self.chance.exponential(1.0),
            };
            // A rate that begins at nothing has its first start where the first whole one has come together.
            let when = if reached <= 0.0 && phase.from <= 0.0 {
                self.reached = Some(reached);
                continue;
            } else {
                phase.when(reached)
            };
            if let Some(seconds) = when {
                self.reached = Some(reached);
                let after = Duration::from_nanos(whole((seconds * SECOND).round()));
                let start = Start { at: self.began + after, number: self.number, counts: phase.counts };
                self.number += 1;
                return Some(start);
            }
            self.began += phase.lasts;
            self.phase += 1;
            self.reached = None;
        }
    }
}

/// The number of a block of time that a moment lies in, of so many between two moments.
pub(crate) fn block_of(at: Duration, (from, to): (Duration, Duration), blocks: usize) -> usize {
    let span = nanoseconds(to.saturating_sub(from)).max(1);
    let share = real(nanoseconds(at.saturating_sub(from))) / real(span);
    crate::number::place(share, blocks)
}

#[cfg(test)]
mod tests;
