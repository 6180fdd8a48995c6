//! The folder of a portfolio: its account, its debates, and what was learnt of them.

use std::{
    collections::BTreeSet,
    fs,
    io::ErrorKind as Io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use assize_altdata::{AsOf, FetchPolicy, PriceSeries, Ticker};
use assize_ambient::Clock;
use assize_journal::{Durability, FileJournal, Journal, Key};
use assize_pipeline::{DeskSettings, PaperDesk};
use assize_portfolio::{History, Limits, PriceHistory, Prices, Scorecards};
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::{
    Error, ErrorKind, JournalOptions, PredictorFile, PriceFolder, predictor_file::replace, text_file,
};

/// What says that a folder is a portfolio's, and of which version.
const MARK: &str = "portfolio.json";
/// The version of the folder: which files it has. Each file has a version of its own besides.
const FORMAT_VERSION: u64 = 1;
/// So long reading prices from a folder may take.
const READING: Duration = Duration::from_secs(60);
const HINT: &str = "give a portfolio's folder, or one that is new or empty, such as `--portfolio ./paper`";

/// A folder with `portfolio.json`, which says what it is; `journal/`, the account's events, which one process at a time can
/// write; `debates/`, the logs of debates; and `toggles.json`, what debates took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortfolioFolder(PathBuf);

impl PortfolioFolder {
    /// A portfolio that is there.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] for a folder that is not there or is none of a portfolio, or of a version that this program
    /// does not know; [`ErrorKind::Outside`] if the disk fails.
    pub fn existing(path: &Path) -> Result<Self, Error> {
        let mark = path.join(MARK);
        let shown = path.display();
        match mark.symlink_metadata() {
            Err(e) if matches!(e.kind(), Io::NotFound | Io::NotADirectory) => {
                let why = if path.is_dir() { "it is none of a portfolio" } else { "there is no such folder" };
                return Err(Error::bad_request(format!("open the portfolio {shown}: {why}"))
                    .with_hint("`assize brief … --portfolio DIR` begins one"));
            }
            _ => {}
        }
        let text = text_file::read("portfolio's mark", &mark)?;
        let mark: Value = serde_json::from_str(&text).map_err(|e| {
            Error::caused(ErrorKind::BadRequest, format!("read the portfolio's mark {}", mark.display()), e)
                .with_hint(HINT)
        })?;
        match (mark["kind"].as_str(), mark["format_version"].as_u64()) {
            (Some("portfolio"), Some(FORMAT_VERSION)) => Ok(Self(path.to_owned())),
            (Some("portfolio"), Some(version)) => Err(Error::bad_request(format!(
                "open the portfolio {shown}: it has version {version}, and this program knows version {FORMAT_VERSION}"
            ))
            .with_hint("use the program that wrote it, or a later one")),
            _ => Err(Error::bad_request(format!("open the portfolio {shown}: its {MARK} is none of a portfolio"))
                .with_hint(HINT)),
        }
    }

    /// A portfolio that is there, or a new one in a folder that is new or empty.
    ///
    /// # Errors
    /// As [`existing`](Self::existing), and for a folder that has other things in it.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let shown = path.display();
        let failed = |e: std::io::Error| {
            let wrong = matches!(e.kind(), Io::NotADirectory | Io::AlreadyExists);
            let kind = if wrong { ErrorKind::BadRequest } else { ErrorKind::Outside };
            Error::caused(kind, format!("make the portfolio {shown}"), e).with_hint(HINT)
        };
        fs::create_dir_all(path).map_err(failed)?;
        if path.join(MARK).symlink_metadata().is_ok() {
            return Self::existing(path);
        }
        // What a crash left of a mark that was being written is no reason to refuse.
        let is_other = |name: &std::ffi::OsStr| !name.to_string_lossy().starts_with(MARK);
        let mut entries = fs::read_dir(path).map_err(failed)?;
        if entries.any(|entry| entry.is_ok_and(|entry| is_other(&entry.file_name()))) {
            return Err(Error::bad_request(format!(
                "make the portfolio {shown}: the folder has other things in it"
            ))
            .with_hint(HINT));
        }
        let mark = json!({ "format_version": FORMAT_VERSION, "kind": "portfolio" });
        replace(&path.join(MARK), &format!("{mark}\n")).map_err(failed)?;
        Self::existing(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The name of the account in the journal.
    ///
    /// # Panics
    /// Never: it is a valid name.
    #[must_use]
    pub fn account(&self) -> Key {
        "account".parse().expect("a name of a journal")
    }

    /// The journal of its account. What it has acknowledged survives a loss of power.
    #[must_use]
    pub fn journal(&self) -> Arc<dyn Journal> {
        Arc::new(FileJournal::new(self.0.join("journal"), Durability::Power))
    }

    /// Where its debates are written down, so that a brief that broke off pays nothing twice.
    #[must_use]
    pub fn debates(&self) -> JournalOptions {
        JournalOptions { path: self.0.join("debates"), durability: Durability::Process }
    }

    /// What its debates took.
    #[must_use]
    pub fn toggles(&self) -> PredictorFile {
        PredictorFile::new(self.0.join("toggles.json"))
    }

    /// Opens its desk: its account, which begins with the first brief, and its memory of forecasts. Nobody else can open it
    /// meanwhile.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] for settings that make no sense, or other rules than the account was begun with;
    /// [`ErrorKind::Outside`] if somebody else has it open, or it cannot be read.
    pub async fn desk(&self, settings: DeskSettings) -> Result<PaperDesk, Error> {
        let desk = PaperDesk::open(&*self.journal(), &self.account(), settings).await;
        desk.map_err(|e| Error::from(e).about(&format!("open the portfolio {}", self.0.display())))
    }

    /// Holds all forecasts against the closes in a folder of prices, as of a moment; with the closes of a benchmark, adjusted for
    /// splits and dividends, if one is named.
    ///
    /// # Errors
    /// As [`PriceFolder::open`]; [`ErrorKind::BadRequest`] if the folder has no prices of the benchmark;
    /// [`ErrorKind::Outside`] if the forecasts cannot be read.
    pub async fn reckon(
        &self,
        prices: &Path,
        benchmark: Option<&Ticker>,
        as_of: AsOf,
        clock: Arc<dyn Clock>,
    ) -> Result<(Scorecards, Vec<(Date, f64)>), Error> {
        let forecasts = PaperDesk::forecasts_in(&*self.journal(), &self.account()).await?;
        let tickers: BTreeSet<Ticker> = forecasts
            .iter()
            .flat_map(|forecast| [Some(&forecast.ticker), forecast.benchmark.as_ref()])
            .chain([benchmark])
            .flatten()
            .cloned()
            .collect();
        let tickers: Vec<Ticker> = tickers.into_iter().collect();
        let fetcher = PriceFolder::open(prices, Arc::clone(&clock))?.fetcher(clock);
        let fetched = fetcher.fetch(&tickers, as_of, FetchPolicy::within(READING)).await;
        let (mut histories, mut closes) = (Prices::new(), Vec::new());
        for found in &fetched.by_ticker {
            let history = PriceHistory::of(&found.ticker, &found.items);
            if benchmark == Some(&found.ticker) {
                let series = PriceSeries::build(&found.items, &as_of);
                closes = series.bars().iter().map(|bar| (bar.bar.date, bar.adjusted_close)).collect();
                histories = histories.with_benchmark(history.clone());
            }
            histories = histories.with(history);
        }
        if let Some(benchmark) = benchmark.filter(|_| closes.is_empty()) {
            let shown = prices.display();
            return Err(Error::bad_request(format!(
                "find prices of {benchmark} in {shown}: there are none as of {as_of}"
            ))
            .with_hint(format!("put {benchmark}.csv there, or name another benchmark")));
        }
        Ok((Scorecards::as_of(&forecasts, &histories, &as_of), closes))
    }

    /// What its account has been through, whoever has it open.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] if the journal is none of an account, [`ErrorKind::Outside`] if it cannot be read.
    pub async fn history(&self) -> Result<History, Error> {
        let read = History::read(&*self.journal(), &self.account()).await;
        read.map_err(|e| Error::from(e).about(&format!("read the portfolio {}", self.0.display())))
    }
}

/// The limits in a file of TOML; what it does not name has its default.
///
/// # Errors
/// [`ErrorKind::BadRequest`] for a file that is not there, or that holds something else; [`ErrorKind::Outside`] if the disk
/// fails.
pub fn read_limits(path: &Path) -> Result<Limits, Error> {
    let text = text_file::read("limits", path)?;
    toml::from_str(&text).map_err(|e| {
        let message = format!("read the limits {}", path.display());
        Error::caused(ErrorKind::BadRequest, message, e)
            .with_hint("write lines such as `max_weight_bp = 500` and `min_source_kinds = 1`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portfolio_is_begun_once_and_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/paper");
        let missing = PortfolioFolder::existing(&path).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::BadRequest);
        assert!(missing.to_string().contains("there is no such folder"), "{missing}");
        let made = PortfolioFolder::open(&path).unwrap();
        fs::write(path.join("notes.txt"), "mine").unwrap();
        assert_eq!(PortfolioFolder::open(&path).unwrap(), made);
        assert_eq!(PortfolioFolder::existing(&path).unwrap(), made);
    }

    #[test]
    fn a_folder_of_something_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
        let error = PortfolioFolder::open(folder.path()).unwrap_err();
        assert!(error.to_string().contains("has other things in it"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let file = folder.path().join("thesis.txt");
        for error in [PortfolioFolder::open(&file), PortfolioFolder::existing(&file)] {
            assert_eq!(error.unwrap_err().kind(), ErrorKind::BadRequest);
        }
    }

    #[test]
    fn a_mark_of_another_version_or_of_something_else() {
        let folder = tempfile::tempdir().unwrap();
        for (mark, why) in [
            (r#"{"format_version":2,"kind":"portfolio"}"#, "it has version 2"),
            (r#"{"format_version":1,"kind":"cache"}"#, "none of a portfolio"),
            ("{", "portfolio's mark"),
            ("", "portfolio's mark"),
        ] {
            fs::write(folder.path().join(MARK), mark).unwrap();
            for error in [PortfolioFolder::open(folder.path()), PortfolioFolder::existing(folder.path())] {
                let error = error.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::BadRequest);
                assert!(error.to_string().contains(why), "{error}");
            }
        }
    }

    #[test]
    fn limits_come_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("limits.toml");
        fs::write(&path, "min_source_kinds = 1\nmax_weight_bp = 500\n").unwrap();
        let limits = read_limits(&path).unwrap();
        assert_eq!((limits.min_source_kinds, limits.max_weight.bp(), limits.min_items), (1, 500, 3));
        for (text, why) in [("max_wieght_bp = 5", "max_wieght_bp"), ("max_weight_bp = 20000", "20000")] {
            fs::write(&path, text).unwrap();
            let error = read_limits(&path).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadRequest);
            assert!(error.to_string().contains(why), "{error}");
        }
    }

    #[test]
    fn what_a_crash_left_is_no_hindrance() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(format!("{MARK}.4711.new")), "{").unwrap();
        PortfolioFolder::open(folder.path()).unwrap();
    }
}
