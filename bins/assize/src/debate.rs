//! `assize debate`.

mod desk;
mod live;
mod resumed;

use std::{process::ExitCode, sync::Arc, time::Duration};

use assize_ambient::{Clock, Seed, SystemClock};
use assize_debate::{AbstainReason, Driver, Event, Gallery, Record, Spec, Verdict};
use assize_llm::CallSeries;
use assize_pipeline::verdict_document;
use assize_wiring::{
    DebateOptions, Hearing, JournalOptions, Procedure, VendorOptions, resume_debate, set_up_debate,
};

use self::live::Live;
use crate::{
    arguments::DebateArguments,
    brief::today,
    exit::{Failure, Outcome},
    screen::Screen,
};

pub(crate) async fn run(arguments: DebateArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (stream, journal) = (arguments.stream, arguments.journal.clone());
    let hearing = set_up(arguments, clock).await?;
    let calls = hearing.calls;
    for note in &hearing.notes {
        screen.note(note);
    }
    let spec = hearing.spec;
    if let (Some(journal), Some(log)) = (journal, &hearing.log) {
        let (log, journal, id) = (log.display(), journal.display(), spec.id());
        screen.note(&format!(
            "written down in {log}; if it breaks off: assize debate --resume {id} --journal {journal}"
        ));
    }
    let mut driver = Driver::new(Arc::clone(&spec), hearing.panel).map_err(assize_wiring::Error::from)?;
    if let Some(judge) = hearing.judge {
        driver = driver.with_judge(judge).map_err(assize_wiring::Error::from)?;
    }
    if let Some(summariser) = hearing.summariser {
        driver = driver.with_summariser(summariser).map_err(assize_wiring::Error::from)?;
    }
    if let Some(journal) = &hearing.journal {
        driver = driver.with_journal(Arc::clone(journal));
    }
    let gallery = Gallery::new();
    let watching = Live::new(Arc::clone(&spec), screen, stream).watch(gallery.watch(0));
    let (conclusion, ()) = tokio::join!(driver.with_gallery(gallery).run(), watching);
    if let Some(journal) = hearing.journal {
        journal.close().await;
    }
    let conclusion = conclusion.map_err(assize_wiring::Error::from)?;
    let doc = verdict_document(&conclusion.verdict, &spec.evidence);
    let json = serde_json::to_value(&*conclusion.verdict).unwrap_or_default();
    screen.show(&doc, &json)?;
    let turns = conclusion.timing.turns.len();
    screen.note(&format!("took {:.1} ms, {turns} turn(s)", conclusion.timing.total.as_secs_f64() * 1e3));
    for series in &calls.snapshot().series {
        screen.note(&call_line(series));
    }
    Ok(outcome(&conclusion.verdict).into())
}

async fn set_up(arguments: DebateArguments, clock: Arc<dyn Clock>) -> Result<Hearing, Failure> {
    let as_of = arguments.as_of.unwrap_or_else(|| today(&*clock));
    if as_of.date() > today(&*clock).date() {
        return Err(Failure::bad_request(format!(
            "hold the debate: the as-of date {as_of} lies in the future"
        )));
    }
    let human = desk::on_standard_input();
    let vendors = VendorOptions { keys: arguments.keys.clone(), price_books: arguments.price_books.clone() };
    let durability = arguments.durability;
    let journal = arguments.journal.clone().map(|path| JournalOptions { path, durability });
    if let (Some(id), Some(journal)) = (&arguments.resume, journal.clone()) {
        let hearing = resume_debate(id, journal, &vendors, Some(&human), clock).await?;
        resumed::agrees(&arguments, &hearing.spec)?;
        return Ok(hearing);
    }
    let Some(question) = arguments.question else {
        return Err(
            Failure::bad_request("hold the debate: there is no question").with_hint("assize debate \"…?\"")
        );
    };
    let stops = arguments.course.stops();
    let procedure = Procedure {
        rounds: arguments.terms.rounds,
        rule: arguments.terms.rule,
        tie_break: arguments.course.tie_break,
        order: arguments.course.order,
        topology: arguments.course.topology,
        stops,
        selector: arguments.course.selector,
        window: arguments.course.window,
        judge: arguments.course.judge,
        judge_each_round: arguments.course.judge_each_round,
    };
    let options = DebateOptions {
        question,
        options: arguments.options,
        panel: arguments.panel,
        models: arguments.models,
        evidence: arguments.evidence,
        as_of,
        horizon_sessions: arguments.horizon,
        procedure,
        deadline: arguments.terms.deadline,
        budget: arguments.terms.budget,
        seed: Seed::new(arguments.terms.seed),
        human: Some(human),
        vendors,
    };
    Ok(set_up_debate(options, journal, clock).await?)
}

