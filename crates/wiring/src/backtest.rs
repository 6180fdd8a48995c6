//! A backtest over the sources and the panel of a brief.

use std::sync::Arc;

use assize_altdata::{FetchEvent, FetchPolicy, Fetcher, Identity, ItemKind, Past};
use assize_ambient::Clock;
use assize_debate::Rule;
use assize_journal::Journal;
use assize_llm::CallStatistics;
use assize_pipeline::{Backtest, BacktestDay, BacktestReport, Blindfold};

use crate::{BriefOptions, Cache, Error, brief::Ready, hall::DebateHall};

/// A backtest that is ready to be run.
#[derive(Debug)]
pub struct BacktestBench {
    /// The most rounds of a debate.
    pub rounds: u32,
    /// The rule of decision.
    pub rule: Rule,
    /// Whether anybody on the panel is asked who must be waited for.
    pub asks_models: bool,
    /// What is to be said about the panel.
    pub notes: Vec<String>,
    /// How the calls of vendors' models go; empty without any.
    pub calls: CallStatistics,
    identities: Vec<Identity>,
    fetcher: Fetcher,
    hall: DebateHall,
    journal: Option<Arc<dyn Journal>>,
    clock: Arc<dyn Clock>,
}

/// Gets everything ready that a backtest takes: what a brief takes, for its last day.
///
/// # Errors
/// As [`set_up_brief`](crate::set_up_brief).
pub async fn set_up_backtest(
    options: BriefOptions,
    cache: Option<&Cache>,
    clock: Arc<dyn Clock>,
) -> Result<BacktestBench, Error> {
    let identities = options.sources.identities.clone();
    let Ready { fetcher, hall, journal } = Ready::make(options, cache, &clock).await?;
    let usual = hall.usual();
    Ok(BacktestBench {
        rounds: usual.rounds,
        rule: usual.rule,
        asks_models: hall.asks_models(),
        notes: hall.notes()?,
        calls: hall.calls(),
        identities,
        fetcher,
        hall,
        journal,
        clock,
    })
}

impl BacktestBench {
    /// Fetches the past, once for all days, and tells how that goes.
    pub async fn fetch(
        &self,
        backtest: &Backtest,
        policy: FetchPolicy,
        watch: impl Fn(&FetchEvent) + Send + Sync + 'static,
    ) -> Past {
        backtest.fetch(&self.fetcher.clone().with_watcher(watch), policy).await
    }

    /// Makes the briefs, and tells of each. With `blind` models are not told which company it is, and when.
    ///
    /// # Errors
    /// As [`Backtest::run`].
    pub async fn run(
        self,
        mut backtest: Backtest,
        past: Arc<Past>,
        blind: bool,
        tell: impl FnMut(&BacktestDay),
    ) -> Result<BacktestReport, Error> {
        if blind {
            let nameless = past.tickers().map(|ticker| Identity::new(ticker, ""));
            let found = past.items().filter_map(|item| match &item.kind {
                ItemKind::Identity(card) => Some(card.clone()),
                _ => None,
            });
            let cards: Vec<Identity> = nameless.chain(found).chain(self.identities).collect();
            let blindfold = Arc::new(Blindfold::new(cards));
            self.hall.blindfold(&blindfold);
            backtest = backtest.blindfolded(blindfold);
        }
        let report = backtest.run(past, self.hall, self.clock, tell).await;
        if let Some(journal) = self.journal {
            journal.close().await;
        }
        Ok(report?)
    }
}
