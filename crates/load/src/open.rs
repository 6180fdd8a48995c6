//! The open loop: requests start when the schedule says, whether or not earlier ones have been answered.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    Call, Error, ErrorKind, Fault, Flow, Mode, Outcome, Plan, Progress, Report, Target,
    pace::Pacer,
    schedule::Start,
    tally::{Record, Tally},
};

/// The first start is so far ahead that all workers are there for it.
const LEAD: Duration = Duration::from_millis(10);

/// Applies load by a schedule. Latency counts from the *intended* start, so that a service that stalls is charged for all
/// requests that it kept waiting, and not just for the one that it was answering: there is no coordinated omission. What finds
/// all places taken waits for one, which is latency too.
///
/// After the last start answers are waited for as long as each may take; what has not been sent by then is
/// [`Fault::Unsent`].
///
/// # Errors
/// [`ErrorKind::InvalidPlan`] for settings that make no sense; [`ErrorKind::Broken`] if a timer or a worker fails.
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use assize_ambient::Seed;
/// use assize_load::{Call, Flow, Order, Outcome, Phase, Plan, Schedule, Step, Target, open};
///
/// struct Library;
///
/// #[async_trait::async_trait]
/// impl Target for Library {
///     async fn call(&self, _: Call<'_>) -> Outcome {
///         tokio::time::sleep(Duration::from_millis(5)).await;
///         Outcome::RIGHT
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let schedule = Schedule::new(vec![Phase::constant(100.0, Duration::from_millis(200))], Seed::new(1))?;
/// let flow = Flow::new(vec![Step::get("ask", "/")], Order::Mixed, Seed::new(1))?;
/// let report = open(Arc::new(Library), &Plan::new("library", flow, schedule)).await?;
/// assert_eq!(report.total().right(), 20);
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn open(target: Arc<dyn Target>, plan: &Plan) -> Result<Report, Error> {
    plan.check()?;
    let plan = Arc::new(plan.clone());
    let began = Instant::now() + LEAD;
    let mut workers = JoinSet::new();
    for number in 0..plan.settings.workers {
        workers.spawn(worker(number, Arc::clone(&target), Arc::clone(&plan), began));
    }
    let mut tally = Tally::new(&plan.flow, plan.settings.blocks, began, plan.schedule.counted());
    while let Some(counted) = workers.join_next().await {
        let counted = counted.map_err(|e| ErrorKind::Broken.error("finish a worker").caused_by(e))??;
        tally.merge(&counted);
    }
    let (from, to) = tally.counted;
    let expected: f64 =
        plan.schedule.phases().iter().filter(|phase| phase.counts).map(crate::Phase::expected).sum();
    let offered = expected / to.saturating_sub(from).as_secs_f64().max(1e-9);
    Ok(Report::of(&plan, tally, Mode::Open { offered }))
}

/// Its share of the starts, and its share of the places.
async fn worker(
    number: usize,
    target: Arc<dyn Target>,
    plan: Arc<Plan>,
    began: Instant,
) -> Result<Tally, Error> {
    let settings = &plan.settings;
    let places = (settings.at_once / settings.workers
        + usize::from(number < settings.at_once % settings.workers))
    .max(1);
    let tally = Mutex::new(Tally::new(&plan.flow, settings.blocks, began, plan.schedule.counted()));
    let ends = began + plan.schedule.lasts();
    let gives_up = ends + settings.timeout;
    let session = Session {
        target: &*target,
        flow: &plan.flow,
        timeout: settings.timeout,
        ends,
        progress: &settings.progress,
        tally: &tally,
    };
    let mut pacer = Pacer::new(settings.pace)?;
    let mut starts = plan.schedule.starts().skip(number).step_by(settings.workers).peekable();
    let mut waiting: VecDeque<Start> = VecDeque::new();
    let mut running = FuturesUnordered::new();
    loop {
        let now = Instant::now();
        while let Some(start) = starts.next_if(|start| began + start.at <= now) {
            waiting.push_back(start);
        }
        while running.len() < places
            && let Some(start) = waiting.pop_front()
        {
            running.push(session.run(start.number, began + start.at, start.counts));
        }
        let next = starts.peek().map(|start| began + start.at);
        tokio::select! {
            biased;
            Some(()) = running.next(), if !running.is_empty() => {}
            () = pacer.until(next.unwrap_or(ends)), if next.is_some() => {}
            () = sleep_until(gives_up), if next.is_none() && !waiting.is_empty() => session.give_up(&mut waiting, began),
            else => break,
        }
    }
    drop(running);
    Ok(tally.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// What a start needs.
#[derive(Clone, Copy)]
pub(crate) struct Session<'a> {
    pub(crate) target: &'a dyn Target,
    pub(crate) flow: &'a Flow,
    pub(crate) timeout: Duration,
    /// After this no further step is begun.
    pub(crate) ends: Instant,
    pub(crate) progress: &'a Progress,
    pub(crate) tally: &'a Mutex<Tally>,
}

impl Session<'_> {
    /// The steps of one start. The first is intended for `intended`, each later one for when its user has thought.
    pub(crate) async fn run(self, number: u64, mut intended: Instant, counts: bool) {
        let steps = self.flow.taken(number);
        let last = steps.end - 1;
        for step in steps {
            self.call(step, number, intended, counts).await;
            if step < last {
                intended = Instant::now() + self.flow.think(self.flow.steps()[step].think, number, step);
                if intended >= self.ends {
                    return;
                }
                sleep_until(intended).await;
            }
        }
    }

    /// One call, counted.
    pub(crate) async fn call(self, step: usize, number: u64, intended: Instant, counts: bool) {
        let sent = Instant::now();
        self.progress.start();
        let call = self.target.call(Call { step: &self.flow.steps()[step], number });
        let outcome = timeout(self.timeout, call).await.unwrap_or(Outcome::wrong(Fault::Timeout));
        self.add(&Record { step, intended, sent, outcome }, counts);
    }

    fn add(self, record: &Record, counts: bool) {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).add(record, counts, self.progress);
    }

    /// Counts what was never sent.
    fn give_up(self, waiting: &mut VecDeque<Start>, began: Instant) {
        for start in waiting.drain(..) {
            let intended = began + start.at;
            let step = self.flow.taken(start.number).start;
            let outcome = Outcome::wrong(Fault::Unsent);
            self.add(&Record { step, intended, sent: Instant::now(), outcome }, start.counts);
        }
    }
}

#[cfg(test)]
mod tests;
