//! In virtual time: starts to the nanosecond, and the normal load and the burst on a vendor that is played.

use std::{sync::Arc, time::Duration};

use assize_ambient::{Seed, SystemClock};
use assize_benches::handover::Handover;
use assize_load::{Call, Fault, Outcome, Scenario, Step, Target, open};
use assize_loopback::{Latency, World};
use assize_perf::{Better, Kind, Measurement, Run, Unit};
use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use tokio::{runtime::Builder, time::sleep};
use tower_service::Service;

use crate::{HERE, plan};

const SCENARIOS: [&str; 4] = ["burst", "endpoint-stress", "fifty-users", "normal"];

/// Takes three milliseconds.
struct Steady;

#[async_trait]
impl Target for Steady {
    async fn call(&self, _: Call<'_>) -> Outcome {
        sleep(Duration::from_millis(3)).await;
        Outcome::RIGHT
    }
}

/// A vendor in this process.
struct InProcess(World);

#[async_trait]
impl Target for InProcess {
    async fn call(&self, call: Call<'_>) -> Outcome {
        let step = call.step;
        let body = step.body.as_deref().unwrap_or_default().replace("{n}", &call.number.to_string());
        let mut request = Request::builder().method(step.method.as_str()).uri(&step.path);
        for (name, value) in &step.headers {
            request = request.header(name, value);
        }
        let sent = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let Ok(request) = request.body(Bytes::from(body)) else { return Outcome::wrong(Fault::Request) };
        let Ok(response) = self.0.clone().call(request).await else { return Outcome::wrong(Fault::Broken) };
        let status = response.status();
        let Ok(body) = response.into_body().collect().await else { return Outcome::wrong(Fault::Broken) };
        let received = u64::try_from(body.to_bytes().len()).unwrap_or(u64::MAX);
        let fault = (!status.is_success()).then(|| Fault::Status(status.as_u16()));
        Outcome { fault, sent, received }
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let paused =
        || Builder::new_current_thread().enable_all().start_paused(true).build().map_err(|e| e.to_string());
    if handover.wants("load/generator/virtual") {
        let mut plan = plan("virtual", Step::get("ask", "/"), 1_000.0, Duration::from_secs(100))?;
        plan.settings.pace = assize_load::Pace::Tokio;
        let total = paused()?.block_on(open(Arc::new(Steady), &plan)).map_err(|e| e.to_string())?.total();
        let off = [
            total.late.max(),
            total.latency.max().map(|most| most - 3e6),
            total.latency.min().map(|least| 3e6 - least),
        ];
        let most = off.into_iter().flatten().fold(0.0, f64::max);
        let note =
            "the furthest that one of 100,000 starts or answers in paused time is off what was intended";
        let figure = Measurement::new(
            "load/generator/virtual",
            "off",
            Unit::Nanoseconds,
            Better::Lower,
            Kind::Virtual,
            most,
        );
        run.measurements.push(figure.with_note(note).at(HERE));
    }
    for name in SCENARIOS {
        if !handover.wants_family(&format!("load/{name}"), ["total"])
            && !handover.wants(&format!("load/{name}/total"))
        {
            continue;
        }
        let mut plan = Scenario::shipped(name).and_then(|s| s.plan()).map_err(|e| e.to_string())?;
        plan.settings.kind = Kind::Virtual;
        let world = World::new(Seed::new(handover.seed).child(name), Arc::new(SystemClock))
            .with_latency(Latency::HOSTED);
        let report =
            paused()?.block_on(open(Arc::new(InProcess(world)), &plan)).map_err(|e| e.to_string())?;
        let shown = report.run();
        run.measurements.extend(shown.measurements.into_iter().map(|m| m.at(HERE)));
        run.findings.extend(shown.findings);
    }
    Ok(())
}
