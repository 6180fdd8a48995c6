//! `assize ask`.

use std::{process::ExitCode, sync::Arc};

use assize_ambient::{Clock, SystemClock};
use assize_llm::{CacheOutcome, Cached, ChatReply, Error, ErrorKind};
use assize_wiring::{Answers, set_up_answers};
use serde_json::{Value, json};

use crate::{
    arguments::AskArguments,
    cache::{self, questions},
    exit::{Failure, Outcome},
    screen::Screen,
};

pub(crate) async fn run(arguments: AskArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    if arguments.question.trim().is_empty() {
        return Err(
            Failure::bad_request("ask: the question is empty").with_hint("assize ask \"…?\" --model MODEL")
        );
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let kept = cache::open_to_keep(&arguments.cache, true, &clock, screen).await?;
    let answers = set_up_answers(&cache::answer_options(&arguments.asking), kept.as_ref(), &clock)?;
    let request = questions::ask(&arguments.question, &arguments.asking);
    let reply = answers.model.complete(request).await.map_err(|e| failure(&e))?;
    let unwritten = match &kept {
        Some(kept) => kept.written().await,
        None => 0,
    };
    screen.tell(&reply.text, &told(&reply, &answers, kept.is_some() && unwritten == 0))?;
    screen.note(&came(&reply, &answers, kept.is_some()));
    if unwritten > 0 {
        screen.note("note: the answer could not be written to disk");
    }
    Ok(Outcome::Done.into())
}

fn is_known(reply: &ChatReply) -> bool {
    reply.telemetry.cache == Some(CacheOutcome::Hit)
}

/// Where an answer came from, and what it cost.
fn came(reply: &ChatReply, answers: &Answers, has_cache: bool) -> String {
    let id = answers.model.id();
    let (input, output) = (reply.usage.tokens.total_input(), reply.usage.tokens.total_output());
    if is_known(reply) {
        return format!(
            "from the cache, as {id} said it before; 0.00 USD (it once took {input} tokens in, {output} out)"
        );
    }
    let cost = match (reply.telemetry.cost, answers.model.is_simulated()) {
        (Some(cost), true) => format!("{cost} USD, had the model been real"),
        (Some(cost), false) => format!("{cost} USD"),
        (None, _) => "0.00 USD".to_owned(),
    };
    let not_kept =
        if has_cache && !Cached::keeps(reply) { "; not kept, since it was cut off or is empty" } else { "" };
    format!("from {id}; {cost}; {input} tokens in, {output} out{not_kept}")
}

fn told(reply: &ChatReply, answers: &Answers, is_written: bool) -> Value {
    json!({
        "format_version": 1,
        "model": answers.model.id().as_str(),
        "answer": reply.text,
        "from": if is_known(reply) { "cache" } else { "model" },
        "kept": is_written && Cached::keeps(reply),
        "tokens": { "input": reply.usage.tokens.total_input(), "output": reply.usage.tokens.total_output() },
        "cost": reply.telemetry.cost.unwrap_or_default(),
        "simulated": answers.model.is_simulated(),
    })
}

fn failure(error: &Error) -> Failure {
    let outcome = match error.kind() {
        ErrorKind::BadRequest | ErrorKind::ContextTooLong | ErrorKind::Unmetered => Outcome::BadRequest,
        ErrorKind::OverBudget => Outcome::Stopped,
        _ => Outcome::Outside,
    };
    let hint = (error.kind() == ErrorKind::OverBudget)
        .then(|| "the most that the answer could cost counts: --max-tokens lowers it".to_owned());
    Failure { outcome, message: error.to_string(), hint }
}
