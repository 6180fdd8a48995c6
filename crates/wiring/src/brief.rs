//! A brief from a folder of prices, argued by analysts.

use std::{path::Path, sync::Arc};

use assize_altdata::{Fetcher, Source, Ticker};
use assize_ambient::Clock;
use assize_analysts::offline_panel;
use assize_pipeline::MorningBrief;
use assize_sources::CsvFolder;
use assize_transport::FileTransport;

use crate::{Error, ErrorKind};

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
