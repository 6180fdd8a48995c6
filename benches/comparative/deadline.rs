//! D11: a debate with a voice that never answers ends by its deadline.

use std::{sync::Arc, time::Duration};

use assize_ambient::Seed;
use assize_benches::{
    handover::Handover,
    panels::{instant_debaters, price_of, restless_spec},
};
use assize_debate::{Debater, Driver, Limits, ModelDebater, StopReason};
use assize_llm::{ChatRequest, Failures, SimulatedModel};
use assize_perf::{Better, Kind, Measurement, Run, Unit};

use crate::paused_runtime;

const ID: &str = "debate/deadline/stalled-voice";
const DEADLINE: Duration = Duration::from_secs(30);

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    if !handover.wants(ID) {
        return Ok(());
    }
    let mut panel = instant_debaters(3, 3);
    let answer = |_: &ChatRequest, _: &mut assize_ambient::Chance| String::new();
    let stalled = SimulatedModel::new("stalled", Seed::new(1), answer)
        .with_failures(Failures { hang: 1.0, ..Failures::default() });
    let price = Arc::new(price_of("gpt-4o-mini"));
    panel.push(Arc::new(ModelDebater::new(Arc::new(stalled), Some(price))) as Arc<dyn Debater>);
    let spec = restless_spec(4, 3).with_limits(Limits { debate: Some(DEADLINE), ..Limits::default() });
    let driver = Driver::new(spec, panel).map_err(|e| e.to_string())?;
    let conclusion = paused_runtime()?.block_on(driver.run()).map_err(|e| e.to_string())?;
    let (verdict, total) = (&conclusion.verdict, conclusion.timing.total);
    if verdict.stopped != StopReason::Deadline || verdict.votes.len() != 3 {
        return Err(format!(
            "hold a debate to its deadline: it stopped as {:?} with {} votes",
            verdict.stopped,
            verdict.votes.len()
        ));
    }
    let overrun = total.as_secs_f64() / DEADLINE.as_secs_f64() - 1.0;
    let measurement = Measurement::new(ID, "overrun", Unit::Fraction, Better::Lower, Kind::Virtual, overrun);
    run.measurements.push(
        measurement
            .at("benches/comparative.rs")
            .with_note("time beyond a deadline of 30 s; three of four voices are judged"),
    );
    Ok(())
}
