//! Getting the answer to one request: from what was kept, or from its host, tried again where that makes sense.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use assize_ambient::Chance;
use assize_cache::{Failed as NotKept, Origin, Policy, Selector, Tiered};
use assize_transport::{self as transport, Failed, RawResponse, Request, RetryHints, Verdict};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::ask::{Job, Round, place};
use super::health::Attempt;
use super::hosts::Host;
use super::kept::{KeptAnswer, Miss, SPACE};
use super::progress::FetchEvent;
use crate::{GapReason, Outcome};

/// A host that refuses us is left alone for so long, or longer if it says so: the time that the American regulator blocks for.
const LEFT_ALONE: Duration = Duration::from_secs(600);

impl Round {
    /// The answer, and what it turned out to be where that had to be found out.
    pub(super) async fn obtain(
        self: &Arc<Self>,
        job: &Job,
        request: &Request,
    ) -> (Result<RawResponse, Miss>, Option<Outcome>) {
        // A timer polls what it limits once even when it is late already; nothing must be sent then.
        if self.limit.is_over() {
            return (Err(Miss::Late), None);
        }
        let answer = async {
            let ttl = job.source.fresh_for(request);
            match &self.fetcher.answers {
                Some(answers) if !ttl.is_zero() => self.obtain_kept(answers, ttl, job, request).await,
                _ => self.obtain_new(job, request).await,
            }
        };
        match self.limit.end {
            Some(end) => timeout_at(end, answer).await.unwrap_or((Err(Miss::Late), None)),
            None => answer.await,
        }
    }

    async fn obtain_kept(
        self: &Arc<Self>,
        answers: &Tiered,
        ttl: Duration,
        job: &Job,
        request: &Request,
    ) -> (Result<RawResponse, Miss>, Option<Outcome>) {
        let key = self.fetcher.key(&SPACE, [job.source.meta().id.as_str(), request.key().as_str()]);
        let policy = Policy::new(ttl).with_early(0.0).with_jitter(0.0);
        let mut was_unfit = false;
        loop {
            let judged = Arc::new(Mutex::new(None));
            let (round, own, asked, slot) =
                (Arc::clone(self), job.clone(), request.clone(), Arc::clone(&judged));
            let compute = move || async move {
                let (answer, outcome) = round.obtain_new(&own, &asked).await;
                let response = answer?;
                match outcome {
                    Some(outcome) if is_fit(&outcome) && !KeptAnswer::reveals(&asked, &response) => {
                        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
                        Ok(KeptAnswer::of(&response))
                    }
                    // What is not there may be there soon.
                    _ => Err(Miss::NotKept(response)),
                }
            };
            let miss = match answers.get_or_compute(&key, &policy, compute).await {
                Ok(served) => {
                    let is_kept = matches!(served.from, Origin::Tier(_));
                    let response = served.value.response(request);
                    let outcome = judged.lock().unwrap_or_else(PoisonError::into_inner).take();
                    let outcome = outcome.unwrap_or_else(|| job.source.decode(&job.query, &response));
                    if !is_kept || was_unfit || is_fit(&outcome) {
                        return (Ok(response), Some(outcome));
                    }
                    // Kept before it was known which company is meant, or before the source was read as it is now: once
                    // more, from the source.
                    was_unfit = true;
                    answers.invalidate(&Selector::Key(key.clone())).await;
                    continue;
                }
                Err(NotKept::Computing(miss)) => (*miss).clone(),
                Err(_) => Miss::Failed(GapReason::Failed, format!("reading {} panicked", place(request))),
            };
            match miss {
                // Another fetch's deadline is not ours.
                Miss::Late if !self.limit.is_over() => {}
                miss => return (Err(miss), None),
            }
        }
    }

