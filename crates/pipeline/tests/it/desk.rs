//! A desk at which briefs are made: price tables in memory, the offline panel, a clock that stands still.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc, time::Duration};

use assize_altdata::{AsOf, Fetcher, Source, Ticker};
use assize_ambient::{Clock, FixedClock, Timestamp};
use assize_analysts::offline_panel;
use assize_pipeline::{
    Brief, BriefRequest, MorningBrief, Panel, RunRecord, Shortfall, ShortfallKind, TickerBrief,
};
use assize_sources::CsvFolder;
use assize_transport::{Error, Headers, RawResponse, Request, Transport};
use async_trait::async_trait;

/// The day from which the fixtures are looked back from.
pub(crate) const AS_OF: &str = "2019-12-31";

/// Serves files from memory, each after a while.
#[derive(Debug)]
struct Shelf {
    files: BTreeMap<String, Vec<u8>>,
    wait: Duration,
}

#[async_trait]
impl Transport for Shelf {
    async fn send(&self, request: Request) -> Result<RawResponse, Error> {
        tokio::time::sleep(self.wait).await;
        let body = request.url().file_name().and_then(|name| self.files.get(&name)).cloned();
        let status = if body.is_some() { 200 } else { 404 };
        let body = body.unwrap_or_default();
        Ok(RawResponse::new(&request, status, Headers::default(), body, Timestamp::UNIX_EPOCH))
    }
}

/// What a brief is made with.
pub(crate) struct Desk {
    files: BTreeMap<String, Vec<u8>>,
    wait: Duration,
    panel: Panel,
}

impl Desk {
    pub(crate) fn with_files<N: Into<String>>(files: impl IntoIterator<Item = (N, Vec<u8>)>) -> Self {
        let files = files.into_iter().map(|(name, bytes)| (name.into(), bytes)).collect();
        Self { files, wait: Duration::ZERO, panel: offline_panel(20) }
    }

    /// The fixtures' folder.
    pub(crate) fn with_fixtures() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/pipeline/prices");
        Self::with_folder(&folder)
    }

    pub(crate) fn with_folder(folder: &Path) -> Self {
        let files = fs::read_dir(folder).expect("the folder").map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("a plain name").to_owned();
            (name, fs::read(path).expect("a file"))
        });
        Self::with_files(files)
    }

    /// The same with files that take so long to read.
    pub(crate) fn slow(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// The same with more on the panel.
    pub(crate) fn joined_by(mut self, more: Panel) -> Self {
        self.panel.extend(more);
        self
    }

    /// The same with one file changed.
    pub(crate) fn changing(mut self, name: &str, change: impl FnOnce(&str) -> String) -> Self {
        let file = self.files.get_mut(name).expect("the file is there");
        *file = change(std::str::from_utf8(file).expect("text")).into_bytes();
        self
    }

    /// The same without a file.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.files.remove(name).expect("the file is there");
        self
    }

    /// The same with all files changed.
    pub(crate) fn changing_all(mut self, change: impl Fn(&str) -> String) -> Self {
        for file in self.files.values_mut() {
            if let Ok(text) = std::str::from_utf8(file) {
                *file = change(text).into_bytes();
            }
        }
        self
    }

    /// What fetches from it.
    pub(crate) fn fetcher(self) -> Fetcher {
        let source: Arc<dyn Source> = Arc::new(CsvFolder::new(self.files.keys().cloned().collect()));
        let transport = Shelf { files: self.files, wait: self.wait };
        Fetcher::new(Arc::new(transport), vec![source], clock())
    }

    pub(crate) async fn make(self, request: &BriefRequest) -> (Brief, RunRecord) {
        // A year after the fixtures: their last bars are past, whatever the as-of date.
        let now = "2021-01-01T00:00:00Z".parse().expect("a moment");
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(now));
        let source: Arc<dyn Source> = Arc::new(CsvFolder::new(self.files.keys().cloned().collect()));
        let transport = Shelf { files: self.files, wait: self.wait };
        let fetcher = Fetcher::new(Arc::new(transport), vec![source], Arc::clone(&clock));
        MorningBrief::new(fetcher, self.panel, clock).run(request).await.expect("a brief")
    }

    /// Makes a brief on a runtime of its own.
    pub(crate) fn made(self, request: &BriefRequest) -> Brief {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(self.make(request)).0
    }
}

/// A year after the fixtures: their last bars are past, whatever the as-of date.
pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(FixedClock::new("2021-01-01T00:00:00Z".parse().expect("a moment")))
}

pub(crate) fn request(tickers: &[&str], as_of: &str) -> BriefRequest {
    let tickers: Vec<Ticker> = tickers.iter().map(|ticker| ticker.parse().expect("a ticker")).collect();
    BriefRequest::new(tickers, as_of.parse::<AsOf>().expect("a date"))
}

/// Everything that a brief says, for people and for programs.
pub(crate) fn words(brief: &Brief) -> (String, String, String) {
    let (doc, json) = (brief.to_document(), brief.to_json());
    (doc.to_markdown(), doc.to_html(), serde_json::to_string_pretty(&json).expect("JSON"))
}

/// What a ticker lacks, but for the sources of which the desk has none.
pub(crate) fn lacking(ticker: &TickerBrief) -> Vec<&Shortfall> {
    let is_asked = |shortfall: &&Shortfall| shortfall.kind != ShortfallKind::NotAsked;
    ticker.shortfalls.iter().filter(is_asked).collect()
}

pub(crate) fn only(brief: &Brief) -> &TickerBrief {
    let [ticker] = &brief.tickers[..] else { panic!("one ticker was asked for") };
    ticker
}
