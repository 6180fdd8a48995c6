//! A brief from sources or a folder of prices, argued by analysts, by models, or by whom a panel's file says.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use assize_altdata::{Fetcher, Source, SourceKind, Ticker};
use assize_ambient::Clock;
use assize_analysts::offline_panel;
use assize_debate::Rule;
use assize_journal::Journal;
use assize_llm::CallStatistics;
use assize_pipeline::MorningBrief;
use assize_sources::CsvFolder;
use assize_transport::FileTransport;

use crate::{
    Cache, Error, ErrorKind, JournalOptions, Procedure, SourceOptions, VendorOptions, hall::DebateHall,
    journal::OpenJournal, set_up_fetcher,
};

/// A folder of daily price tables (`KO.csv`, `NVDA_daily_2014.csv` …).
#[derive(Debug)]
pub struct PriceFolder {
    transport: FileTransport,
    source: CsvFolder,
}

impl PriceFolder {
    /// Opens a folder.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] when it is not a folder or holds no CSV file, [`ErrorKind::Outside`] when it cannot be
    /// read.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let shown = path.display();
        let failed = |e: assize_transport::Error| {
            use assize_transport::ErrorKind as Kind;
            let kind = if e.kind() == Kind::Io { ErrorKind::Outside } else { ErrorKind::BadRequest };
            Error::caused(kind, format!("open the price folder {shown}"), e)
                .with_hint("give the folder that holds the files, such as `--prices ./prices` with ./prices/KO.csv in it")
        };
        let transport = FileTransport::new(path, clock).map_err(failed)?;
        let source = CsvFolder::new(transport.list().map_err(failed)?);
        if source.tickers().is_empty() {
            return Err(Error::bad_request(format!(
                "find prices in {shown}: it holds no CSV file that names a ticker"
            ))
            .with_hint("name the files after their tickers, such as KO.csv or NVDA_daily_2014.csv"));
        }
        Ok(Self { transport, source })
    }

    /// The same folder, but only this file of it.
    #[must_use]
    pub fn only(mut self, file_name: &str) -> Self {
        self.source = CsvFolder::new(vec![file_name.to_owned()]);
        self
    }

    /// The tickers that the folder seems to offer.
    #[must_use]
    pub fn tickers(&self) -> Vec<Ticker> {
        self.source.tickers()
    }

    /// What reads its files, and what they mean.
    pub(crate) fn into_parts(self) -> (FileTransport, CsvFolder) {
        (self.transport, self.source)
    }

    /// A fetcher of this folder.
    #[must_use]
    pub fn fetcher(self, clock: Arc<dyn Clock>) -> Fetcher {
        Fetcher::new(Arc::new(self.transport), vec![Arc::new(self.source) as Arc<dyn Source>], clock)
    }
}

/// What a brief is made with.
#[derive(Debug, Clone)]
pub struct BriefOptions {
    /// What is fetched, and where from.
    pub sources: SourceOptions,
    /// A file that says who sits on the panel and how a debate is held.
    pub panel: Option<PathBuf>,
    /// Models on the panel, as for a debate.
    pub models: Vec<String>,
    /// How a debate is held.
    pub procedure: Procedure,
    /// How far to look ahead, in sessions.
    pub horizon_sessions: u32,
    /// Where keys and prices of vendors' models come from.
    pub vendors: VendorOptions,
    /// Where debates are written down, so that a brief that breaks off pays nothing twice.
    pub journal: Option<JournalOptions>,
}

/// A brief that is ready to be made.
#[derive(Debug)]
pub struct BriefDesk {
    /// What makes it.
    pub maker: MorningBrief,
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
    journal: Option<Arc<dyn Journal>>,
}

impl BriefDesk {
    /// Waits until the journal is closed.
    pub async fn close(self) {
        if let Some(journal) = self.journal {
            journal.close().await;
        }
    }
}

/// Gets everything ready that a brief takes. Answers of the network are kept in `cache`.
///
/// # Errors
/// As [`set_up_fetcher`] and [`set_up_debate`](crate::set_up_debate).
pub async fn set_up_brief(
    options: BriefOptions,
    cache: Option<&Cache>,
    clock: Arc<dyn Clock>,
) -> Result<BriefDesk, Error> {
    let Ready { fetcher, hall, journal } = Ready::make(options, cache, &clock).await?;
    let (usual, notes, calls) = (hall.usual().clone(), hall.notes()?, hall.calls());
    let asks_models = hall.asks_models();
    Ok(BriefDesk {
        maker: MorningBrief::new(fetcher, hall, clock),
        rounds: usual.rounds,
        rule: usual.rule,
        asks_models,
        notes,
        calls,
        journal,
    })
}

/// What one brief takes, or many.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) fetcher: Fetcher,
    pub(crate) hall: DebateHall,
    pub(crate) journal: Option<Arc<dyn Journal>>,
}

impl Ready {
    pub(crate) async fn make(
        options: BriefOptions,
        cache: Option<&Cache>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let BriefOptions { sources, panel, models, procedure, horizon_sessions, vendors, journal } = options;
        let as_of = sources.as_of;
        let fetcher = set_up_fetcher(&sources.enough_in_a_world(), cache, clock)?.fetcher;
        if !fetcher.sources().iter().any(|source| source.meta().kind == SourceKind::Prices) {
            return Err(Error::bad_request("make the brief: no source of prices is asked").with_hint(
                "give a folder of prices (--prices DIR), or choose a source (--sources +yahoo-chart); `assize fetch --list` \
                 shows them",
            ));
        }
        let journal = match journal {
            Some(journal) => Some(OpenJournal::open(journal).await?.journal),
            None => None,
        };
        let hall =
            DebateHall::open(panel, models, procedure, horizon_sessions, vendors, journal.clone(), clock)?;
        Ok(Self { fetcher, hall: hall.seen_from(as_of), journal })
    }
}

/// A morning brief that needs no network and no key: prices from a folder, argued by analysts.
///
/// # Errors
/// As [`PriceFolder::open`].
pub fn offline_brief(
    prices: &Path,
    horizon_sessions: u32,
    clock: Arc<dyn Clock>,
) -> Result<MorningBrief, Error> {
    let folder = PriceFolder::open(prices, Arc::clone(&clock))?;
    let panel = offline_panel(horizon_sessions as usize);
    Ok(MorningBrief::new(folder.fetcher(Arc::clone(&clock)), panel, clock))
}
