//! Many texts at once: each scored beside the others, and grouped by the stories that they tell.

mod document;

pub use document::ScoreDocument;
#[cfg(feature = "schema")]
pub use document::score_schema;

use jiff::{SignedDuration, Timestamp};

use crate::category::{Article, Classification, Classifier};
use crate::story::{Stories, StoryItem, StoryView, entities_of};
use crate::{
    Company, ContentParts, ContentScore, Credibility, CredibilityTable, Engagement, Error, FinanceLexicon,
    Novelty, NoveltyIndex, NoveltySettings, Post, Relevance, TextScores, content_score, engagement,
    relevance,
};

/// The most texts of one batch.
pub const MAX_BATCH: usize = 100_000;

/// A text, or a post or a film, as it is handed in. What is not known is empty or `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Piece {
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// Where it stands: an address or a bare host.
    pub url: String,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// The items of an 8-K (`2.02,9.01`).
    pub items: String,
    /// How often it was seen, liked and answered. The age follows from when it was published.
    pub post: Post,
}

/// Beside what texts are scored.
#[derive(Debug, Clone)]
pub struct BatchOptions {
    /// The company that they should be about, if there is one.
    pub company: Option<Company>,
    /// The words about money.
    pub lexicon: FinanceLexicon,
    /// Whose word goes how far.
    pub credibility: CredibilityTable,
    /// From when their age is counted.
    pub now: Timestamp,
}

impl BatchOptions {
    /// Our own tables, and no company.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        let (lexicon, credibility) = (FinanceLexicon::own().clone(), CredibilityTable::own().clone());
        Self { company: None, lexicon, credibility, now }
    }
}

/// What was found of one text.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Sentiment, tone, readability.
    pub text: TextScores,
    /// How new it is beside those that came before it; `None` without words. The key is the place of the nearest.
    pub novelty: Option<Novelty<usize>>,
    /// How far its publisher's word goes; `None` if it is not known who that is.
    pub credibility: Option<Credibility>,
    /// What it is about.
    pub category: Classification,
    /// How much it is about the company, if there is one.
    pub relevance: Option<Relevance>,
    /// How much it moves people.
    pub engagement: Engagement,
    /// All of it in one figure.
    pub score: ContentScore,
    /// The place of its story in [`Batch::stories`].
    pub story: usize,
}

/// What was found of all.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// In the order in which they were handed in.
    pub scored: Vec<Scored>,
    /// The stories, in the order in which they began; each with the places of its texts.
    pub stories: Vec<(StoryView, Vec<usize>)>,
}

/// Scores `pieces`, each beside those that were published before it. What has no date, or one that lies after
/// [`now`](BatchOptions::now), is taken to be of now where an order is needed, and its recency is unknown.
///
/// ```
/// use assize_signals::{BatchOptions, Piece, score_batch};
///
/// let piece = |title: &str| Piece { title: title.to_owned(), url: "https://www.reuters.com/x".to_owned(), ..Piece::default() };
/// let pieces = [piece("Acme beats estimates as profits soar"), piece("Acme beats estimates as profits soar")];
/// let batch = score_batch(&pieces, &BatchOptions::at("2026-01-02T12:00:00Z".parse()?))?;
/// assert_eq!(batch.scored[0].novelty.as_ref().map(|new| new.score), Some(1.0));
/// assert_eq!(batch.scored[1].novelty.as_ref().map(|new| new.score), Some(0.0));
/// assert_eq!((batch.stories.len(), batch.stories[0].1.len()), (1, 2));
/// assert_eq!(batch.scored[0].category.primary().name(), "earnings");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for more than [`MAX_BATCH`].
pub fn score_batch(pieces: &[Piece], options: &BatchOptions) -> Result<Batch, Error> {
    if pieces.len() > MAX_BATCH {
        let message = format!("score {} texts at once: {MAX_BATCH} are the limit", pieces.len());
        return Err(crate::ErrorKind::TooLarge.error(message));
    }
    let wholes: Vec<String> = pieces.iter().map(Piece::whole).collect();
    let known_at: Vec<Timestamp> =
        pieces.iter().map(|piece| piece.published.map_or(options.now, |at| at.min(options.now))).collect();
    let texts: Vec<TextScores> = wholes.iter().map(|whole| TextScores::of(whole, &options.lexicon)).collect();
    let novelties = novelties(&texts, &known_at)?;
    let judged = pieces.iter().zip(&wholes).zip(texts.into_iter().zip(novelties));
    let mut scored: Vec<Scored> =
        judged.map(|((piece, whole), (text, novelty))| score(piece, whole, text, novelty, options)).collect();
    let stories = group(pieces, &wholes, &known_at, &mut scored);
    Ok(Batch { scored, stories })
}

