//! One observation, with its two clocks and where it came from.

use assize_ambient::Timestamp;
use assize_transport::Url;

use crate::{
    Article, Attention, Availability, CompanyFact, DailyBar, EvidenceId, Filing, Identity, InsiderTrade,
    Known, MacroValue, OptionChain, Post, ShortVolume, SourceId, Ticker, Video,
};

/// One observation, read for a ticker.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its name, made of its content.
    pub id: EvidenceId,
    /// What it is about, or what it was read for: the economy's figures are about no ticker.
    pub ticker: Ticker,
    /// What was observed.
    pub kind: ItemKind,
    /// Who said so.
    pub source: SourceId,
    /// Where it was read, without secrets.
    pub url: Url,
    /// When the source says that it published it; `None` if it says nothing.
    pub published: Option<Timestamp>,
    /// When the world could first have known it.
    pub available_at: Availability,
    /// When we read it. Never part of a decision.
    pub fetched_at: Timestamp,
}

/// What was observed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ItemKind {
    /// A day's prices.
    Bar(DailyBar),
    /// Which company the ticker means.
    Identity(Identity),
    /// A document that it filed.
    Filing(Filing),
    /// What an insider did with its shares.
    InsiderTrade(InsiderTrade),
    /// A figure that it reported.
    Fact(CompanyFact),
    /// What is quoted for options on its share.
    Options(OptionChain),
    /// A piece of news.
    Article(Article),
    /// What somebody wrote on a social site.
    Post(Post),
    /// A film.
    Video(Video),
    /// How often it was looked up.
    Attention(Attention),
    /// A figure of the economy.
    Macro(MacroValue),
    /// How much of a day's trade was sold short.
    ShortVolume(ShortVolume),
}

impl ItemKind {
    /// A fixed name in `snake_case`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Bar(_) => "bar",
            Self::Identity(_) => "identity",
            Self::Filing(_) => "filing",
            Self::InsiderTrade(_) => "insider_trade",
            Self::Fact(_) => "fact",
            Self::Options(_) => "options",
            Self::Article(_) => "article",
            Self::Post(_) => "post",
            Self::Video(_) => "video",
            Self::Attention(_) => "attention",
            Self::Macro(_) => "macro",
            Self::ShortVolume(_) => "short_volume",
        }
    }
}

impl Item {
    /// An observation read for `ticker`; its name is made of what was observed.
    #[must_use]
    pub fn new(
        ticker: &Ticker,
        kind: ItemKind,
        source: &SourceId,
        url: &Url,
        available_at: Availability,
        fetched_at: Timestamp,
    ) -> Self {
        Self {
            id: EvidenceId::of(ticker, &kind),
            ticker: ticker.clone(),
            kind,
            source: source.clone(),
            url: url.clone(),
            published: None,
            available_at,
            fetched_at,
        }
    }

    /// The same, published when the source says so.
    #[must_use]
    pub fn published(mut self, at: Timestamp) -> Self {
        self.published = Some(at);
        self
    }

    /// A day's bar, available as [`Availability::of_daily_bar`] says.
    #[must_use]
    pub fn bar(ticker: &Ticker, bar: DailyBar, source: &SourceId, url: &Url, fetched_at: Timestamp) -> Self {
        let available_at = Availability::of_daily_bar(bar.date);
        Self::new(ticker, ItemKind::Bar(bar), source, url, available_at, fetched_at)
    }

    /// The day's prices, if that is what was observed.
    #[must_use]
    pub fn as_bar(&self) -> Option<&DailyBar> {
        match &self.kind {
            ItemKind::Bar(bar) => Some(bar),
            _ => None,
        }
    }

    pub(crate) fn as_bar_mut(&mut self) -> Option<&mut DailyBar> {
        match &mut self.kind {
            ItemKind::Bar(bar) => Some(bar),
            _ => None,
        }
    }
}

impl Known for Item {
    fn known_by(&self) -> Option<Timestamp> {
        Some(self.available_at.latest)
    }
}
