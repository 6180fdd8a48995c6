//! What was written and shown about a company, with what its words tell.

use std::collections::BTreeMap;

use assize_altdata::{AsOf, Item, ItemKind, Ticker, Video};
use assize_debate::Evidence;
use assize_signals::{
    Company, ContentParts, CredibilityTable, FinanceLexicon, NoveltyIndex, NoveltySettings,
    Post as Reactions, TextScores, content_score, engagement, relevance,
};
use serde::{Deserialize, Serialize};

use super::{ARTICLE, POST, VIDEO, line};

/// How many of each kind.
const MOST: [(&str, usize); 3] = [(ARTICLE, 40), (POST, 40), (VIDEO, 10)];
const DAYS: f64 = 14.0;
/// So many texts are scored, the newest.
const MOST_SCORED: usize = 4_000;
/// With this many words about money the tone is taken whole; with fewer in proportion.
const TONE_WORDS: f64 = 3.0;

/// The data of a text: how it feels, and how far that counts. What is not known is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextData {
    /// From −1 to 1.
    pub(crate) feeling: f64,
    /// From 0 to 1, as all that follow.
    pub(crate) credibility: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) novelty: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) relevance: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) engagement: Option<f64>,
    /// What the writer ticked: whether the price shall rise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) is_bullish: Option<bool>,
}

/// An item's text, in parts that others share.
struct Text<'a> {
    item: &'a Item,
    kind: &'static str,
    head: &'a str,
    body: &'a str,
    link: &'a str,
    is_bullish: Option<bool>,
    reactions: Reactions,
}

pub(super) fn evidence(known: &[&Item], as_of: &AsOf) -> Vec<Evidence> {
    let age = |item: &Item| as_of.moment().duration_since(item.available_at.latest).as_secs_f64() / 3_600.0;
    let usual = usual_views(known, &age);
    let mut texts: Vec<Text<'_>> = known
        .iter()
        .filter(|item| age(item) <= 24.0 * DAYS)
        .filter_map(|item| text_of(item, age(item), &usual))
        .collect();
    // From the oldest, so that each is held against those before it; the newest stay.
    texts.sort_by(|a, b| {
        (a.item.available_at.latest, a.item.id).cmp(&(b.item.available_at.latest, b.item.id))
    });
    texts.drain(..texts.len().saturating_sub(MOST_SCORED));
    if texts.is_empty() {
        return Vec::new();
    }
    let companies = companies(known);
    let settings = NoveltySettings { capacity: texts.len(), ..NoveltySettings::default() };
    let mut index = NoveltyIndex::new(settings).ok();
    let mut scored: Vec<(f64, Evidence)> = Vec::with_capacity(texts.len());
    for text in &texts {
        let whole = format!("{}\n{}", text.head, text.body);
        let scores = TextScores::of(&whole, FinanceLexicon::own());
        let at = text.item.available_at.latest;
        let print = scores.fingerprint.clone();
        let novelty =
            index.as_mut().zip(print).map(|(index, print)| index.insert_and_score_print((), at, print).score);
        let about = companies.get(&text.item.ticker).map(|company| relevance(&whole, company).score);
        let data = TextData {
            feeling: feeling(&scores),
            credibility: CredibilityTable::own().of(text.link).score,
            novelty,
            relevance: about,
            engagement: engagement(&text.reactions).score,
            is_bullish: text.is_bullish,
        };
        let parts = ContentParts {
            relevance: data.relevance,
            credibility: Some(data.credibility),
            novelty,
            engagement: data.engagement,
            age_hours: Some(age(text.item)),
            readability: scores.readability.ease(),
        };
        let score = content_score(&parts).score.unwrap_or(0.0);
        scored.push((score, of(text, data)));
    }
    scored.sort_by(|(a, x), (b, y)| {
        b.total_cmp(a).then_with(|| y.available_at.cmp(&x.available_at)).then_with(|| x.id.cmp(&y.id))
    });
    let of_kind = |(kind, most): (&'static str, usize)| {
        scored.iter().filter(move |(_, evidence)| evidence.kind == kind).take(most).map(|(_, e)| e.clone())
    };
    MOST.into_iter().flat_map(of_kind).collect()
}

