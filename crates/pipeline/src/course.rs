//! The course of a run: when it began and must end, and how many work at once; and a ticker's trace through its stages.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use assize_altdata::Ticker;
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

use crate::{
    Availability, Progress, Shortfall, ShortfallKind, Stage, StageSpan, Status, Step, progress::Reporter,
};

/// The longest time that a deadline can lie ahead: ten years. Behind it there is none.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3_600);
/// Stages that can end by themselves are told to do so after this share of the time: what they come to must still be passed on.
const SHARE: f64 = 0.98;

/// What all stages of a run share: its beginning, its end, its places, and who is told.
///
/// Stages are joined by ordinary code: one after the other is one `await` after the other, and what can happen at the same
/// time is joined. The types of the stages say what fits. Nothing is spawned, so dropping a run's future cancels all of it.
///
/// ```
/// use std::time::Duration;
///
/// use assize_altdata::Ticker;
/// use assize_pipeline::{Availability, Course, Stage, Step};
/// use async_trait::async_trait;
///
/// #[derive(Debug)]
/// struct Length;
///
/// #[async_trait]
/// impl Stage for Length {
///     type Input = String;
///     type Output = usize;
///
///     fn name(&self) -> &'static str {
///         "length"
///     }
///
///     async fn run(&self, _: &Ticker, text: String) -> Availability<usize> {
///         Availability::Full(text.len())
///     }
/// }
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
/// # runtime.block_on(async {
/// let course = Course::begin().within(Duration::from_secs(5)).with_places(2);
/// let (ko, length) = ("KO".parse()?, Step::new(Length));
/// let trace = course.trace(&ko);
/// let first = trace.run(&length, "one".to_owned());
/// let second = trace.run(&length, "three".to_owned());
/// assert_eq!(tokio::join!(first, second), (Some(3), Some(5)));
/// assert_eq!(trace.spans().len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Course {
    began: Instant,
    time: Option<Duration>,
    places: Option<Arc<Semaphore>>,
    reporter: Reporter,
}

impl Course {
    /// A run that begins now, without a deadline or a limit.
    #[must_use]
    pub fn begin() -> Self {
        Self { began: Instant::now(), time: None, places: None, reporter: Reporter::default() }
    }

    /// The same, over after so long: who still works then is cut off.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.time = Some(time.min(LONGEST));
        self
    }

    /// The same, with so many places for steps that [work](Step::working), of whatever ticker and stage; 0 counts as 1.
    #[must_use]
    pub fn with_places(mut self, places: usize) -> Self {
        self.places = Some(Arc::new(Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS))));
        self
    }

    /// The same, telling its progress. It is told on the way and must not wait.
    #[must_use]
    pub fn telling(self, tell: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.reporting(Reporter::new(tell))
    }

    pub(crate) fn reporting(mut self, reporter: Reporter) -> Self {
        self.reporter = reporter;
        self
    }

    pub(crate) const fn reporter(&self) -> &Reporter {
        &self.reporter
    }

    /// How long it has run.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// When everything is cut off; `None`: never.
    #[must_use]
    pub fn end(&self) -> Option<Instant> {
        self.time.map(|time| self.began + time)
    }

    /// By when a stage that can end by itself should have ended, a little before all is cut off; `None`: it may take what it
    /// needs.
    #[must_use]
    pub fn soft_end(&self) -> Option<Instant> {
        self.time.map(|time| self.began + time.mul_f64(SHARE))
    }

    /// The trace of a ticker on this course.
    #[must_use]
    pub fn trace<'a>(&'a self, ticker: &'a Ticker) -> Trace<'a> {
        Trace { course: self, ticker, legs: Mutex::default() }
    }
}

/// One ticker's way: how long each stage took, and what is missing by now.
#[derive(Debug)]
pub struct Trace<'a> {
    course: &'a Course,
    ticker: &'a Ticker,
    legs: Mutex<Vec<Leg>>,
}

/// What one stage left behind; in the order in which they were asked for, whoever is ready first.
#[derive(Debug, Default)]
struct Leg {
    span: Option<StageSpan>,
    shortfalls: Vec<Shortfall>,
}

