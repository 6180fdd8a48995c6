//! A stage, and a step: a stage with limits of its own.

use std::{fmt, time::Duration};

use assize_altdata::Ticker;
use async_trait::async_trait;
use tokio::sync::Semaphore;

use crate::{Availability, Part};

/// One step of the way from a ticker to its result.
///
/// Its input and its output are types, so that a stage can only follow one that gives what it needs; and what goes wrong is
/// part of what it gives. Dropping its future cancels it.
#[async_trait]
pub trait Stage: fmt::Debug + Send + Sync {
    /// What it needs from the stages before.
    type Input: Send;
    /// What it gives to the stages after.
    type Output: Send;

    /// The stage's name, in lower case.
    fn name(&self) -> &'static str;

    /// What is missing where the stage gives nothing because its time is over.
    fn part(&self) -> Part {
        Part::Decision
    }

    /// Does its work for one ticker. What goes wrong is part of the result.
    async fn run(&self, ticker: &Ticker, input: Self::Input) -> Availability<Self::Output>;
}

/// A stage, and how much of it there may be: for how long, and for how many tickers at once.
///
/// What [works](Self::working) takes one of the places of its [`Course`](crate::Course); what [only calculates](Self::new)
/// waits for nobody.
#[derive(Debug)]
pub struct Step<S> {
    pub(crate) stage: S,
    pub(crate) places: Option<Semaphore>,
    pub(crate) takes_place: bool,
    pub(crate) time: Option<Duration>,
}

impl<S: Stage> Step<S> {
    /// A stage that only calculates: it waits for nobody, and is limited by the course's deadline alone.
    pub const fn new(stage: S) -> Self {
        Self { stage, places: None, takes_place: false, time: None }
    }

    /// A stage that takes one of the course's places while it works.
    pub const fn working(stage: S) -> Self {
        Self { stage, places: None, takes_place: true, time: None }
    }

    /// The same for so many tickers at once; 0 counts as 1.
    #[must_use]
    pub fn at_most(mut self, tickers: usize) -> Self {
        self.places = Some(Semaphore::new(tickers.clamp(1, Semaphore::MAX_PERMITS)));
        self
    }

    /// The same for at most so long a ticker, not counting what it waits for its place.
    #[must_use]
    pub const fn within(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// The stage.
    pub const fn stage(&self) -> &S {
        &self.stage
    }
}