/// What an event says to those who follow the debate.
fn line(record: &Record, spec: &Spec) -> Option<String> {
    let name = |seat: usize| spec.seats.get(seat).map_or("?", |seat| seat.name.as_str());
    match &record.event {
        Event::Spoke { round, seat, utterance, .. } => {
            let option = spec.options.get(utterance.stance).map_or("?", String::as_str);
            let why = utterance
                .reasons
                .first()
                .map(|reason| format!(": {}", one_line(&reason.text)))
                .unwrap_or_default();
            Some(format!("round {}, {}: {option}{why}", round + 1, name(seat.get())))
        }
        Event::Abstained { round, seat, detail, .. } => {
            Some(format!("round {}, {} abstains: {}", round + 1, name(seat.get()), one_line(detail)))
        }
        Event::Assessed { round, assessment, .. } => {
            let judge = spec.judge.as_ref().map_or("the judge", |judge| judge.name.as_str());
            let winner = assessment.winner.and_then(|option| spec.options.get(option));
            let found = winner.map_or("nothing was argued better", String::as_str);
            let why = assessment.reasons.first().map(|reason| format!(": {}", one_line(&reason.text)));
            Some(format!("round {}, {judge}: {found}{}", round + 1, why.unwrap_or_default()))
        }
        Event::JudgeAbstained { round, detail, .. } => {
            let judge = spec.judge.as_ref().map_or("the judge", |judge| judge.name.as_str());
            Some(format!("round {}, {judge} abstains: {}", round + 1, one_line(detail)))
        }
        Event::Summarised { round, summary, .. } => {
            let points = summary.points.len();
            Some(format!(
                "before round {}: what is no longer shown is summed up in {points} point(s)",
                round + 1
            ))
        }
        Event::SummaryDeclined { round, detail, .. } => Some(format!(
            "before round {}: nobody sums up what is no longer shown: {}",
            round + 1,
            one_line(detail)
        )),
        _ => None,
    }
}

/// How the calls of one seat went.
pub(crate) fn call_line(series: &CallSeries) -> String {
    let CallSeries { agent, model, calls, replied, attempts, rate_limited, .. } = series;
    let mut parts = vec![format!("{agent}, {model}: {replied} of {calls} call(s) replied")];
    if *replied > 0 {
        let seconds = |us: u64| Duration::from_micros(us).as_secs_f64();
        let (median, longest) = (seconds(series.latency_us.p50), seconds(series.latency_us.max));
        let tokens = &series.tokens;
        let (input, output) = (tokens.total_input(), tokens.total_output());
        parts[0].push_str(&took(median, longest));
        parts.push(format!("{input} tokens in, {output} out"));
    }
    if attempts > calls {
        parts.push(format!("{attempts} attempt(s), {rate_limited} refused for their rate"));
    }
    parts.extend(series.failed.iter().map(|(kind, n)| format!("{n} failed: {kind}")));
    parts.join("; ")
}

fn took(median: f64, longest: f64) -> String {
    format!(" in {median:.2} s (median; at most {longest:.2} s)")
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A verdict is a result, a tie included. Without a single vote it matters why.
fn outcome(verdict: &Verdict) -> Outcome {
    if !verdict.votes.is_empty() {
        return Outcome::Done;
    }
    let any = |reasons: &[AbstainReason]| {
        verdict.abstentions.iter().any(|abstention| reasons.contains(&abstention.reason))
    };
    if any(&[AbstainReason::OverBudget, AbstainReason::Halted]) {
        Outcome::Stopped
    } else if any(&[AbstainReason::Failed, AbstainReason::TimedOut]) {
        Outcome::Outside
    } else {
        Outcome::Done
    }
}