impl Piece {
    /// Title and text as one.
    fn whole(&self) -> String {
        match (self.title.trim(), self.text.trim()) {
            ("", text) => text.to_owned(),
            (title, "") => title.to_owned(),
            // A title is a sentence, whether it ends like one or not.
            (title, text) if title.ends_with(['.', '!', '?']) => format!("{title} {text}"),
            (title, text) => format!("{title}. {text}"),
        }
    }

    /// What a headline is, where there is no title: the first line of the text.
    fn headline(&self) -> &str {
        let title = self.title.trim();
        if title.is_empty() { self.text.trim().lines().next().unwrap_or_default() } else { title }
    }
}

fn novelties(texts: &[TextScores], known_at: &[Timestamp]) -> Result<Vec<Option<Novelty<usize>>>, Error> {
    let settings = NoveltySettings { capacity: texts.len().max(1), ..NoveltySettings::default() };
    let mut index = NoveltyIndex::new(settings)?;
    let mut order: Vec<usize> = (0..texts.len()).collect();
    order.sort_by_key(|&at| (known_at[at], at));
    let mut found = vec![None; texts.len()];
    for at in order {
        let print = texts[at].fingerprint.clone();
        found[at] = print.map(|print| index.insert_and_score_print(at, known_at[at], print));
    }
    Ok(found)
}

fn score(
    piece: &Piece,
    whole: &str,
    text: TextScores,
    novelty: Option<Novelty<usize>>,
    options: &BatchOptions,
) -> Scored {
    let age_hours = piece.published.map(|at| hours(options.now.duration_since(at)));
    let credibility = (!piece.url.trim().is_empty()).then(|| options.credibility.of(piece.url.trim()));
    let (title, body) = if piece.title.trim().is_empty() {
        (piece.headline(), piece.text.trim().split_once('\n').map_or("", |(_, rest)| rest))
    } else {
        (piece.title.trim(), piece.text.trim())
    };
    let category = Classifier::embedded().classify(&Article { title, body, items: &piece.items });
    let relevance = options.company.as_ref().map(|company| relevance(whole, company));
    let engagement = engagement(&Post { age_hours: age_hours.filter(|age| *age >= 0.0), ..piece.post });
    let parts = ContentParts {
        relevance: relevance.as_ref().map(|found| found.score),
        credibility: credibility.as_ref().map(|found| found.score),
        novelty: novelty.as_ref().map(|found| found.score),
        engagement: engagement.score,
        age_hours,
        readability: text.readability.ease(),
    };
    Scored {
        text,
        novelty,
        credibility,
        category,
        relevance,
        engagement,
        score: content_score(&parts),
        story: 0,
    }
}

fn hours(time: SignedDuration) -> f64 {
    time.as_secs_f64() / 3_600.0
}