    /// Asks the host, as often as makes sense.
    async fn obtain_new(
        self: &Arc<Self>,
        job: &Job,
        request: &Request,
    ) -> (Result<RawResponse, Miss>, Option<Outcome>) {
        let Some(host) = self.fetcher.hosts.get(&*job.source) else {
            let detail = format!("{} has no host", job.source.meta().id);
            return (Err(Miss::Failed(GapReason::Failed, detail)), None);
        };
        let mut chance = self.fetcher.seed.child(request.key().as_str()).rng();
        host.retries.first_attempt();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let attempted = self.attempt(host, job, request, attempt).await;
            let Some(again) = attempted.again() else { return attempted.answer() };
            match self.decide(host, attempt, again, &mut chance) {
                Verdict::Wait(wait) => {
                    // All who ask the host are held back that long: nobody need stand aside beyond it.
                    let wait = again.after.unwrap_or(wait);
                    let (source, why) = (job.source.meta().id.clone(), attempted.ended());
                    self.fetcher.tell(|| FetchEvent::Retrying { source, after: wait, why });
                    sleep(wait).await;
                }
                Verdict::GiveUp(_) => {
                    if let Some(wait) =
                        again.after.filter(|wait| self.limit.left().is_some_and(|left| *wait >= left))
                    {
                        self.leave_alone(host, wait);
                    }
                    return attempted.answer();
                }
            }
        }
    }

    fn decide(&self, host: &Host, attempt: u32, hints: RetryHints, chance: &mut Chance) -> Verdict {
        let failed = Failed { attempt, transient: true, hints, remaining: self.limit.left() };
        self.fetcher.retries.decide(failed, &host.retries, chance)
    }

    fn leave_alone(&self, host: &Host, wait: Duration) {
        host.leave_alone(wait);
        self.fetcher.tell(|| FetchEvent::LeftAlone { host: host.name.clone(), wait });
    }

    /// One attempt, when it is its turn.
    async fn attempt(self: &Arc<Self>, host: &Host, job: &Job, request: &Request, attempt: u32) -> Attempted {
        let refused = || {
            let detail = format!("{} was not asked: {} has refused us", place(request), host.name);
            Attempted::Failed(Miss::Failed(GapReason::Blocked, detail), None)
        };
        if host.is_left_alone() {
            return refused();
        }
        // It may refuse somebody else while this one waits.
        let (_pass, permit) = tokio::select! {
            biased;
            () = host.left_alone() => return refused(),
            turn = host.turn(job.place) => turn,
        };
        let source = &job.source.meta().id;
        self.fetcher.tell(|| FetchEvent::Sent { source: source.clone(), attempt });
        job.requests.fetch_add(1, Ordering::Relaxed);
        let began = Instant::now();
        let reply = timeout(self.policy.attempt, self.fetcher.transport.send(request.clone())).await;
        let attempted = match reply {
            Err(_) => {
                let detail = format!("{} did not answer in time", place(request));
                Attempted::Failed(Miss::Failed(GapReason::TimedOut, detail), Some(RetryHints::default()))
            }
            Ok(Err(error)) => {
                let miss = Miss::Failed(reason_of(&error), format!("failed to {error}"));
                let hints = RetryHints { after: error.retry_after(), should_retry: None };
                Attempted::Failed(miss, is_transient(&error).then_some(hints))
            }
            Ok(Ok(response)) => match job.source.decode(&job.query, &response) {
                Outcome::Throttled(stated) => {
                    let wait = stated.unwrap_or_else(|| host.too_often(began));
                    Attempted::Throttled(response, stated, wait)
                }
                outcome => {
                    host.answered(began);
                    Attempted::Answered(response, outcome)
                }
            },
        };
        let (ended, took) = (attempted.ended(), began.elapsed());
        self.fetcher.health.note(source, Attempt { ended, took });
        // Whoever says when it will be back says it to all.
        if let Some(wait) = attempted.stated() {
            host.rest(wait);
        }
        match (permit, &attempted) {
            // Whoever does not is asked for one thing first, and not for as many as it bears at once.
            (Some(permit), Attempted::Throttled(_, None, wait)) => permit.refused(Some(*wait)),
            (Some(permit), Attempted::Failed(..)) => permit.failed(0, None),
            (Some(permit), _) => permit.settle(0),
            (None, _) => {}
        }
        if let Attempted::Answered(response, Outcome::Blocked) = &attempted {
            let stated = RetryHints::of(response).after.unwrap_or_default();
            self.leave_alone(host, stated.max(LEFT_ALONE));
        }
        attempted
    }
}

