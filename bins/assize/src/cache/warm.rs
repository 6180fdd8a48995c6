//! `assize cache warm`.

use std::{collections::BTreeMap, num::NonZeroUsize, process::ExitCode, sync::Arc};

use assize_ambient::{Clock, SystemClock};
use assize_llm::{Batch, CacheOutcome, Cached, ChatReply, Error, ErrorKind};
use assize_metering::{TokenUsage, Usd};
use assize_report::{Column, Document, Table, Tone};
use assize_wiring::{Answers, set_up_answers};
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::{answer_options, note_damage, open, questions};
use crate::{
    arguments::WarmArguments,
    debate::call_line,
    exit::{Failure, Outcome},
    screen::Screen,
};

/// So many failures are told one by one; all are counted.
const TOLD: usize = 20;

/// What came of the questions.
#[derive(Debug, Default)]
struct Warmed {
    present: u64,
    computed: u64,
    /// Lines whose answers came and are not to be served again: cut off, empty, or a call of a tool.
    unfit: Vec<usize>,
    /// By line.
    failed: BTreeMap<usize, (ErrorKind, String)>,
    /// Answers that could not be written.
    unwritten: u64,
    /// What the computed ones took.
    tokens: TokenUsage,
}

impl Warmed {
    fn add(&mut self, line: usize, outcome: Result<ChatReply, Error>) {
        match outcome {
            Ok(reply) if reply.telemetry.cache == Some(CacheOutcome::Hit) => self.present += 1,
            Ok(reply) => {
                self.tokens.merge(&reply.usage.tokens);
                if Cached::keeps(&reply) {
                    self.computed += 1;
                } else {
                    self.unfit.push(line);
                }
            }
            Err(error) => {
                self.failed.insert(line, (error.kind(), error.to_string()));
            }
        }
    }

    fn outcome(&self) -> Outcome {
        let are_missing = !self.failed.is_empty() || !self.unfit.is_empty() || self.unwritten > 0;
        if !are_missing {
            Outcome::Done
        } else if self.present + self.computed > 0 {
            Outcome::No
        } else if self.failed.values().any(|(kind, _)| *kind == ErrorKind::OverBudget) {
            Outcome::Stopped
        } else {
            Outcome::Outside
        }
    }
}

pub(super) async fn run(arguments: WarmArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let asking = &arguments.asking;
    let all = questions::read(&arguments.file, asking)?;
    let cache = open(&arguments.cache, &clock).await?;
    note_damage(&cache, screen).await;
    let answers = set_up_answers(&answer_options(asking), Some(&cache), &clock)?;
    let at_once = NonZeroUsize::new(usize::from(arguments.at_once)).unwrap_or(NonZeroUsize::MIN);
    let lines: Vec<usize> = all.distinct.iter().map(|question| question.line).collect();
    let requests = all.distinct.into_iter().map(|question| question.request);
    let bar = screen.progress(lines.len() as u64);
    let mut warmed = Warmed::default();
    let mut replies = Batch::of(at_once).stream(Arc::clone(&answers.model), requests);
    while let Some((index, outcome)) = replies.next().await {
        warmed.add(lines.get(index).copied().unwrap_or_default(), outcome);
        let (present, computed, failed) = (warmed.present, warmed.computed, warmed.failed.len());
        bar.set_message(format!("{present} present, {computed} computed, {failed} failed"));
        bar.inc(1);
    }
    drop(replies);
    warmed.unwritten = cache.written().await;
    bar.finish_and_clear();
    let shown = Shown { warmed: &warmed, answers: &answers, n: all.n, distinct: lines.len() };
    screen.show(&shown.document(), &shown.json())?;
    for series in &answers.calls.snapshot().series {
        screen.note(&call_line(series));
    }
    Ok(warmed.outcome().into())
}

struct Shown<'a> {
    warmed: &'a Warmed,
    answers: &'a Answers,
    n: usize,
    distinct: usize,
}

impl Shown<'_> {
    /// What was booked, and whether it is somebody's bill.
    fn cost(&self) -> (Usd, Usd, bool) {
        let sums = self.answers.ledger.total();
        let is_simulated = self.answers.model.is_simulated();
        let totals = if is_simulated { sums.simulated } else { sums.billed };
        (totals.cost, totals.possibly_billed, is_simulated)
    }

    fn document(&self) -> Document {
        let Warmed { present, computed, unfit, failed, unwritten, tokens } = self.warmed;
        let mut doc =
            Document::new(format!("{present} present, {computed} computed, {} failed", failed.len()));
        let (cost, possibly, is_simulated) = self.cost();
        let mut table = Table::new([Column::left("what"), Column::right("how much")]);
        table.push(["questions".to_owned(), self.n.to_string()]);
        if self.distinct < self.n {
            table.push(["… different ones".to_owned(), self.distinct.to_string()]);
        }
        table.push(["tokens in".to_owned(), tokens.total_input().to_string()]);
        table.push(["tokens out".to_owned(), tokens.total_output().to_string()]);
        let label = if is_simulated { "USD, had the model been real" } else { "USD" };
        table.push([label.to_owned(), cost.to_string()]);
        if possibly > Usd::ZERO {
            table.push(["USD, possibly billed besides".to_owned(), possibly.to_string()]);
        }
        doc.table(table);
        if !unfit.is_empty() {
            let text = format!(
                "{} answer(s) came and are not kept, since they were cut off or are empty: line(s) {}.",
                unfit.len(),
                numbers(unfit)
            );
            doc.callout(Tone::Warn, text);
        }
        if *unwritten > 0 {
            doc.callout(Tone::Bad, format!("{unwritten} answer(s) could not be written to disk."));
        }
        if !failed.is_empty() {
            doc.heading(2, "Not answered");
            let mut table = Table::new([Column::right("line"), Column::left("why")]);
            for (line, (_, message)) in failed.iter().take(TOLD) {
                table.push([line.to_string(), format!("failed to {message}")]);
            }
            doc.table(table);
            if let Some(more @ 1..) = failed.len().checked_sub(TOLD) {
                doc.paragraph(format!("… and {more} more"));
            }
        }
        doc
    }

    fn json(&self) -> Value {
        let Warmed { present, computed, unfit, failed, unwritten, tokens } = self.warmed;
        let (cost, possibly, is_simulated) = self.cost();
        let failures: Vec<Value> = failed
            .iter()
            .take(TOLD)
            .map(|(line, (kind, message))| json!({ "line": line, "kind": kind.key(), "message": message }))
            .collect();
        json!({
            "format_version": 1,
            "model": self.answers.model.id().as_str(),
            "questions": self.n,
            "distinct": self.distinct,
            "present": present,
            "computed": computed,
            "not_kept": unfit.len(),
            "failed": failed.len(),
            "unwritten": unwritten,
            "tokens": { "input": tokens.total_input(), "output": tokens.total_output() },
            "cost": cost,
            "possibly_billed": possibly,
            "simulated": is_simulated,
            "failures": failures,
        })
    }
}

fn numbers(lines: &[usize]) -> String {
    let mut sorted = lines.to_vec();
    sorted.sort_unstable();
    let told: Vec<String> = sorted.iter().take(TOLD).map(ToString::to_string).collect();
    let more = if sorted.len() > TOLD { " …" } else { "" };
    format!("{}{more}", told.join(", "))
}