/// Groups the texts by their stories, and tells each its own.
fn group(
    pieces: &[Piece],
    wholes: &[String],
    known_at: &[Timestamp],
    scored: &mut [Scored],
) -> Vec<(StoryView, Vec<usize>)> {
    let domains: Vec<String> = pieces.iter().map(|piece| domain(&piece.url)).collect();
    let named: Vec<Vec<String>> = wholes
        .iter()
        .zip(scored.iter())
        .map(|(whole, scored)| {
            // The company itself, however it is named; else what begins with a capital.
            let is_named = scored.relevance.as_ref().is_some_and(|found| found.mentions > 0);
            if is_named { vec!["the company".to_owned()] } else { entities_of(head(whole)) }
        })
        .collect();
    let refs: Vec<Vec<&str>> = named.iter().map(|names| names.iter().map(String::as_str).collect()).collect();
    let items: Vec<StoryItem<'_>> = (0..pieces.len())
        .map(|at| StoryItem {
            at: known_at[at],
            domain: &domains[at],
            text: pieces[at].headline(),
            entities: &refs[at],
        })
        .collect();
    let most = pieces.len().max(1);
    let mut stories = Stories::new(crate::story::StoryOptions { max_stories: most, ..Default::default() });
    let assigned = stories.insert_all(&items);
    let mut groups: Vec<(crate::story::StoryId, Vec<usize>)> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    for (at, assigned) in assigned.iter().enumerate() {
        let place = *places.entry(assigned.story).or_insert_with(|| {
            groups.push((assigned.story, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(at);
    }
    let mut told: Vec<(StoryView, Vec<usize>)> = groups
        .into_iter()
        .map(|(id, members)| (view(&stories, id, &members, pieces, &domains, known_at), members))
        .collect();
    told.sort_by(|(one, of_one), (other, of_other)| (one.first_at, of_one).cmp(&(other.first_at, of_other)));
    for (story, (_, members)) in told.iter().enumerate() {
        for member in members {
            scored[*member].story = story;
        }
    }
    told
}

/// A story as it is remembered, or as its members tell where it has been quiet too long to be.
fn view(
    stories: &Stories,
    id: crate::story::StoryId,
    members: &[usize],
    pieces: &[Piece],
    domains: &[String],
    known_at: &[Timestamp],
) -> StoryView {
    let first = members.iter().copied().min_by_key(|at| (known_at[*at], *at)).unwrap_or_default();
    let mut own: Vec<&str> =
        members.iter().map(|at| domains[*at].as_str()).filter(|name| !name.is_empty()).collect();
    own.sort_unstable();
    own.dedup();
    let remembered = stories.story(id);
    StoryView {
        id,
        first_at: known_at[first],
        last_at: members.iter().map(|at| known_at[*at]).max().unwrap_or(known_at[first]),
        title: pieces[first].headline().to_owned(),
        n_items: u32::try_from(members.len()).unwrap_or(u32::MAX),
        n_domains: own.len(),
        entities: remembered.map(|story| story.entities).unwrap_or_default(),
    }
}

/// The host of an address, without `www.`.
fn domain(url: &str) -> String {
    let rest = url.trim().split_once("://").map_or(url.trim(), |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host).to_lowercase();
    host.strip_prefix("www.").unwrap_or(&host).chars().take(255).collect()
}

/// The beginning of a text: who it is about is said there.
fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(2_000)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(title: &str, url: &str, published: &str) -> Piece {
        let published = published.parse().ok();
        Piece { title: title.to_owned(), url: url.to_owned(), published, ..Piece::default() }
    }

    fn options() -> BatchOptions {
        let company = Company::new("CLX", ["Clorox"]).unwrap();
        BatchOptions { company: Some(company), ..BatchOptions::at("2026-07-24T18:00:00Z".parse().unwrap()) }
    }

    #[test]
    fn one_story_of_three_and_another() {
        let pieces = [
            piece(
                "After cyberattack, Clorox cuts its outlook",
                "https://b.example/1",
                "2026-07-24T13:00:00Z",
            ),
            piece(
                "Clorox cuts outlook after cyberattack",
                "https://www.reuters.com/2",
                "2026-07-24T12:00:00Z",
            ),
            piece("Clorox names new finance chief", "https://b.example/3", "2026-07-24T14:00:00Z"),
            piece("Clorox cuts outlook after cyberattack", "https://c.example/4", "2026-07-24T15:00:00Z"),
        ];
        let batch = score_batch(&pieces, &options()).unwrap();
        let groups: Vec<_> = batch.stories.iter().map(|(_, members)| members.clone()).collect();
        assert_eq!(groups, [vec![0, 1, 3], vec![2]]);
        assert_eq!(batch.stories[0].0.title, pieces[1].title, "the first to tell it");
        assert_eq!((batch.stories[0].0.n_domains, batch.stories[0].0.n_items), (3, 3));
        assert_eq!(batch.scored.iter().map(|one| one.story).collect::<Vec<_>>(), [0, 0, 1, 0]);
        let new: Vec<f64> = batch.scored.iter().map(|one| one.novelty.as_ref().unwrap().score).collect();
        assert_eq!((new[1], new[3]), (1.0, 0.0), "the order of time counts, not that of the list");
        assert!(
            batch.scored[1].credibility.as_ref().unwrap().score
                > batch.scored[0].credibility.as_ref().unwrap().score
        );
        assert!(batch.scored.iter().all(|one| one.relevance.as_ref().unwrap().score > 0.5));
    }

    #[test]
    fn what_is_not_known_is_missing_and_named() {
        let bare = Piece { text: "Acme rose.".to_owned(), ..Piece::default() };
        let late = Piece { published: "2027-01-01T00:00:00Z".parse().ok(), ..bare.clone() };
        let empty = Piece::default();
        let batch =
            score_batch(&[bare, late, empty], &BatchOptions::at("2026-07-24T18:00:00Z".parse().unwrap()))
                .unwrap();
        let missing: Vec<&str> = batch.scored[0].score.missing().map(crate::ContentPart::name).collect();
        assert_eq!(missing, ["relevance", "credibility", "engagement", "recency", "readability"]);
        assert!(
            batch.scored[1].score.missing().any(|part| part == crate::ContentPart::Recency),
            "of the future"
        );
        assert_eq!((batch.scored[2].score.score, batch.scored[2].novelty.is_none()), (None, true));
        assert_eq!(
            batch.stories.iter().map(|(_, members)| members.len()).sum::<usize>(),
            3,
            "each is in one story"
        );
        assert!(score_batch(&[], &options()).unwrap().stories.is_empty());
    }

    /// Old stories leave the memory of the finder, and stay in the batch.
    #[test]
    fn a_story_of_long_ago_is_told_too() {
        let pieces = [
            piece("Acme recalls its anvils", "a.example", "2020-01-01T00:00:00Z"),
            piece("Acme opens a plant in Ohio", "a.example", "2026-07-24T00:00:00Z"),
        ];
        let batch = score_batch(&pieces, &options()).unwrap();
        assert_eq!(batch.stories[0].0.title, "Acme recalls its anvils");
        assert_eq!(batch.stories[0].0.first_at.to_string(), "2020-01-01T00:00:00Z");
    }
}
