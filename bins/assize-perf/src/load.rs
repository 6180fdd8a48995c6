//! `assize-perf load`.

use std::{
    fmt,
    io::{self, IsTerminal as _, Write},
    num::NonZero,
    path::Path,
    sync::Arc,
    time::Duration,
};

use assize_ambient::{Clock as _, Seed, SystemClock};
use assize_load::{
    Error, HttpTarget, Limits, Pace, Plan, Progress, Report, SHIPPED, Scenario, Series, Target, Users, Watch,
    capacity, closed, contest, open,
};
use assize_perf::{Environment, Quantity, Run, Unit, targets};
use assize_report::{Column, Document, Table, TerminalStyle, Text};
use serde_json::json;
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
    time::{Instant, sleep},
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
        let text = shipped.ok_or_else(|| {
            wrong(
                format!("show {name:?}: it is none that is shipped"),
                "`assize-perf load --list` has the names",
            )
        })?;
        out.write_all(text.1.as_bytes()).map_err(Failure::output)?;
        return Ok(exit::DONE);
    }
    let is_file = path.extension().is_some() || path.components().count() > 1;
    let scenario = if is_file { Scenario::load(path)? } else { Scenario::shipped(name)? };
    let scenario = scaled(scenario, request)?;
    let targets = request.targets.as_deref().map(targets::load).transpose()?.unwrap_or_default();
    let every = time(&request.every, "--every")?;
    let url = request.url.as_deref().ok_or_else(|| {
        wrong(
            format!("load {}: no address is given", scenario.name),
            "give --url http://127.0.0.1:8080; `assize world` plays one",
        )
    })?;
    let runtime = runtime(request.workers)?;
    let plan = plan(&scenario, request)?;
    let mut run = runtime.block_on(async {
        let watched = request.pid.map(Watch::of).transpose()?;
        let (stop, stopped) = watch::channel(false);
        let applied = async {
            let run = apply(request, &scenario, &plan, url).await;
            stop.send_replace(true);
            run
        };
        let live = (io::stderr().is_terminal() && !request.json).then_some(err);
        let (run, series, ()) = tokio::join!(
            applied,
            seen(watched, every, stopped.clone()),
            told(&plan.settings.progress, stopped, live)
        );
        let mut run = run?;
        if let Some(series) = series {
            series.add_to(&mut run, &scenario.name, scenario.soaks);
        }
        Ok::<Run, Failure>(run)
    })?;
    run.created_at = Some(SystemClock.now());
    run.environment = environment(url, request.workers);
    let form = Form { folder: request.out.as_deref(), json: request.json, short: false, with_run: true };
    present(run, &targets, form, surroundings, out)
}

/// Applies load in the way that is asked for.
async fn apply(request: &Load, scenario: &Scenario, plan: &Plan, url: &str) -> Result<Run, Failure> {
    let target = || async { Ok::<_, Error>(Arc::new(HttpTarget::new(url).await?) as Arc<dyn Target>) };
    if let Some(other) = &request.against {
        let second = Arc::new(HttpTarget::new(other).await?) as Arc<dyn Target>;
        let done = contest((url, target().await?), (other, second), plan, request.pairs).await?;
        let mut run = Run::new(format!("load {}, {url} against {other}", plan.name));
        run.comparisons.push(done.comparison(Seed::new(0)));
        return Ok(run);
    }
    if !request.rates.is_empty() {
        let mut reports = Vec::new();
        let mut runs = Vec::new();
        for rate in &request.rates {
            let at_rate = Plan {
                name: format!("{}/{rate}-per-second", plan.name),
                schedule: scenario.clone().at_rate(*rate)?.schedule,
                ..plan.clone()
            };
            let report = open(target().await?, &at_rate).await?;
            runs.push(report.run());
            reports.push(Report { name: plan.name.clone(), ..report });
        }
        let mut run = Run::merged(runs);
        run.title = format!("load {}, capacity", plan.name);
        capacity(&reports, &Limits::default(), Seed::new(0))?.add_to(&mut run);
        return Ok(run);
    }
    let report = if request.closed {
        let count = plan.users().ok_or_else(|| {
            wrong(
                "play users who wait: the scenario says no per-user".to_owned(),
                "add per-user = \"2 s\" to it",
            )
        })?;
        let (arrive_in, _) = plan.schedule.counted();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast of a float saturates"
        )]
        let count = count.round().max(1.0) as usize;
        closed(target().await?, plan, Users { count, arrive_in, lasts: plan.schedule.lasts() }).await?
    } else {
        open(target().await?, plan).await?
    };
    Ok(report.run())
}

