//! `assize-perf load`.

use std::{
    io::{self, IsTerminal as _, Write},
    num::NonZero,
    path::Path,
    sync::Arc,
    time::Duration,
};

use assize_ambient::{Clock as _, Seed, SystemClock};
use assize_load::{
    Error, HttpTarget, Limits, Mode, Pace, Plan, Report, SHIPPED, Sample, Scenario, Series, Target, Users, Watch,
    capacity, closed, contest, open,
};
use assize_perf::{Environment, Quantity, Run, Unit, targets};
use assize_report::{Column, Document, Table, TerminalStyle, Text};
use serde_json::json;
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
};

use crate::{
    Surroundings,
    arguments::Load,
    exit,
    exit::Failure,
    report::{Form, present},
};

/// How often the live line is written anew.
const LIVE: Duration = Duration::from_millis(500);

pub(crate) fn load(
    request: &Load,
    surroundings: Surroundings,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let Some(name) = request.scenario.as_deref().filter(|_| !request.list) else {
        return list(request.json, surroundings, out);
    };
    let path = Path::new(name);
    if request.show {
        let shipped = SHIPPED.iter().find(|(known, _)| *known == name);
        let text = shipped.ok_or_else(|| wrong(format!("show {name:?}: it is none that is shipped"), "`assize-perf load --list` has the names"))?;
        out.write_all(text.1.as_bytes()).map_err(Failure::output)?;
        return Ok(exit::DONE);
    }
    let is_file = path.extension().is_some() || path.components().count() > 1;
    let scenario = if is_file { Scenario::load(path)? } else { Scenario::shipped(name)? };
    let scenario = scaled(scenario, request)?;
    let targets = request.targets.as_deref().map(targets::load).transpose()?.unwrap_or_default();
    let every = time(&request.every, "--every")?;
    let url = request.url.as_deref().ok_or_else(|| {
        wrong(format!("load {}: no address is given", scenario.name), "give --url http://127.0.0.1:8080; `assize world` plays one")
    })?;
    let runtime = runtime(request.workers)?;
    let stderr = io::stderr().is_terminal() && !request.json;
    let mut run = runtime.block_on(async {
        let watched = request.pid.map(Watch::of).transpose()?;
        let (stop, stopped) = watch::channel(false);
        let progress = Arc::clone(&Plan::settings_of(&scenario)?);
        let applied = async {
            let run = apply(request, &scenario, url, &progress).await;
            stop.send_replace(true);
            run
        };
        let live = Live { progress: &progress, err, shown: stderr };
        let (run, series) = tokio::join!(applied, seen(watched, every, stopped, live));
        let mut run = run?;
        if let Some(series) = series {
            series.add_to(&mut run, &scenario.name, scenario.soaks);
        }
        Ok::<Run, Failure>(run)
    })?;
    run.created_at = Some(SystemClock.now());
    run.environment = environment(url, request.workers);
    let form = Form { folder: request.out.as_deref(), json: request.json, with_run: true };
    present(run, &targets, form, surroundings, out)
}
