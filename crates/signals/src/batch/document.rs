//! Scores of a batch, as programs read them. Figures are rounded to four decimals.

use serde::Serialize;

use super::{Batch, Piece, Scored};
use crate::options::{Chain, OptionsReport, analyse};
use crate::story::StoryView;
use crate::{ContentPart, EngagementPart, Kinship};

/// The version of the form.
const FORMAT_VERSION: u32 = 1;
/// So many reasons of a class, and contracts of a chain, are told.
const TOLD: usize = 10;

/// What texts and option chains score, to be written as JSON: `docs/schemas/score.json` describes it (feature `schema`).
///
/// ```
/// use assize_signals::{BatchOptions, Piece, ScoreDocument, score_batch};
///
/// let pieces = [Piece { text: "Profits soar.".to_owned(), ..Piece::default() }];
/// let batch = score_batch(&pieces, &BatchOptions::at("2026-01-02T12:00:00Z".parse()?))?;
/// let json = serde_json::to_value(ScoreDocument::of(&pieces, &batch, &[]))?;
/// assert_eq!((&json["format_version"], &json["texts"][0]["sentiment"]["feeling"]), (&1.into(), &"positive".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScoreDocument {
    /// 1.
    format_version: u32,
    /// The texts, in the order in which they were given.
    texts: Vec<TextPart>,
    /// The stories that they tell, in the order in which those began.
    stories: Vec<StoryPart>,
    /// Option chains.
    chains: Vec<ChainPart>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct TextPart {
    /// Its title.
    title: String,
    /// Where it stands.
    url: String,
    /// When it was published.
    published: Option<String>,
    /// Whether only its beginning was read.
    is_cut: bool,
    /// Of 0 to 100; null if nothing is known.
    score: Option<f64>,
    /// The weight of the parts that are known, 0 to 1.
    known: f64,
    /// What each part gives to the score.
    parts: Vec<PartPart>,
    /// The parts that are missing.
    missing: Vec<&'static str>,
    /// How it feels.
    sentiment: SentimentPart,
    /// Its words about money.
    tone: TonePart,
    /// How hard it is to read.
    readability: ReadabilityPart,
    /// How new it is among the others; null without words.
    novelty: Option<NoveltyPart>,
    /// How far its publisher's word goes; null if it is not known who that is.
    credibility: Option<CredibilityPart>,
    /// What it is about.
    category: CategoryPart,
    /// How much it is about the company; null without one.
    relevance: Option<RelevancePart>,
    /// How much it moves people.
    engagement: EngagementDocument,
    /// The place of its story among the stories.
    story: usize,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct PartPart {
    part: &'static str,
    /// 0 to 1; null if it is not known.
    value: Option<f64>,
    /// Its weight among the known parts, 0 to 1.
    weight: f64,
    /// What it gives, 0 to 100.
    points: f64,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct SentimentPart {
    /// `negative`, `neutral` or `positive`.
    feeling: &'static str,
    /// −1 to 1.
    compound: f64,
    positive: f64,
    neutral: f64,
    negative: f64,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct TonePart {
    /// (positive − negative) / (positive + negative), −1 to 1; null without such words.
    balance: Option<f64>,
    words: u32,
    positive: u32,
    negative: u32,
    uncertainty: u32,
    litigious: u32,
    constraining: u32,
    strong_modal: u32,
    weak_modal: u32,
    negated: u32,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct ReadabilityPart {
    /// Flesch's reading ease; null without words.
    reading_ease: Option<f64>,
    /// Years of school, by Flesch and Kincaid.
    grade: Option<f64>,
    sentences: u32,
    words: u32,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct NoveltyPart {
    /// 0 (said before) to 1.
    score: f64,
    /// The place of the text that it is most like.
    nearest: Option<usize>,
    similarity: Option<f64>,
    /// `copy`, `duplicate`, `same_story` or `similar`.
    kinship: Option<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct CredibilityPart {
    /// 0 to 1: a judgement, no measurement.
    score: f64,
    /// The domain in the table that says so.
    domain: Option<String>,
    reason: String,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct CategoryPart {
    /// The most probable class.
    primary: &'static str,
    probability: f64,
    /// All classes that it belongs to, the most probable first.
    labels: Vec<&'static str>,
    /// The rules that were met, the heaviest first.
    reasons: Vec<ReasonPart>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct ReasonPart {
    category: &'static str,
    /// What it adds; negative if it speaks against the class.
    weight: f64,
    /// The words that met the rule.
    phrase: String,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct RelevancePart {
    /// 0 to 1.
    score: f64,
    /// How often it is named.
    mentions: u32,
    /// The surest way in which it is named.
    strongest: Option<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct EngagementDocument {
    /// 0 to 1; null if nothing is known.
    score: Option<f64>,
    /// Views per hour beside the channel's usual.
    reach: Option<f64>,
    likes: Option<f64>,
    comments: Option<f64>,
    missing: Vec<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct StoryPart {
    id: String,
    /// The headline of the first that told it.
    title: String,
    first_at: String,
    last_at: String,
    /// How many domains told it.
    domains: usize,
    /// The places of its texts.
    texts: Vec<usize>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct ChainPart {
    underlying: String,
    spot: Option<f64>,
    /// In the exchange's own time.
    quoted_at: String,
    /// Contracts that have not expired.
    contracts: usize,
    put_call_by_volume: Option<f64>,
    put_call_by_open_interest: Option<f64>,
    /// Implied volatility at the money, 30 days ahead.
    iv_30_days: Option<f64>,
    /// Implied volatility of the put with a delta of −0.25 less that of the call with 0.25.
    skew: Option<f64>,
    is_skew_suspect: bool,
    /// The strike at which holders get least, by expiry.
    max_pain: Vec<MaxPainPart>,
    /// Dollars of delta per move of 1 %, if dealers bought all calls and sold all puts.
    gamma_exposure: Option<f64>,
    /// Dollars traded, at mid.
    premium: f64,
    premium_calls: f64,
    premium_puts: f64,
    /// How many contracts trade unusually much.
    unusual_count: usize,
    /// The most unusual of them.
    unusual: Vec<UnusualPart>,
    /// What speaks against the chain as a whole.
    flags: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct MaxPainPart {
    expiry: String,
    strike: f64,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct UnusualPart {
    symbol: String,
    /// Volume by open interest.
    ratio: f64,
    volume: Option<u64>,
    open_interest: Option<u64>,
}

impl ScoreDocument {
    /// What `pieces` came to in `batch`, and the figures of `chains`.
    #[must_use]
    pub fn of(pieces: &[Piece], batch: &Batch, chains: &[Chain]) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            texts: pieces
                .iter()
                .zip(&batch.scored)
                .map(|(piece, scored)| TextPart::of(piece, scored))
                .collect(),
            stories: batch.stories.iter().map(|(view, members)| StoryPart::of(view, members)).collect(),
            chains: chains.iter().map(|chain| ChainPart::of(chain, &analyse(chain))).collect(),
        }
    }
}

impl TextPart {
    fn of(piece: &Piece, scored: &Scored) -> Self {
        let Scored { text, score, category, engagement, .. } = scored;
        let parts = score.contributions.iter().map(|one| PartPart {
            part: one.part.name(),
            value: one.value.map(four),
            weight: four(one.weight),
            points: four(one.points),
        });
        let feeling = text.sentiment.rounded();
        let readability = &text.readability;
        Self {
            title: piece.headline().chars().take(500).collect(),
            url: piece.url.clone(),
            published: piece.published.map(|at| at.to_string()),
            is_cut: text.is_cut,
            score: score.score.map(four),
            known: four(score.known),
            parts: parts.collect(),
            missing: score.missing().map(ContentPart::name).collect(),
            sentiment: SentimentPart {
                feeling: text.sentiment.feeling().name(),
                compound: feeling.compound,
                positive: feeling.positive,
                neutral: feeling.neutral,
                negative: feeling.negative,
            },
            tone: TonePart::of(&text.tone),
            readability: ReadabilityPart {
                reading_ease: readability.reading_ease().map(four),
                grade: readability.grade().map(four),
                sentences: readability.sentences,
                words: readability.words,
            },
            novelty: scored.novelty.as_ref().map(NoveltyPart::of),
            credibility: scored.credibility.as_ref().map(|found| CredibilityPart {
                score: four(found.score),
                domain: found.domain.clone(),
                reason: found.reason.clone(),
            }),
            category: CategoryPart {
                primary: category.primary().name(),
                probability: four(category.probability(category.primary())),
                labels: category.labels().iter().map(|label| label.name()).collect(),
                reasons: category.reasons().iter().take(TOLD).map(ReasonPart::of).collect(),
            },
            relevance: scored.relevance.as_ref().map(|found| RelevancePart {
                score: four(found.score),
                mentions: found.mentions,
                strongest: found.strongest.map(crate::Mention::name),
            }),
            engagement: EngagementDocument {
                score: engagement.score.map(four),
                reach: engagement.parts[0].map(four),
                likes: engagement.parts[1].map(four),
                comments: engagement.parts[2].map(four),
                missing: engagement.missing().map(EngagementPart::name).collect(),
            },
            story: scored.story,
        }
    }
}

impl TonePart {
    fn of(tone: &crate::Tone) -> Self {
        Self {
            balance: tone.balance().map(four),
            words: tone.words,
            positive: tone.positive,
            negative: tone.negative,
            uncertainty: tone.uncertainty,
            litigious: tone.litigious,
            constraining: tone.constraining,
            strong_modal: tone.strong_modal,
            weak_modal: tone.weak_modal,
            negated: tone.negated,
        }
    }
}

impl NoveltyPart {
    fn of(novelty: &crate::Novelty<usize>) -> Self {
        let nearest = novelty.nearest.as_ref();
        Self {
            score: four(novelty.score),
            nearest: nearest.map(|near| near.key),
            similarity: nearest.map(|near| four(near.similarity)),
            kinship: nearest.map(|near| kinship(near.kinship)),
        }
    }
}

impl ReasonPart {
    fn of(reason: &crate::category::Reason) -> Self {
        Self { category: reason.category.name(), weight: four(reason.weight), phrase: reason.phrase.clone() }
    }
}

impl StoryPart {
    fn of(view: &StoryView, members: &[usize]) -> Self {
        Self {
            id: view.id.to_string(),
            title: view.title.chars().take(500).collect(),
            first_at: view.first_at.to_string(),
            last_at: view.last_at.to_string(),
            domains: view.n_domains,
            texts: members.to_vec(),
        }
    }
}

impl ChainPart {
    fn of(chain: &Chain, report: &OptionsReport<'_>) -> Self {
        Self {
            underlying: chain.underlying.clone(),
            spot: chain.usable_spot(),
            quoted_at: chain.quoted_at.to_string(),
            contracts: report.quality.n_contracts,
            put_call_by_volume: report.put_call.by_volume.map(four),
            put_call_by_open_interest: report.put_call.by_open_interest.map(four),
            iv_30_days: report.at_the_money.as_ref().map(|at| four(at.iv)),
            skew: report.skew.as_ref().map(|skew| four(skew.skew)),
            is_skew_suspect: report.skew.as_ref().is_some_and(|skew| skew.is_suspect),
            max_pain: report
                .max_pain
                .iter()
                .map(|pain| MaxPainPart { expiry: pain.expiry.to_string(), strike: pain.strike.dollars() })
                .collect(),
            gamma_exposure: report.gamma.as_ref().map(|gamma| four(gamma.total)),
            premium: four(report.premium.total),
            premium_calls: four(report.premium.calls),
            premium_puts: four(report.premium.puts),
            unusual_count: report.unusual.len(),
            unusual: report
                .unusual
                .iter()
                .take(TOLD)
                .map(|one| UnusualPart {
                    symbol: one.contract.symbol.to_string(),
                    ratio: four(one.ratio),
                    volume: one.contract.volume,
                    open_interest: one.contract.open_interest,
                })
                .collect(),
            flags: report.quality.flags.iter().map(|flag| flag.name().to_owned()).collect(),
        }
    }
}

fn kinship(kinship: Kinship) -> &'static str {
    match kinship {
        Kinship::Loose => "similar",
        Kinship::SameStory => "same_story",
        Kinship::Duplicate => "duplicate",
        Kinship::Copy => "copy",
    }
}

/// To four decimals.
fn four(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// The JSON Schema (draft 2020-12) of a [`ScoreDocument`], as it is written.
#[cfg(feature = "schema")]
#[must_use]
pub fn score_schema() -> schemars::Schema {
    let mut settings = schemars::generate::SchemaSettings::draft2020_12();
    settings.contract = schemars::generate::Contract::Serialize;
    let mut schema = settings.into_generator().into_root_schema_for::<ScoreDocument>();
    schema.insert("title".to_owned(), "Scores of texts and option chains".into());
    schema.insert("description".to_owned(), "What `assize score --json` prints.".into());
    schema
}