impl<'a> Trace<'a> {
    /// The ticker.
    #[must_use]
    pub const fn ticker(&self) -> &'a Ticker {
        self.ticker
    }

    /// Runs a step: waits for its place, then for its result, both until the course's end. `None`: it gave nothing; why is
    /// among the [shortfalls](Self::shortfalls). Several can run at the same time; their order is that of the calls.
    pub fn run<'s, S: Stage>(
        &'s self,
        step: &'s Step<S>,
        input: S::Input,
    ) -> impl Future<Output = Option<S::Output>> + Send + 's
    where
        S::Input: 's,
    {
        let leg = self.leg();
        async move {
            let asked = self.course.elapsed();
            let (start, result) = self.take_turn(step, input).await;
            let (output, shortfalls) = match result {
                Availability::Full(output) => (Some(output), Vec::new()),
                Availability::Degraded(output, shortfalls) => (Some(output), shortfalls),
                Availability::Missing(shortfalls) => (None, shortfalls),
            };
            let end = self.course.elapsed();
            let status = match (&output, shortfalls.is_empty()) {
                (Some(_), true) => Status::Full,
                (Some(_), false) => Status::Degraded,
                (None, _) => Status::Missing,
            };
            let stage = step.stage.name();
            let start = start.unwrap_or(end);
            self.note(leg, StageSpan { stage, asked, start, end, status }, shortfalls);
            output
        }
    }

    /// Notes a stage that ran elsewhere, for several tickers at once.
    pub fn record(&self, span: StageSpan, shortfalls: Vec<Shortfall>) {
        let leg = self.leg();
        self.note(leg, span, shortfalls);
    }

    /// Notes that something is missing of which no stage knows.
    pub fn lack(&self, shortfall: Shortfall) {
        self.legs().push(Leg { span: None, shortfalls: vec![shortfall] });
    }

    /// How long each stage took, in the order in which they were asked for.
    #[must_use]
    pub fn spans(&self) -> Vec<StageSpan> {
        self.legs().iter().filter_map(|leg| leg.span).collect()
    }

    /// What is missing by now, in the order in which the stages were asked for.
    #[must_use]
    pub fn shortfalls(&self) -> Vec<Shortfall> {
        self.legs().iter().flat_map(|leg| leg.shortfalls.iter().cloned()).collect()
    }

    /// When it got its place, if it did, and what came of it.
    async fn take_turn<S: Stage>(
        &self,
        step: &Step<S>,
        input: S::Input,
    ) -> (Option<Duration>, Availability<S::Output>) {
        let (course, stage) = (self.course, step.stage.name());
        let asked = course.elapsed();
        let places = async {
            // The step's own first: who waits for that must not keep others from working.
            let own = match &step.places {
                Some(places) => places.acquire().await.ok(),
                None => None,
            };
            let common = match &course.places {
                Some(places) if step.takes_place => places.acquire().await.ok(),
                _ => None,
            };
            (own, common)
        };
        let Some(_places) = until(course.end(), places).await else {
            let why = format!("the deadline came before the turn of the {stage} stage");
            return (None, cut_off(step, why));
        };
        let start = course.elapsed();
        let ticker = || self.ticker.clone();
        let waited = start.saturating_sub(asked);
        course.reporter.tell(&Progress::Began { ticker: ticker(), stage, waited });
        let own_end = step.time.and_then(|time| Instant::now().checked_add(time));
        let end = [course.end(), own_end].into_iter().flatten().min();
        let result = until(end, step.stage.run(self.ticker, input)).await;
        let took = course.elapsed().saturating_sub(start);
        course.reporter.tell(&Progress::Ended { ticker: ticker(), stage, took });
        let result =
            result.unwrap_or_else(|| cut_off(step, format!("the {stage} stage was cut off at its deadline")));
        (Some(start), result)
    }

    fn leg(&self) -> usize {
        let mut legs = self.legs();
        legs.push(Leg::default());
        legs.len() - 1
    }

    fn note(&self, leg: usize, span: StageSpan, shortfalls: Vec<Shortfall>) {
        if let Some(leg) = self.legs().get_mut(leg) {
            *leg = Leg { span: Some(span), shortfalls };
        }
    }

    fn legs(&self) -> MutexGuard<'_, Vec<Leg>> {
        self.legs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cut_off<S: Stage>(step: &Step<S>, why: String) -> Availability<S::Output> {
    Availability::missing(Shortfall::new(step.stage.part(), ShortfallKind::Deadline, why))
}

/// What comes of `future` by `end`. What is ready at that very moment counts.
async fn until<F: Future>(end: Option<Instant>, future: F) -> Option<F::Output> {
    match end {
        Some(end) => timeout_at(end, future).await.ok(),
        None => Some(future.await),
    }
}

#[cfg(test)]
mod tests;
