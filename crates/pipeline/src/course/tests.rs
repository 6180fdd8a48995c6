//! What a course promises: places, deadlines, order, and that a dropped run leaves nothing. All waiting is virtual.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures_util::future::join_all;
use tokio::time::sleep;

use super::*;
use crate::Part;

const SECOND: Duration = Duration::from_secs(1);

/// Works for as long as it is told, and knows how many do so at the moment.
#[derive(Debug, Default)]
struct Work {
    now: AtomicUsize,
    most: AtomicUsize,
}

struct Present<'a>(&'a AtomicUsize);

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Stage for Work {
    type Input = Duration;
    type Output = Duration;

    fn name(&self) -> &'static str {
        "work"
    }

    fn part(&self) -> Part {
        Part::Debate
    }

    async fn run(&self, _: &Ticker, time: Duration) -> Availability<Duration> {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        let _present = Present(&self.now);
        self.most.fetch_max(now, Ordering::SeqCst);
        sleep(time).await;
        if time.is_zero() {
            return Availability::Degraded(
                time,
                vec![Shortfall::new(Part::Debate, ShortfallKind::TooLittle, "no time at all")],
            );
        }
        Availability::Full(time)
    }
}

fn ko() -> Ticker {
    "KO".parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_course_has_so_many_places_and_a_step_its_own() {
    for (places, own, seconds) in
        [(2, None, 4), (8, Some(1), 8), (3, Some(2), 4), (100, None, 1), (0, None, 8)]
    {
        let course = Course::begin().with_places(places);
        let step = Step::working(Work::default());
        let step = if let Some(own) = own { step.at_most(own) } else { step };
        let ko = ko();
        let trace = course.trace(&ko);
        let results = join_all((0..8).map(|_| trace.run(&step, SECOND))).await;
        assert!(results.iter().all(|result| *result == Some(SECOND)), "{results:?}");
        assert_eq!(course.elapsed(), SECOND * seconds, "{places} and {own:?}");
        let most = own.unwrap_or(usize::MAX).min(places.clamp(1, 8));
        assert_eq!(step.stage().most.load(Ordering::SeqCst), most);
        let spans = trace.spans();
        assert!(
            spans.iter().all(|span| span.asked.is_zero() && span.end - span.start == SECOND),
            "{spans:?}"
        );
        assert_eq!(spans.iter().filter(|span| span.start.is_zero()).count(), most, "the others waited");
    }
}

#[tokio::test(start_paused = true)]
async fn what_only_calculates_waits_for_nobody() {
    let course = Course::begin().with_places(1);
    let (working, new) = (Step::working(Work::default()), Step::new(Work::default()));
    let ko = ko();
    let trace = course.trace(&ko);
    let (slow, quick) = (trace.run(&working, SECOND * 9), trace.run(&new, SECOND));
    tokio::join!(slow, quick);
    assert_eq!(trace.spans()[1].end, SECOND);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_end_is_cut_off_and_who_waits_is_told() {
    let course = Course::begin().within(SECOND * 5).with_places(1);
    let step = Step::working(Work::default());
    let ko = ko();
    let trace = course.trace(&ko);
    let (hour, turn) = (trace.run(&step, SECOND * 3_600), trace.run(&step, SECOND));
    assert_eq!(tokio::join!(hour, turn), (None, None));
    assert_eq!(course.elapsed(), SECOND * 5);
    let shortfalls = trace.shortfalls();
    let said: Vec<&str> = shortfalls.iter().map(|shortfall| shortfall.detail.as_str()).collect();
    assert_eq!(
        said,
        ["the work stage was cut off at its deadline", "the deadline came before the turn of the work stage"]
    );
    assert!(shortfalls.iter().all(|s| s.kind == ShortfallKind::Deadline && s.part == Part::Debate));
    assert!(trace.spans().iter().all(|span| span.status == Status::Missing && span.end == SECOND * 5));
    assert_eq!(step.stage().now.load(Ordering::SeqCst), 0, "it is cancelled");
}

#[tokio::test(start_paused = true)]
async fn a_step_has_a_time_of_its_own_that_begins_with_its_work() {
    let course = Course::begin().with_places(1);
    let step = Step::working(Work::default()).within(SECOND * 2);
    let ko = ko();
    let trace = course.trace(&ko);
    let runs = [SECOND * 2, SECOND * 3, SECOND].map(|time| trace.run(&step, time));
    assert_eq!(join_all(runs).await, [Some(SECOND * 2), None, Some(SECOND)]);
    assert_eq!(course.elapsed(), SECOND * 5);
}

#[tokio::test(start_paused = true)]
async fn what_is_left_behind_is_in_the_order_of_the_calls() {
    let course = Course::begin();
    let step = Step::new(Work::default());
    let ko = ko();
    let trace = course.trace(&ko);
    let runs = [3, 0, 1].map(|seconds| trace.run(&step, SECOND * seconds));
    trace.lack(Shortfall::new(Part::Options, ShortfallKind::LeftOut, "not wanted"));
    join_all(runs.into_iter().rev()).await;
    let ends: Vec<Duration> = trace.spans().iter().map(|span| span.end).collect();
    assert_eq!(ends, [SECOND * 3, Duration::ZERO, SECOND]);
    assert_eq!(trace.spans()[1].status, Status::Degraded);
    let parts: Vec<Part> = trace.shortfalls().iter().map(|shortfall| shortfall.part).collect();
    assert_eq!(parts, [Part::Debate, Part::Options]);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_run_leaves_its_places_free() {
    let course = Course::begin().with_places(1);
    let step = Step::working(Work::default());
    let ko = ko();
    {
        let trace = course.trace(&ko);
        let dropped = timeout_at(Instant::now() + SECOND, trace.run(&step, SECOND * 100)).await;
        assert!(dropped.is_err());
    }
    assert_eq!(step.stage().now.load(Ordering::SeqCst), 0);
    let trace = course.trace(&ko);
    assert_eq!(trace.run(&step, SECOND).await, Some(SECOND));
    assert_eq!(course.elapsed(), SECOND * 2);
}

#[tokio::test(start_paused = true)]
async fn progress_says_how_long_was_waited_and_worked() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&told);
    let course = Course::begin().with_places(1).telling(move |progress| {
        into.lock().unwrap().push(match progress {
            Progress::Began { waited, .. } => ("began", waited.as_secs()),
            Progress::Ended { took, .. } => ("ended", took.as_secs()),
            Progress::Fetching(_) => ("fetching", 0),
        });
    });
    let step = Step::working(Work::default());
    let ko = ko();
    let trace = course.trace(&ko);
    join_all([trace.run(&step, SECOND * 2), trace.run(&step, SECOND)]).await;
    assert_eq!(*told.lock().unwrap(), [("began", 0), ("ended", 2), ("began", 2), ("ended", 1)]);
}
