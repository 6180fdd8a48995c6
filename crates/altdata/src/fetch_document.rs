//! What a fetch brought, as programs read it.

use serde::Serialize;

use crate::{
    AsOf, Availability, Fetched, Finding, Gap, Item, ItemKind, OptionRight, Removed, RemovedItem, Source,
    SourceHealth, TickerFetch,
};

/// The version of the form.
const FORMAT_VERSION: u32 = 1;

/// What a fetch brought, to be written as JSON: `docs/schemas/fetch.json` describes it (feature `schema`).
///
/// ```
/// use assize_altdata::{AsOf, FetchDocument, FetchPolicy, Fetcher};
/// use assize_ambient::{FixedClock, Timestamp};
/// use assize_transport::FileTransport;
/// use std::{sync::Arc, time::Duration};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
/// let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
/// let transport = FileTransport::new(std::env::temp_dir(), clock.clone())?;
/// let fetcher = Fetcher::new(Arc::new(transport), Vec::new(), clock);
/// let as_of: AsOf = "1998-03-02".parse()?;
/// let policy = FetchPolicy::within(Duration::from_secs(5));
/// let fetched = runtime.block_on(fetcher.fetch(&["KO".parse()?], as_of, policy));
/// let json = serde_json::to_value(FetchDocument::of(&fetched, as_of, fetcher.sources()))?;
/// assert_eq!(json["tickers"][0]["gaps"][0]["reason"], "no_source");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FetchDocument {
    /// 1.
    format_version: u32,
    /// The day, or the moment, as of which it was cut.
    as_of: String,
    /// When it began.
    started_at: String,
    /// How long it took, in milliseconds.
    elapsed_ms: f64,
    /// How many requests were sent.
    requests: u64,
    /// What was brought, by ticker.
    tickers: Vec<TickerPart>,
    /// Sources that there are and that were not asked.
    not_asked: Vec<NotAskedPart>,
    /// How each source that was asked has fared.
    health: Vec<HealthPart>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct TickerPart {
    /// The ticker.
    ticker: String,
    /// What each source brought.
    sources: Vec<SourcePart>,
    /// What was known as of the moment, in the order in which it became known.
    items: Vec<ItemPart>,
    /// What was wrong in what was read.
    findings: Vec<FindingPart>,
    /// What is missing, and why.
    gaps: Vec<GapPart>,
    /// What the as-of cut took away. It tells of the future.
    removed: RemovedPart,
    /// How many requests were sent for it.
    requests: u64,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct SourcePart {
    /// Its name.
    source: String,
    /// What kind of observations it has.
    kind: &'static str,
    /// How many items it brought.
    items: usize,
    /// When the newest of them was known at the latest.
    newest: Option<String>,
    /// Why something is missing of it.
    gaps: Vec<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct ItemPart {
    /// Its name, made of its content.
    id: String,
    /// Who said so.
    source: String,
    /// Where it stands.
    url: String,
    /// When it was published, if the source says.
    published: Option<String>,
    /// Nobody could have known it before.
    available_earliest: String,
    /// Everybody could have known it from here on.
    available_latest: String,
    /// Why we think so.
    available_basis: String,
    /// When we fetched it.
    fetched_at: String,
    /// What it says.
    #[serde(flatten)]
    content: Content,
}

/// What an item says: `kind` names which fields there are.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum Content {
    /// A day's prices, for one share, in the currency and unit of the source.
    Bar {
        date: String,
        open: f64,
        high: f64,
        low: f64,
        close: f64,
        volume: Option<f64>,
        adjustment: Option<f64>,
        dividend: Option<f64>,
        split: Option<f64>,
    },
    /// Which company the ticker means.
    Identity {
        name: String,
        cik: Option<u64>,
        exchange: String,
        instrument: String,
        aliases: Vec<String>,
        wikipedia: Option<String>,
    },
    /// A document filed with a regulator.
    Filing {
        form: String,
        accession: String,
        filed_on: String,
        period: Option<String>,
        items: Vec<String>,
        description: String,
        document: String,
    },
    /// What an insider did with the company's shares.
    InsiderTrade {
        accession: String,
        line: u32,
        owner: String,
        owner_cik: u64,
        title: String,
        is_director: bool,
        is_officer: bool,
        is_ten_percent_owner: bool,
        code: char,
        acquired: bool,
        traded_on: String,
        shares: f64,
        price: Option<f64>,
        held_after: Option<f64>,
        is_direct: bool,
        is_planned: Option<bool>,
        is_derivative: bool,
        is_amendment: bool,
    },
    /// A figure that the company reported.
    Fact {
        concept: String,
        unit: String,
        start: Option<String>,
        end: String,
        value: f64,
        fiscal_year: Option<i16>,
        fiscal_period: String,
        form: String,
        filed_on: String,
        accession: String,
    },
    /// Quotes of all options at one moment.
    Options { quoted_at: String, spot: Option<f64>, contracts: Vec<ContractPart> },
    /// A piece of news.
    Article { title: String, summary: String, link: String, domain: String, language: String },
    /// A post on a social site; a count that the site does not give is null, not 0.
    Post {
        site: String,
        number: String,
        title: String,
        text: String,
        link: String,
        score: Option<i64>,
        comments: Option<u64>,
        is_bullish: Option<bool>,
    },
    /// A film.
    Video {
        number: String,
        channel: String,
        title: String,
        description: String,
        link: String,
        views: Option<u64>,
        likes: Option<u64>,
        comments: Option<u64>,
    },
    /// How often something was looked at on one day.
    Attention { subject: String, date: String, views: u64 },
    /// A value of an economic series.
    Macro { series: String, date: String, value: f64, vintage: Option<String> },
    /// How much of a day's trade was sold short.
    ShortVolume { date: String, short: f64, exempt: f64, total: f64 },
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct ContractPart {
    symbol: String,
    expiry: String,
    strike: f64,
    /// `call` or `put`.
    right: &'static str,
    bid: Option<f64>,
    ask: Option<f64>,
    last: Option<f64>,
    /// In the exchange's own time.
    last_at: Option<String>,
    volume: Option<f64>,
    open_interest: Option<f64>,
    implied_volatility: Option<f64>,
    delta: Option<f64>,
    gamma: Option<f64>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct FindingPart {
    /// What kind of thing was wrong.
    kind: &'static str,
    /// Where, what, and what was done.
    text: String,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct GapPart {
    /// Of which source, if it is of one.
    source: Option<String>,
    /// Why, as a fixed name.
    reason: &'static str,
    /// Why, in words.
    detail: String,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct RemovedPart {
    /// How many items.
    count: u64,
    /// When the first of them became known.
    first: Option<String>,
    /// When the last of them became known.
    last: Option<String>,
    /// The first of them.
    listed: Vec<RemovedItemPart>,
    /// How many findings.
    findings: u64,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct RemovedItemPart {
    id: String,
    kind: &'static str,
    source: String,
    /// When it was known at the latest.
    known_by: String,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct NotAskedPart {
    source: String,
    /// Why, and what to do.
    why: String,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct HealthPart {
    source: String,
    /// Requests and repetitions.
    attempts: u64,
    /// The share of its last attempts that brought what was asked for.
    success_share: Option<f64>,
    /// The middle of the times that they took, in milliseconds.
    median_ms: Option<f64>,
    /// How often each failure came.
    failures: std::collections::BTreeMap<&'static str, usize>,
}

impl FetchDocument {
    /// What `fetched`, cut at `as_of`, came to; `sources` are those of the fetcher.
    #[must_use]
    pub fn of(fetched: &Fetched, as_of: AsOf, sources: &[std::sync::Arc<dyn Source>]) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            as_of: as_of.to_string(),
            started_at: fetched.started_at.to_string(),
            elapsed_ms: fetched.elapsed.as_secs_f64() * 1e3,
            requests: fetched.requests(),
            tickers: fetched.by_ticker.iter().map(|one| TickerPart::of(one, sources)).collect(),
            not_asked: fetched
                .not_asked
                .iter()
                .map(|one| NotAskedPart { source: one.source.to_string(), why: one.why.clone() })
                .collect(),
            health: fetched.health.iter().map(HealthPart::of).collect(),
        }
    }
}

impl TickerPart {
    fn of(fetch: &TickerFetch, sources: &[std::sync::Arc<dyn Source>]) -> Self {
        let part = |source: &std::sync::Arc<dyn Source>| {
            let meta = source.meta();
            let items = || fetch.items.iter().filter(|item| item.source == meta.id);
            let gaps = fetch.gaps.iter().filter(|gap| gap.source.as_ref() == Some(&meta.id));
            SourcePart {
                source: meta.id.to_string(),
                kind: meta.kind.as_str(),
                items: items().count(),
                newest: items().map(|item| item.available_at.latest).max().map(|moment| moment.to_string()),
                gaps: gaps.map(|gap| gap.reason.as_str()).collect(),
            }
        };
        Self {
            ticker: fetch.ticker.to_string(),
            sources: sources.iter().map(part).collect(),
            items: fetch.items.iter().map(ItemPart::of).collect(),
            findings: fetch.findings.iter().map(FindingPart::of).collect(),
            gaps: fetch.gaps.iter().map(GapPart::of).collect(),
            removed: RemovedPart::of(&fetch.removed, &fetch.removed_items, fetch.removed_findings.count),
            requests: fetch.requests,
        }
    }
}

impl ItemPart {
    fn of(item: &Item) -> Self {
        let Availability { earliest, latest, basis } = &item.available_at;
        Self {
            id: item.id.to_string(),
            source: item.source.to_string(),
            url: item.url.to_string(),
            published: text(item.published.as_ref()),
            available_earliest: earliest.to_string(),
            available_latest: latest.to_string(),
            available_basis: basis.to_string(),
            fetched_at: item.fetched_at.to_string(),
            content: Content::of(&item.kind),
        }
    }
}

fn text(value: Option<&impl ToString>) -> Option<String> {
    value.map(ToString::to_string)
}

impl Content {
    #[expect(clippy::too_many_lines, reason = "one arm for each kind, field by field")]
    fn of(kind: &ItemKind) -> Self {
        match kind.clone() {
            ItemKind::Bar(bar) => Self::Bar {
                date: bar.date.to_string(),
                open: bar.open,
                high: bar.high,
                low: bar.low,
                close: bar.close,
                volume: bar.volume,
                adjustment: bar.adjustment,
                dividend: bar.dividend,
                split: bar.split,
            },
            ItemKind::Identity(card) => Self::Identity {
                name: card.name,
                cik: card.cik,
                exchange: card.exchange,
                instrument: card.instrument,
                aliases: card.aliases,
                wikipedia: card.wikipedia,
            },
            ItemKind::Filing(filing) => Self::Filing {
                form: filing.form,
                accession: filing.accession,
                filed_on: filing.filed_on.to_string(),
                period: text(filing.period.as_ref()),
                items: filing.items,
                description: filing.description,
                document: filing.document,
            },
            ItemKind::InsiderTrade(trade) => Self::InsiderTrade {
                accession: trade.accession,
                line: trade.line,
                owner: trade.owner,
                owner_cik: trade.owner_cik,
                title: trade.title,
                is_director: trade.role.is_director,
                is_officer: trade.role.is_officer,
                is_ten_percent_owner: trade.role.is_ten_percent_owner,
                code: trade.code,
                acquired: trade.acquired,
                traded_on: trade.traded_on.to_string(),
                shares: trade.shares,
                price: trade.price,
                held_after: trade.held_after,
                is_direct: trade.is_direct,
                is_planned: trade.is_planned,
                is_derivative: trade.is_derivative,
                is_amendment: trade.is_amendment,
            },
            ItemKind::Fact(fact) => Self::Fact {
                concept: fact.concept,
                unit: fact.unit,
                start: text(fact.start.as_ref()),
                end: fact.end.to_string(),
                value: fact.value,
                fiscal_year: fact.fiscal_year,
                fiscal_period: fact.fiscal_period,
                form: fact.form,
                filed_on: fact.filed_on.to_string(),
                accession: fact.accession,
            },
            ItemKind::Options(chain) => Self::Options {
                quoted_at: chain.quoted_at.to_string(),
                spot: chain.spot,
                contracts: chain.contracts.iter().map(ContractPart::of).collect(),
            },
            ItemKind::Article(article) => Self::Article {
                title: article.title,
                summary: article.summary,
                link: article.link,
                domain: article.domain,
                language: article.language,
            },
            ItemKind::Post(post) => Self::Post {
                site: post.site,
                number: post.number,
                title: post.title,
                text: post.text,
                link: post.link,
                score: post.score,
                comments: post.comments,
                is_bullish: post.is_bullish,
            },
            ItemKind::Video(video) => Self::Video {
                number: video.number,
                channel: video.channel,
                title: video.title,
                description: video.description,
                link: video.link,
                views: video.views,
                likes: video.likes,
                comments: video.comments,
            },
            ItemKind::Attention(seen) => {
                Self::Attention { subject: seen.subject, date: seen.date.to_string(), views: seen.views }
            }
            ItemKind::Macro(value) => Self::Macro {
                series: value.series,
                date: value.date.to_string(),
                value: value.value,
                vintage: text(value.vintage.as_ref()),
            },
            ItemKind::ShortVolume(sold) => Self::ShortVolume {
                date: sold.date.to_string(),
                short: sold.short,
                exempt: sold.exempt,
                total: sold.total,
            },
        }
    }
}

impl ContractPart {
    fn of(quote: &crate::OptionQuote) -> Self {
        Self {
            symbol: quote.symbol.clone(),
            expiry: quote.expiry.to_string(),
            strike: quote.strike,
            right: match quote.right {
                OptionRight::Call => "call",
                OptionRight::Put => "put",
            },
            bid: quote.bid,
            ask: quote.ask,
            last: quote.last,
            last_at: text(quote.last_at.as_ref()),
            volume: quote.volume,
            open_interest: quote.open_interest,
            implied_volatility: quote.implied_volatility,
            delta: quote.delta,
            gamma: quote.gamma,
        }
    }
}

impl FindingPart {
    fn of(finding: &Finding) -> Self {
        Self { kind: finding.kind.as_str(), text: finding.to_string() }
    }
}

impl GapPart {
    fn of(gap: &Gap) -> Self {
        Self { source: text(gap.source.as_ref()), reason: gap.reason.as_str(), detail: gap.detail.clone() }
    }
}

impl RemovedPart {
    fn of(removed: &Removed, items: &[RemovedItem], findings: u64) -> Self {
        let listed = |item: &RemovedItem| RemovedItemPart {
            id: item.id.to_string(),
            kind: item.kind,
            source: item.source.to_string(),
            known_by: item.known_by.to_string(),
        };
        Self {
            count: removed.count,
            first: text(removed.first.as_ref()),
            last: text(removed.last.as_ref()),
            listed: items.iter().map(listed).collect(),
            findings,
        }
    }
}

impl HealthPart {
    fn of(health: &SourceHealth) -> Self {
        Self {
            source: health.source.to_string(),
            attempts: health.attempts,
            success_share: health.success_share(),
            median_ms: health.median().map(|time| time.as_secs_f64() * 1e3),
            failures: health.failures(),
        }
    }
}

/// The JSON Schema (draft 2020-12) of a [`FetchDocument`], as it is written.
#[cfg(feature = "schema")]
#[must_use]
pub fn fetch_schema() -> schemars::Schema {
    let mut settings = schemars::generate::SchemaSettings::draft2020_12();
    settings.contract = schemars::generate::Contract::Serialize;
    let mut schema = settings.into_generator().into_root_schema_for::<FetchDocument>();
    schema.insert("title".to_owned(), "What a fetch brought".into());
    schema.insert("description".to_owned(), "What `assize fetch --json` prints.".into());
    schema
}
