//! All sources that there are, each with the key that it needs.

use std::sync::Arc;

use assize_altdata::{Source, SourceId};
use assize_sources::{
    AlphaVantage, CboeChain, EdgarContact, EdgarCurrent, EdgarFacts, EdgarFilings, EdgarTickers, FearGreed,
    FinnhubNews, FinraShortVolume, FredApi, FredCsv, Gdelt, HackerNews, RedditSearch, StockTwits,
    TreasuryYields, WikipediaPageviews, YahooChart, YahooOptions, YahooSession, YouTubeData,
};
use assize_transport::Secret;

use super::{KeyNeed, ListedSource};
use crate::{Error, Keys};

/// The name of the source that reads a folder of prices, which is there when a folder is.
pub(super) const FOLDER: &str = "csv-folder";

/// A source, and what it must be given.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) source: Arc<dyn Source>,
    /// The hosts that it asks. A budget of requests can have another name.
    pub(super) hosts: Vec<String>,
    pub(super) needs: Option<KeyNeed>,
    /// Whether the user has named what it reads, and so wants it asked.
    pub(super) is_named: bool,
}

impl Entry {
    /// A source that asks the host that it names.
    fn of(source: impl Source) -> Self {
        let hosts = vec![source.meta().host.clone().into_owned()];
        Self { source: Arc::new(source), hosts, needs: None, is_named: false }
    }

    /// The same of one that is there because the user has named what it reads.
    pub(super) fn named(source: impl Source) -> Self {
        Self { is_named: true, ..Self::of(source) }
    }

    fn at(mut self, hosts: &[&str]) -> Self {
        self.hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        self
    }

    fn needing(mut self, key: &Key, is_there: bool) -> Self {
        self.needs = Some(KeyNeed { name: key.name, variable: key.variable, is_there });
        self
    }

    pub(super) fn id(&self) -> &SourceId {
        &self.source.meta().id
    }

    /// Whether it is asked without having been chosen.
    pub(super) fn is_default(&self) -> bool {
        (self.source.meta().default_on || self.is_named) && self.lacks().is_none()
    }

    /// The key that it needs and that is not there.
    pub(super) fn lacks(&self) -> Option<&KeyNeed> {
        self.needs.as_ref().filter(|need| !need.is_there)
    }

    pub(super) fn listed(self) -> ListedSource {
        ListedSource { meta: self.source.meta().clone(), hosts: self.hosts, needs: self.needs }
    }
}

/// What a user may have for a source.
struct Key {
    name: &'static str,
    variable: &'static str,
}

impl Key {
    const SEC: Self = Self { name: "sec", variable: "SEC_CONTACT" };
    const FRED: Self = Self { name: "fred", variable: "FRED_API_KEY" };
    const YOUTUBE: Self = Self { name: "youtube", variable: "YOUTUBE_API_KEY" };
    const ALPHA_VANTAGE: Self = Self { name: "alpha-vantage", variable: "ALPHA_VANTAGE_API_KEY" };
    const FINNHUB: Self = Self { name: "finnhub", variable: "FINNHUB_API_KEY" };
    /// The crumb and the cookie of a browser's session, with a space between.
    const YAHOO: Self = Self { name: "yahoo", variable: "YAHOO_SESSION" };
}

/// Given where nobody is asked, and a key is no matter.
const STAND_IN: &str = "assize-no-key";

/// All sources, with the keys that there are.
pub(crate) fn entries(keys: &Keys) -> Result<Vec<Entry>, Error> {
    Ok(build(&|key: &Key| keys.find(key.name, Some(key.variable)), contact(keys)?.as_ref()))
}

/// All sources, each with a key: what is played back asks nobody.
pub(crate) fn entries_with_stand_ins(keys: &Keys) -> Result<Vec<Entry>, Error> {
    let stand_in = || EdgarContact::new(STAND_IN, "nobody@example.org");
    Ok(build(
        &|key: &Key| keys.find(key.name, Some(key.variable)).or_else(|| Some(Secret::new(STAND_IN))),
        contact(keys)?.or_else(stand_in).as_ref(),
    ))
}

/// Who asks the SEC.
fn contact(keys: &Keys) -> Result<Option<EdgarContact>, Error> {
    let Some(said) = keys.find(Key::SEC.name, Some(Key::SEC.variable)).or_else(|| keys.operator()) else {
        return Ok(None);
    };
    let (name, email) = said.expose().trim().rsplit_once(' ').unwrap_or_default();
    let email = email.trim_start_matches('<').trim_end_matches('>');
    EdgarContact::new(name, email).map(Some).ok_or_else(|| {
        Error::bad_request("read the contact for the SEC: it is not a name and an e-mail address").with_hint(
            "write SEC_CONTACT=\"Example Research data@example.org\", or sec = \"…\" in the file of keys; plain ASCII",
        )
    })
}

fn build(key: &dyn Fn(&Key) -> Option<Secret>, contact: Option<&EdgarContact>) -> Vec<Entry> {
    const SEC: [&str; 2] = ["www.sec.gov", "data.sec.gov"];
    let edgar = |source: Entry| source.at(&SEC).needing(&Key::SEC, contact.is_some());
    let fred = key(&Key::FRED);
    let has_fred = fred.is_some();
    let youtube = key(&Key::YOUTUBE);
    let has_youtube = youtube.is_some();
    let alpha = key(&Key::ALPHA_VANTAGE);
    let has_alpha = alpha.is_some();
    let finnhub = key(&Key::FINNHUB);
    let has_finnhub = finnhub.is_some();
    let yahoo = key(&Key::YAHOO).as_ref().map(session);
    let has_yahoo = yahoo.is_some();
    vec![
        Entry::of(YahooChart::new()),
        Entry::of(AlphaVantage::daily(alpha.clone())).needing(&Key::ALPHA_VANTAGE, has_alpha),
        Entry::of(AlphaVantage::quote(alpha)).needing(&Key::ALPHA_VANTAGE, has_alpha),
        edgar(Entry::of(EdgarTickers::new(contact.cloned()))),
        edgar(Entry::of(EdgarFilings::new(contact.cloned()))),
        edgar(Entry::of(EdgarCurrent::new(contact.cloned()))),
        edgar(Entry::of(EdgarFacts::new(contact.cloned()))),
        Entry::of(CboeChain::new()),
        Entry::of(YahooOptions::new(yahoo)).needing(&Key::YAHOO, has_yahoo),
        Entry::of(FinnhubNews::new(finnhub)).needing(&Key::FINNHUB, has_finnhub),
        Entry::of(Gdelt::new()),
        Entry::of(StockTwits::new()),
        Entry::of(RedditSearch::new()),
        Entry::of(HackerNews::new()),
        Entry::of(YouTubeData::new(youtube)).needing(&Key::YOUTUBE, has_youtube),
        Entry::of(WikipediaPageviews::new()),
        Entry::of(FredCsv::new()),
        Entry::of(FredApi::new(fred)).needing(&Key::FRED, has_fred),
        Entry::of(TreasuryYields::new()),
        Entry::of(FearGreed::new()),
        Entry::of(FinraShortVolume::new()),
    ]
}

/// The crumb before the first space, the cookie behind it.
fn session(said: &Secret) -> YahooSession {
    let (crumb, cookie) = said.expose().split_once(' ').unwrap_or((said.expose(), ""));
    YahooSession { cookie: Secret::new(cookie.trim()), crumb: Secret::new(crumb.trim()) }
}