/// How a text feels, from −1 to 1: the tone of its words about money in proportion to how many they are, and for the rest
/// half of what VADER feels, which was made for another sort of text.
fn feeling(scores: &TextScores) -> f64 {
    let (balance, words) = (scores.tone.balance(), f64::from(scores.tone.positive + scores.tone.negative));
    let certain = (words / TONE_WORDS).min(1.0);
    balance.unwrap_or(0.0) * certain + 0.5 * scores.sentiment.compound * (1.0 - certain)
}

fn text_of<'a>(item: &'a Item, age_hours: f64, usual: &BTreeMap<&str, f64>) -> Option<Text<'a>> {
    let reactions = Reactions { age_hours: Some(age_hours.max(0.0)), ..Reactions::default() };
    Some(match &item.kind {
        ItemKind::Article(article) => Text {
            item,
            kind: ARTICLE,
            head: &article.title,
            body: &article.summary,
            link: if article.domain.is_empty() { &article.link } else { &article.domain },
            is_bullish: None,
            reactions,
        },
        ItemKind::Post(post) => Text {
            item,
            kind: POST,
            head: &post.title,
            body: &post.text,
            link: &post.link,
            is_bullish: post.is_bullish,
            reactions: Reactions {
                likes: post.score.map(|score| u64::try_from(score).unwrap_or(0)),
                comments: post.comments,
                ..reactions
            },
        },
        ItemKind::Video(video) => Text {
            item,
            kind: VIDEO,
            head: &video.title,
            body: &video.description,
            link: &video.link,
            is_bullish: None,
            reactions: Reactions {
                views: video.views,
                likes: video.likes,
                comments: video.comments,
                usual_views_per_hour: usual.get(video.channel.as_str()).copied(),
                ..reactions
            },
        },
        _ => return None,
    })
}

/// The median of the views per hour of each channel that has three films or more.
fn usual_views<'a>(known: &[&'a Item], age: &dyn Fn(&Item) -> f64) -> BTreeMap<&'a str, f64> {
    let mut channels: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for item in known {
        if let ItemKind::Video(Video { channel, views: Some(views), .. }) = &item.kind {
            #[expect(clippy::cast_precision_loss, reason = "views, far below 2^53")]
            channels.entry(channel).or_default().push(*views as f64 / age(item).max(1.0));
        }
    }
    channels.retain(|_, rates| rates.len() >= 3);
    let median = |mut rates: Vec<f64>| {
        rates.sort_by(f64::total_cmp);
        f64::midpoint(rates[(rates.len() - 1) / 2], rates[rates.len() / 2])
    };
    channels.into_iter().map(|(channel, rates)| (channel, median(rates))).collect()
}

/// The companies by what they are called; those of whom only the ticker is known are left out: that is too little to say that
/// a text is not about them.
fn companies(known: &[&Item]) -> BTreeMap<Ticker, Company> {
    let card = |item: &&Item| match &item.kind {
        ItemKind::Identity(card) => {
            let company = Company::new(item.ticker.as_str(), [card.name.as_str()]).ok()?;
            Some((item.ticker.clone(), company))
        }
        _ => None,
    };
    known.iter().filter_map(card).collect()
}

fn of(text: &Text<'_>, data: TextData) -> Evidence {
    let item = text.item;
    let sort = match (&item.kind, data.is_bullish) {
        (ItemKind::Article(article), _) => article.domain.clone(),
        (ItemKind::Post(post), Some(true)) => format!("{}, ticked bullish", post.site),
        (ItemKind::Post(post), Some(false)) => format!("{}, ticked bearish", post.site),
        (ItemKind::Post(post), None) => post.site.clone(),
        _ => "video".to_owned(),
    };
    let joint = if text.head.is_empty() || text.body.is_empty() { "" } else { " | " };
    let words = format!("{} ({sort}): {}{joint}{}", item.ticker, text.head, text.body);
    line(item, text.kind, item.ticker.as_str(), &words, data)
}