/// The plan of a scenario over sockets. In a closed loop a user thinks for the time between two requests, where no step says.
fn plan(scenario: &Scenario, request: &Load) -> Result<Plan, Failure> {
    let mut plan = scenario.plan()?;
    plan.settings.workers = request.workers;
    plan.settings.pace = Pace::Precise;
    if let (true, Some(each)) = (request.closed && plan.flow.mean_think().is_zero(), plan.per_user) {
        plan.flow = plan.flow.thinking(each);
    }
    Ok(plan)
}

fn scaled(scenario: Scenario, request: &Load) -> Result<Scenario, Failure> {
    let scenario = match (request.rate, request.users) {
        (Some(rate), _) => scenario.at_rate(rate)?,
        (None, Some(users)) => scenario.of_users(users)?,
        (None, None) => scenario,
    };
    match &request.duration {
        Some(text) => Ok(scenario.lasting(time(text, "--duration")?)?),
        None => Ok(scenario),
    }
}

/// Looks at the process under load, where one is given.
async fn seen(watched: Option<Watch>, every: Duration, stopped: watch::Receiver<bool>) -> Option<Series> {
    match watched {
        Some(process) => Some(process.until(every, stopped, |_| {}).await),
        None => None,
    }
}

/// Writes a line for who watches, anew again and again.
async fn told(progress: &Progress, mut stopped: watch::Receiver<bool>, live: Option<&mut dyn Write>) {
    let Some(err) = live else { return };
    let began = Instant::now();
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => break,
            () = sleep(LIVE) => {}
        }
        let (started, done, wrong) = (progress.started(), progress.done(), progress.wrong());
        let seconds = began.elapsed().as_secs();
        let under_way = started.saturating_sub(done);
        // Nobody may be watching.
        let _ = write!(err, "\r{seconds:>5} s  {done} done  {under_way} under way  {wrong} wrong   ");
        let _ = err.flush();
    }
    let _ = writeln!(err);
}

fn list(as_json: bool, surroundings: Surroundings, out: &mut dyn Write) -> Result<u8, Failure> {
    let all = SHIPPED.iter().map(|(name, _)| Scenario::shipped(name)).collect::<Result<Vec<_>, _>>()?;
    if as_json {
        let each = |s: &Scenario| json!({"name": s.name, "summary": s.summary, "requirement": s.requirement, "seconds": s.schedule.lasts().as_secs_f64()});
        let scenarios: Vec<_> = all.iter().map(each).collect();
        writeln!(out, "{:#}", json!({"format_version": 1, "scenarios": scenarios}))
            .map_err(Failure::output)?;
        return Ok(exit::DONE);
    }
    let mut table =
        Table::new([Column::left("scenario"), Column::left("what it is"), Column::right("lasts")]);
    for scenario in &all {
        let lasts = format!("{} s", scenario.schedule.lasts().as_secs());
        table.push([
            Text::new().code(&scenario.name),
            Text::from(scenario.summary.as_str()),
            Text::from(lasts),
        ]);
    }
    let mut doc = Document::new("Scenarios");
    doc.table(table);
    let style = TerminalStyle { width: surroundings.width, colour: surroundings.colour };
    writeln!(out, "{}", doc.to_terminal(&style).trim_end()).map_err(Failure::output)?;
    Ok(exit::DONE)
}

fn time(text: &str, argument: &str) -> Result<Duration, Failure> {
    let quantity = Quantity::parse(text).ok().filter(|quantity| quantity.unit == Some(Unit::Nanoseconds));
    quantity
        .and_then(|quantity| Duration::try_from_secs_f64(quantity.value / 1e9).ok())
        .filter(|time| !time.is_zero())
        .ok_or_else(|| {
            wrong(
                format!("understand {argument} {text:?}"),
                "write a time and its unit: 500ms, 30s, \"10 min\"",
            )
        })
}

fn wrong(message: impl fmt::Display, hint: &str) -> Failure {
    let message = format!("failed to {message}");
    Failure::Told { code: exit::WRONG_REQUEST, message, hint: Some(hint.to_owned()) }
}

fn runtime(workers: usize) -> Result<Runtime, Failure> {
    let built = match workers {
        0 | 1 => Builder::new_current_thread().enable_all().build(),
        _ => Builder::new_multi_thread().worker_threads(workers.min(256)).enable_all().build(),
    };
    built.map_err(|e| Failure::Told {
        code: exit::OUTSIDE,
        message: format!("failed to start a runtime: {e}"),
        hint: None,
    })
}

fn environment(url: &str, workers: usize) -> Environment {
    let processors = std::thread::available_parallelism().ok().map(NonZero::get);
    let mut environment = Environment {
        os: Some(std::env::consts::OS.to_owned()),
        cpu_count: processors.and_then(|n| u32::try_from(n).ok()),
        ..Environment::default()
    };
    environment.extra.insert("service".to_owned(), url.to_owned());
    environment
        .extra
        .insert("load generator".to_owned(), format!("assize-perf, {workers} workers, HTTP/1.1"));
    environment
}