/// How an attempt ended.
enum Attempted {
    Answered(RawResponse, Outcome),
    /// "Too often"; with the time that the other side asks for, and for how long nobody asks it now.
    Throttled(RawResponse, Option<Duration>, Duration),
    /// Without an answer; with what the other side said of trying again, if that makes sense.
    Failed(Miss, Option<RetryHints>),
}

impl Attempted {
    /// What the other side said of trying again; `None` if it makes no sense.
    fn again(&self) -> Option<RetryHints> {
        let hints = |after| RetryHints { after, should_retry: None };
        match self {
            Self::Failed(_, again) => *again,
            Self::Throttled(_, _, wait) => Some(hints(Some(*wait))),
            Self::Answered(response, Outcome::Unavailable(_)) => Some(RetryHints::of(response)),
            Self::Answered(_, Outcome::DoubtfulEmpty(_)) => Some(hints(None)),
            Self::Answered(..) => None,
        }
    }

    /// For how long the other side says that nobody should ask it.
    fn stated(&self) -> Option<Duration> {
        match self {
            Self::Failed(_, again) => again.and_then(|hints| hints.after),
            Self::Throttled(_, stated, _) => *stated,
            Self::Answered(response, Outcome::Unavailable(_)) => RetryHints::of(response).after,
            Self::Answered(..) => None,
        }
    }

    fn answer(self) -> (Result<RawResponse, Miss>, Option<Outcome>) {
        match self {
            Self::Answered(response, outcome) => (Ok(response), Some(outcome)),
            Self::Throttled(response, stated, _) => (Ok(response), Some(Outcome::Throttled(stated))),
            Self::Failed(miss, _) => (Err(miss), None),
        }
    }

    fn ended(&self) -> &'static str {
        match self {
            Self::Failed(Miss::Failed(reason, _), _) => reason.as_str(),
            Self::Failed(..) => GapReason::TimedOut.as_str(),
            Self::Throttled(..) => "throttled",
            Self::Answered(_, outcome) => match outcome {
                Outcome::Items { .. } => "items",
                Outcome::Empty => "empty",
                Outcome::DoubtfulEmpty(_) => "doubtful_empty",
                Outcome::Throttled(_) => "throttled",
                Outcome::Blocked => "blocked",
                Outcome::Unavailable(_) => "unavailable",
                Outcome::NotFound => "not_found",
                Outcome::OtherCompany(_) => "other_company",
                Outcome::Drift(_) => "drift",
                Outcome::KeyMissing => "key_missing",
            },
        }
    }
}

/// Whether an answer that turned out so is good for another time as well.
fn is_fit(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Items { .. } | Outcome::Empty)
}

fn is_transient(error: &transport::Error) -> bool {
    use transport::ErrorKind::{Broken, TimedOut, Unreachable};
    matches!(error.kind(), TimedOut | Broken | Unreachable)
}

fn reason_of(error: &transport::Error) -> GapReason {
    match error.kind() {
        transport::ErrorKind::NotFound => GapReason::NotFound,
        transport::ErrorKind::Denied => GapReason::Denied,
        transport::ErrorKind::TooLarge => GapReason::TooLarge,
        transport::ErrorKind::TimedOut => GapReason::TimedOut,
        transport::ErrorKind::Unrecorded => GapReason::Unrecorded,
        transport::ErrorKind::Corrupt => GapReason::Corrupt,
        _ => GapReason::Failed,
    }
}
