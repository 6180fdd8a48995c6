//! Our side, in three forms, of which the last argument names one.
//!
//! `model`: a debate of the driver whose debaters go the whole way of a model (prompt, stream, JSON, price), with a model
//! that answers at once; the prompt shows all that was said, as the others' do. `engine`: the same with scripted debaters, so that the driver and the machine are left. `bare`:
//! none of ours, but a plain `join_all` of the same answers, once a round.

#[path = "replies.rs"]
mod replies;

use std::sync::Arc;

use assize_benches::panels::{instant_debaters, instant_models, restless_spec};
use assize_debate::{Debater, Driver, Spec, Window};
use futures_util::future::join_all;
use replies::{REPLIES, ROUNDS};
use tokio::runtime::Runtime;

use crate::timing::{Failure, Work};

fn runtime() -> Result<Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_time().build()?)
}

/// Debates of the driver. Opening each and judging it are in the time; the debaters are made once.
fn driven(panel: Vec<Arc<dyn Debater>>, spec: Spec) -> Result<Work, Failure> {
    let (runtime, rounds, spec) = (runtime()?, spec.rounds, Arc::new(spec));
    Ok(Work::new(move |debates| {
        let mut turns = 0;
        for _ in 0..debates {
            let driver = Driver::new(Arc::clone(&spec), panel.clone())?;
            let conclusion = runtime.block_on(driver.run())?;
            if conclusion.verdict.rounds != rounds || !conclusion.verdict.abstentions.is_empty() {
                return Err("a debate ended early, or not all of it was understood".into());
            }
            turns += u64::try_from(conclusion.timing.turns.len())?;
        }
        Ok(turns)
    }))
}

fn joined(debaters: u32, rounds: u32) -> Result<Work, Failure> {
    let runtime = runtime()?;
    let mut said: Vec<usize> = (0..debaters).map(|n| usize::from(n % 2 == 1)).collect();
    Ok(Work::new(move |debates| {
        let mut turns = 0;
        for _ in 0..debates {
            let mut transcript: Vec<String> = Vec::new();
            for _ in 0..rounds {
                let round = said.iter_mut().map(async |call| {
                    *call += 1;
                    REPLIES[(*call - 1) % 2].to_owned()
                });
                transcript.extend(runtime.block_on(join_all(round)));
            }
            turns += u64::try_from(std::hint::black_box(transcript).len())?;
        }
        Ok(turns)
    }))
}

/// The work of the form.
pub(crate) fn work(form: &str, task: &str) -> Result<Work, Failure> {
    let debaters: u32 = task.parse()?;
    let seats = usize::try_from(debaters)?;
    let spec = restless_spec(seats, ROUNDS);
    match form {
        "model" => {
            let all = Window { rounds: ROUNDS, tokens: 1_000_000 };
            driven(instant_models(seats), spec.with_window(all))
        }
        "engine" => driven(instant_debaters(seats, ROUNDS), spec),
        "bare" => joined(debaters, ROUNDS),
        other => Err(format!("a debate's form is model, engine or bare, not {other:?}").into()),
    }
}
