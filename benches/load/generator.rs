//! How late starts are, what a request costs the generator, and how many it can send.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use assize_benches::handover::{Handover, Profile};
use assize_load::{Call, HttpTarget, Outcome, Settings, Step, Target, closed, open};
use assize_perf::{Better, Kind, Measurement, Run, Unit};
use async_trait::async_trait;

use crate::{HERE, bare::Bare, plan, runtime};

/// Answers at once.
struct Instantly;

#[async_trait]
impl Target for Instantly {
    async fn call(&self, _: Call<'_>) -> Outcome {
        Outcome::RIGHT
    }
}

const fn times(profile: Profile) -> usize {
    match profile {
        Profile::Smoke => 2,
        Profile::Default => 5,
        Profile::Full => 15,
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let times = times(handover.profile);
    if handover.wants("load/generator/in-process") {
        run.measurements.extend(in_process(times)?);
    }
    if handover.wants("load/generator/starts") {
        run.measurements.extend(starts(times)?);
    }
    if handover.wants("load/generator/sockets") {
        run.measurements.extend(sockets(times)?);
    }
    Ok(())
}

fn figure(
    id: &str,
    metric: &str,
    unit: Unit,
    better: Better,
    kind: Kind,
    values: Vec<f64>,
    note: &str,
) -> Option<Measurement> {
    Some(Measurement::of_samples(id, metric, unit, better, kind, values)?.with_note(note).at(HERE))
}

/// All starts are due at once, and answered at once: what is left is the generator.
fn in_process(times: usize) -> Result<Vec<Measurement>, String> {
    const REQUESTS: f64 = 200_000.0;
    let (mut each, mut rates) = (Vec::new(), Vec::new());
    let plan = plan("in-process", Step::get("ask", "/"), REQUESTS * 100.0 / 2.0, Duration::from_millis(20))?;
    for _ in 0..times {
        let runtime = runtime()?;
        let began = Instant::now();
        let total = runtime.block_on(open(Arc::new(Instantly), &plan)).map_err(|e| e.to_string())?.total();
        if total.wrong() > 0 || total.requests != 200_000 {
            return Err(format!("{} of {} went wrong", total.wrong(), total.requests));
        }
        // Less the lead that it takes before the first start.
        let took = began.elapsed().saturating_sub(Duration::from_millis(10)).as_secs_f64();
        each.push(took * 1e9 / REQUESTS);
        rates.push(REQUESTS / took);
    }
    let id = "load/generator/in-process";
    let note = "200,000 starts due within 20 ms at a target that answers at once, one worker";
    let time = figure(id, "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, each, note);
    let rate = figure(id, "throughput", Unit::PerSecond, Better::Higher, Kind::Timed, rates, note);
    Ok(time.into_iter().chain(rate).collect())
}

/// 1,000 a second in process: how late each is.
fn starts(times: usize) -> Result<Vec<Measurement>, String> {
    let (mut p50, mut p99) = (Vec::new(), Vec::new());
    for _ in 0..times {
        let plan = plan("starts", Step::get("ask", "/"), 1_000.0, Duration::from_secs(2))?;
        let total = runtime()?.block_on(open(Arc::new(Instantly), &plan)).map_err(|e| e.to_string())?.total();
        p50.extend(total.late.quantile(0.5));
        p99.extend(total.late.p99());
    }
    let note = "from the intended start to sending, 1,000 a second by the system's timer";
    let of = |metric: &str, values| {
        figure("load/generator/starts", metric, Unit::Nanoseconds, Better::Lower, Kind::Timed, values, note)
    };
    Ok([of("late-p50", p50), of("late-p99", p99)].into_iter().flatten().collect())
}

/// Users who never think, over sockets: as much as the generator and a bare handler can do together.
fn sockets(times: usize) -> Result<Vec<Measurement>, String> {
    let bare = Bare::open()?;
    let (mut rates, mut processor) = (Vec::new(), Vec::new());
    let lasts = Duration::from_secs(2);
    let users = assize_load::Users { count: 32, arrive_in: Duration::from_millis(200), lasts };
    for _ in 0..times {
        let mut plan = plan("sockets", Step::get("ask", "/"), 1.0, lasts)?;
        plan.settings = Settings { at_once: 32, ..plan.settings };
        let (report, took) = runtime()?.block_on(async {
            let target = Arc::new(HttpTarget::new(&bare.url).await.map_err(|e| e.to_string())?);
            let before = of_this_thread();
            let report = closed(target, &plan, users).await.map_err(|e| e.to_string())?;
            Ok::<_, String>((report, of_this_thread().saturating_sub(before)))
        })?;
        rates.push(report.throughput());
        // The arrival of users is a tenth of the time, with half of them.
        let asked = report.throughput() * (lasts.as_secs_f64() - 0.1);
        processor.push(took.as_secs_f64() * 1e9 / asked.max(1.0));
    }
    let id = "load/generator/sockets";
    let note = "32 users who never think, one worker, a bare handler on another thread of this machine";
    let rate = figure(id, "throughput", Unit::PerSecond, Better::Higher, Kind::Loaded, rates, note);
    let note = "processor time of the generator's thread for a request, kernel included";
    let cpu = figure(id, "cpu", Unit::Nanoseconds, Better::Lower, Kind::Timed, processor, note);
    Ok(rate.into_iter().chain(cpu).collect())
}

/// What this thread has had of the processor.
fn of_this_thread() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}
