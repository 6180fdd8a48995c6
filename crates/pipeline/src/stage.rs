//! A stage of a pipeline, and the trace of a ticker through its stages.

use std::fmt;

use assize_altdata::Ticker;
use async_trait::async_trait;
use tokio::time::Instant;

use crate::{Availability, Progress, Shortfall, StageSpan, morning::Reporter};

/// One step of the way from a ticker to its brief.
#[async_trait]
pub trait Stage: fmt::Debug + Send + Sync {
    /// What it needs from the stage before.
    type Input: Send;
    /// What it gives to the stage after.
    type Output: Send;

    /// The stage's name, in lower case.
    fn name(&self) -> &'static str;

    /// Does its work for one ticker. What goes wrong is part of the result.
    async fn run(&self, ticker: &Ticker, input: Self::Input) -> Availability<Self::Output>;
}

/// The trace of one ticker: how long each stage took, and what is missing by now.
pub(crate) struct Trace<'a> {
    ticker: &'a Ticker,
    began: Instant,
    reporter: &'a Reporter,
    pub(crate) spans: Vec<StageSpan>,
    pub(crate) shortfalls: Vec<Shortfall>,
}

impl<'a> Trace<'a> {
    /// A trace whose times count from `began`.
    pub(crate) fn new(ticker: &'a Ticker, began: Instant, reporter: &'a Reporter) -> Self {
        Self { ticker, began, reporter, spans: Vec::new(), shortfalls: Vec::new() }
    }

    /// Runs a stage, timed. `None`: it gave nothing; why is among the shortfalls.
    pub(crate) async fn run<S: Stage>(&mut self, stage: &S, input: S::Input) -> Option<S::Output> {
        let name = stage.name();
        self.reporter.tell(&Progress::Began { ticker: self.ticker.clone(), stage: name });
        let start = self.began.elapsed();
        let (output, shortfalls) = match stage.run(self.ticker, input).await {
            Availability::Full(output) => (Some(output), Vec::new()),
            Availability::Degraded(output, shortfalls) => (Some(output), shortfalls),
            Availability::Missing(shortfalls) => (None, shortfalls),
        };
        let end = self.began.elapsed();
        let status = match (&output, shortfalls.is_empty()) {
            (Some(_), true) => crate::Status::Full,
            (Some(_), false) => crate::Status::Degraded,
            (None, _) => crate::Status::Missing,
        };
        self.spans.push(StageSpan { stage: name, start, end, status });
        self.shortfalls.extend(shortfalls);
        self.reporter.tell(&Progress::Ended {
            ticker: self.ticker.clone(),
            stage: name,
            took: end.saturating_sub(start),
        });
        output
    }
}
