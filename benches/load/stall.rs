//! A handler that stands still for two seconds once: what the open loop sees of it, and what the closed one does.

use std::{sync::Arc, time::Duration};

use assize_benches::handover::{Handover, Profile};
use assize_load::{HttpTarget, Latencies, Step, Think, Users, closed, open};
use assize_perf::{Better, Kind, Measurement, Run, Unit};

use crate::{HERE, bare::Bare, plan, runtime};

const ID: &str = "load/stall/2-seconds";
const STALL: Duration = Duration::from_secs(2);
/// Every ten milliseconds.
const RATE: f64 = 100.0;
const EACH: Duration = Duration::from_millis(10);

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    if !handover.wants(ID) {
        return Ok(());
    }
    let lasts = Duration::from_secs(match handover.profile {
        Profile::Smoke => 6,
        Profile::Default => 15,
        Profile::Full => 60,
    });
    let bare = Bare::open()?;
    let think = Step::get("ask", "/").thinking(Think::fixed(EACH));
    let plan = plan("stall", think, RATE, lasts)?.of_users(EACH);
    let (seen, missed) = runtime()?.block_on(async {
        let target = || async { HttpTarget::new(&bare.url).await.map(Arc::new).map_err(|e| e.to_string()) };
        bare.stall(lasts / 3, STALL);
        let seen = open(target().await?, &plan).await.map_err(|e| e.to_string())?;
        bare.stall(lasts / 3, STALL);
        let users = Users { count: 1, arrive_in: Duration::ZERO, lasts };
        let missed = closed(target().await?, &plan, users).await.map_err(|e| e.to_string())?;
        Ok::<_, String>((seen.total().latency, missed.total().latency))
    })?;
    let mut add = |metric: &str, latency: &Latencies, note: &str| {
        let value = latency.quantile(0.99).unwrap_or(0.0);
        // What a stall really does to users: to see more of it is better.
        let figure = Measurement::new(ID, metric, Unit::Nanoseconds, Better::Higher, Kind::Loaded, value)
            .with_figure("max", latency.max().unwrap_or(0.0))
            .with_figure("p50", latency.quantile(0.5).unwrap_or(0.0))
            .with_note(format!(
                "{note}; {} requests in {} s, of which 2 s stood still",
                latency.count(),
                lasts.as_secs()
            ));
        run.measurements.push(figure.at(HERE));
    };
    add("open-p99", &seen, "from intended starts, 100 a second");
    add("closed-p99", &missed, "one user who waits and thinks for 10 ms");
    add("closed-corrected-p99", &missed.corrected(EACH), "the same, corrected by rule");
    Ok(())
}
