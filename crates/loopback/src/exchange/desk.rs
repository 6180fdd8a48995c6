//! Where requests are answered.

use std::{collections::BTreeMap, sync::Arc};

use assize_ambient::Timestamp;

use super::{
    json::Json,
    market::{Data, Market},
    site::Site,
    site_fault::SiteFault,
    wire,
};

/// A request, taken apart.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) site: Site,
    pub(super) host: String,
    /// The parts of the path, decoded.
    pub(super) path: Vec<String>,
    /// The parameters, decoded; the last one of a name.
    pub(super) query: BTreeMap<String, String>,
}

impl Asked {
    /// A parameter; empty where there is none.
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
}

/// What is answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Json(Json),
    Text(String),
}

impl Answer {
    pub(super) fn json(content: Json) -> Self {
        Self { status: 200, content_type: "application/json", content: Content::Json(content) }
    }

    pub(super) fn text(content_type: &'static str, text: String) -> Self {
        Self { status: 200, content_type, content: Content::Text(text) }
    }

    pub(super) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

/// The market at a moment, as one answer sees it.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    pub(super) market: &'a Market,
    pub(super) now: Timestamp,
    pub(super) fault: Option<SiteFault>,
}

impl Desk<'_> {
    /// The company that is answered about.
    fn meant(&self, data: Arc<Data>) -> Option<Arc<Data>> {
        if self.fault == Some(SiteFault::WrongCompany) {
            return self.market.data(&self.market.other(&data.company.symbol));
        }
        Some(data)
    }

    pub(super) fn company(&self, symbol: &str) -> Option<Arc<Data>> {
        self.meant(self.market.data(symbol)?)
    }

    pub(super) fn undashed(&self, symbol: &str) -> Option<Arc<Data>> {
        self.meant(self.market.undashed(symbol)?)
    }

    pub(super) fn with_cik(&self, cik: u64) -> Option<Arc<Data>> {
        self.meant(self.market.with_cik(cik)?)
    }

    /// The company of an article in the encyclopaedia.
    pub(super) fn with_title(&self, title: &str) -> Option<Arc<Data>> {
        self.meant(self.market.named_in(&title.replace('_', " ")).into_iter().next()?)
    }

    /// The answer; `None` for what the site does not have.
    pub(super) fn answer(&self, asked: &Asked) -> Option<Answer> {
        let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
        match (asked.site, &*path) {
            (Site::Sec, ["files", "company_tickers.json"]) => Some(wire::filings::tickers(self.market)),
            (Site::Sec, ["submissions", file]) => wire::filings::submissions(self, file),
            (Site::Sec, ["api", "xbrl", "companyfacts", file]) => wire::facts::facts(self, file),
            (Site::Sec, ["Archives", "edgar", "data", cik, folder, file]) => {
                wire::form4::document(self, cik, folder, file)
            }
            (Site::Yahoo, ["v8", "finance", "chart", symbol]) => wire::chart::chart(self, symbol, asked),
            (Site::Yahoo, ["v7", "finance", "options", symbol]) => {
                wire::chain::yahoo(self, symbol, asked.parameter("date"))
            }
            (Site::Cboe, ["api", "global", "delayed_quotes", "options", file]) => {
                wire::chain::cboe(self, file)
            }
            (Site::Wikimedia, [.., "user", title, "daily", from, to]) => {
                wire::pageviews::views(self, title, from, to)
            }
            (Site::Paper, _) => wire::news::feed(self, &asked.host),
            (Site::Gdelt, ["api", "v2", "doc", "doc"]) => Some(wire::news::gdelt(self, asked)),
            (Site::StockTwits, ["api", "2", "streams", "symbol", file]) => wire::talk::stocktwits(self, file),
            (Site::Reddit, ["r", sub, ..]) => Some(wire::talk::reddit(self, sub, asked)),
            (Site::HackerNews, ["api", "v1", "search_by_date"]) => Some(wire::talk::hacker_news(self, asked)),
            (Site::Fred, ["graph", "fredgraph.csv"]) => wire::economy::fred_csv(self, asked),
            (Site::Fred, ["fred", "series", "observations"]) => wire::economy::fred_json(self, asked),
            (Site::Treasury, [.., "daily-treasury-rates.csv", year, _]) => {
                wire::economy::treasury(self, year)
            }
            (Site::Finra, ["equity", "regsho", "daily", file]) => wire::economy::finra(self, file),
            (Site::YouTube, ["feeds", "videos.xml"]) => Some(wire::news::channel(self, asked)),
            (Site::AlternativeMe, ["fng", ..]) => Some(wire::economy::mood(self, asked)),
            _ => None,
        }
    }
}
