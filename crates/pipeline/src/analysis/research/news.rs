//! What was told of a company: stories, and what they were about.

use std::collections::{BTreeMap, BTreeSet};

use assize_altdata::{AsOf, Identity, Item, ItemKind};
use assize_ambient::Timestamp;
use assize_debate::EvidenceId;
use assize_signals::{
    Batch, BatchOptions, Company, Piece, Scored, TextScores, category::Category, score_batch,
};
use serde::Serialize;

use super::super::{
    Measure, Unit,
    exhibit::{cut, id_of},
};

/// Articles of so many days are looked at, and so many of them, the newest.
const DAYS: f64 = 30.0;
const MOST_ARTICLES: usize = 2_000;
/// With this many words about money the tone is taken whole; with fewer in proportion.
const TONE_WORDS: f64 = 3.0;
const MOST_STORIES: usize = 8;
const MOST_CITED: usize = 6;
/// Advertisements tell nothing.
const NOT_COUNTED: Category = Category::Promotion;

/// Something that was told.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StoryNote {
    /// The headline that it began with. Text from outside.
    pub headline: String,
    /// What it is about.
    pub category: &'static str,
    /// How many articles tell it, and on how many sites.
    pub articles: u32,
    /// The sites.
    pub sites: usize,
    /// When the first of them was known.
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Moment"))]
    pub first_at: Timestamp,
    /// How it feels, from −1 to 1.
    pub tone: f64,
    /// Its articles, the earliest first.
    pub cites: Vec<EvidenceId>,
}

/// What news of one category say.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CategoryNote {
    /// The category.
    pub category: &'static str,
    /// How many articles.
    pub articles: usize,
    /// How they feel in the mean, from −1 to 1.
    pub tone: f64,
    /// The newest of them.
    pub cites: Vec<EvidenceId>,
}

#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) stories: Vec<StoryNote>,
    pub(super) categories: Vec<CategoryNote>,
    pub(super) measures: Vec<Measure>,
}

/// The stories and categories of the articles about the company of this card; of all, where there is no card.
pub(super) fn read(known: &[&Item], card: Option<&Identity>, as_of: &AsOf) -> Told {
    let now = as_of.moment();
    let is_new = |item: &Item| now.duration_since(item.available_at.latest).as_secs_f64() <= DAYS * 86_400.0;
    let mut seen = BTreeSet::new();
    let mut articles: Vec<(Timestamp, EvidenceId, Piece)> = known
        .iter()
        .filter(|item| is_new(item))
        .filter_map(|item| match &item.kind {
            ItemKind::Article(article) => {
                let url = if article.domain.is_empty() { &article.link } else { &article.domain };
                let piece = Piece {
                    title: article.title.clone(),
                    text: article.summary.clone(),
                    url: url.clone(),
                    published: Some(item.available_at.latest),
                    ..Piece::default()
                };
                Some((item.available_at.latest, id_of(item), piece))
            }
            _ => None,
        })
        .filter(|(_, id, _)| seen.insert(id.clone()))
        .collect();
    articles.sort_by(|(a, x, _), (b, y, _)| (a, x).cmp(&(b, y)));
    articles.drain(..articles.len().saturating_sub(MOST_ARTICLES));
    let company = card.and_then(|card| Company::new(card.ticker.as_str(), [card.name.as_str()]).ok());
    let is_named = company.is_some();
    let options = BatchOptions { company, ..BatchOptions::at(now) };
    let (ids, pieces): (Vec<EvidenceId>, Vec<Piece>) =
        articles.into_iter().map(|(_, id, piece)| (id, piece)).unzip();
    let Ok(batch) = score_batch(&pieces, &options) else { return Told::default() };
    let counts = |scored: &Scored| {
        let is_about = !is_named || scored.relevance.as_ref().is_some_and(|found| found.score > 0.0);
        is_about && scored.category.primary() != NOT_COUNTED
    };
    let counted: BTreeSet<usize> = (0..batch.scored.len()).filter(|at| counts(&batch.scored[*at])).collect();
    Told {
        stories: stories(&batch, &ids, &counted),
        categories: categories(&batch, &ids, &counted),
        measures: tone(&batch, &ids, &counted).into_iter().collect(),
    }
}

fn stories(batch: &Batch, ids: &[EvidenceId], counted: &BTreeSet<usize>) -> Vec<StoryNote> {
    let mut stories: Vec<StoryNote> = batch
        .stories
        .iter()
        .filter_map(|(view, members)| {
            let members: Vec<usize> = members.iter().copied().filter(|at| counted.contains(at)).collect();
            let first = *members.first()?;
            Some(StoryNote {
                headline: cut(&view.title, 200),
                category: batch.scored[first].category.primary().name(),
                articles: view.n_items,
                sites: view.n_domains,
                first_at: view.first_at,
                tone: mean_tone(batch, &members),
                cites: members.iter().take(MOST_CITED).map(|at| ids[*at].clone()).collect(),
            })
        })
        .collect();
    stories.sort_by(|a, b| {
        let size = |story: &StoryNote| (story.articles, story.sites, story.first_at);
        size(b).cmp(&size(a)).then_with(|| a.cites.cmp(&b.cites))
    });
    stories.truncate(MOST_STORIES);
    stories
}

fn categories(batch: &Batch, ids: &[EvidenceId], counted: &BTreeSet<usize>) -> Vec<CategoryNote> {
    let mut by_category: BTreeMap<Category, Vec<usize>> = BTreeMap::new();
    for at in counted {
        by_category.entry(batch.scored[*at].category.primary()).or_default().push(*at);
    }
    let note = |(category, members): (Category, Vec<usize>)| CategoryNote {
        category: category.name(),
        articles: members.len(),
        tone: mean_tone(batch, &members),
        cites: members.iter().rev().take(MOST_CITED).map(|at| ids[*at].clone()).collect(),
    };
    by_category.into_iter().map(note).collect()
}

fn tone(batch: &Batch, ids: &[EvidenceId], counted: &BTreeSet<usize>) -> Option<Measure> {
    const FEWEST: usize = 3;
    let members: Vec<usize> = counted.iter().copied().collect();
    if members.len() < FEWEST {
        return None;
    }
    let how = format!("the mean of {} articles of the last {DAYS:.0} days, from -1 to 1", members.len());
    let newest = members.iter().rev().map(|at| ids[*at].clone());
    Measure::new("res.tone", "tone of the news", (mean_tone(batch, &members), Unit::Number), &how, newest)
}

fn mean_tone(batch: &Batch, members: &[usize]) -> f64 {
    let sum: f64 = members.iter().map(|at| feeling(&batch.scored[*at].text)).sum();
    #[expect(clippy::cast_precision_loss, reason = "articles, not astronomy")]
    let n = members.len().max(1) as f64;
    sum / n
}

/// How a text feels, from −1 to 1: the tone of its words about money in proportion to how many they are, and for the rest half of
/// what VADER feels, which was made for another sort of text.
fn feeling(scores: &TextScores) -> f64 {
    let (balance, words) = (scores.tone.balance(), f64::from(scores.tone.positive + scores.tone.negative));
    let certain = (words / TONE_WORDS).min(1.0);
    balance.unwrap_or(0.0) * certain + 0.5 * scores.sentiment.compound * (1.0 - certain)
}
