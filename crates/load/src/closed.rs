//! The closed loop: users who wait for an answer, think, and ask again.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{Error, ErrorKind, Latencies, Mode, Plan, Report, Target, open::Session, tally::Tally};

/// Users of a closed loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Users {
    /// How many there are in the end.
    pub count: usize,
    /// In which time they come, one after the other; what they do in it does not count.
    pub arrive_in: Duration,
    /// How long it lasts in all.
    pub lasts: Duration,
}

/// Applies load by users who wait: what a service keeps from being asked is **not** seen, so that the figures flatter a
/// service that stalls. The report says so, and holds beside them those corrected by rule ([`Latencies::corrected`]) for the
/// interval at which a user meant to ask: the plan's, or the median answer and the mean time to think. The plan's schedule is not
/// used.
///
/// # Errors
/// As [`open`](crate::open), and [`ErrorKind::InvalidPlan`] for no user, or users who come no sooner than it ends.
pub async fn closed(target: Arc<dyn Target>, plan: &Plan, users: Users) -> Result<Report, Error> {
    plan.check()?;
    if users.count == 0 || users.count > 1_000_000 || users.arrive_in >= users.lasts {
        return Err(ErrorKind::InvalidPlan.error(
            "apply load by users who wait: there are none, too many, or they come too late to count",
        ));
    }
    let plan = Arc::new(plan.clone());
    let began = Instant::now();
    let counted = (users.arrive_in, users.lasts);
    let mut workers = JoinSet::new();
    for number in 0..plan.settings.workers.min(users.count) {
        workers.spawn(worker(number, Arc::clone(&target), Arc::clone(&plan), users, began));
    }
    let mut tally = Tally::new(&plan.flow, plan.settings.blocks, began, counted);
    while let Some(counted) = workers.join_next().await {
        tally.merge(&counted.map_err(|e| ErrorKind::Broken.error("finish a worker").caused_by(e))?);
    }
    let mut all = Latencies::new();
    tally.steps.iter().for_each(|step| all.merge(&step.service));
    let median = Duration::from_nanos(crate::number::whole(all.quantile(0.5).unwrap_or(0.0)));
    let interval = plan.per_user.unwrap_or_else(|| plan.flow.mean_think() + median);
    Ok(Report::of(&plan, tally, Mode::Closed { users: users.count, interval }))
}

async fn worker(
    number: usize,
    target: Arc<dyn Target>,
    plan: Arc<Plan>,
    users: Users,
    began: Instant,
) -> Tally {
    let workers = plan.settings.workers.min(users.count);
    let counted = (users.arrive_in, users.lasts);
    let tally = Mutex::new(Tally::new(&plan.flow, plan.settings.blocks, began, counted));
    let session = Session {
        target: &*target,
        flow: &plan.flow,
        timeout: plan.settings.timeout,
        ends: began + users.lasts,
        progress: &plan.settings.progress,
        tally: &tally,
    };
    let mine = (number..users.count).step_by(workers);
    let mut running: FuturesUnordered<_> = mine.map(|user| one(user, users, session, began)).collect();
    while running.next().await.is_some() {}
    drop(running);
    tally.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// One user: asks, waits, thinks, and asks again.
async fn one(user: usize, users: Users, session: Session<'_>, began: Instant) {
    let count = u64::try_from(users.count).unwrap_or(u64::MAX);
    let mut number = u64::try_from(user).unwrap_or(u64::MAX);
    let share = crate::number::real(number) / crate::number::real(count);
    let counts_from = began + users.arrive_in;
    sleep_until(began + users.arrive_in.mul_f64(share)).await;
    while Instant::now() < session.ends {
        for step in session.flow.taken(number) {
            let now = Instant::now();
            if now >= session.ends {
                return;
            }
            session.call(step, number, now, now >= counts_from).await;
            let think = session.flow.think(session.flow.steps()[step].think, number, step);
            if !think.is_zero() {
                sleep_until((Instant::now() + think).min(session.ends)).await;
            }
        }
        number = number.saturating_add(count);
    }
}
