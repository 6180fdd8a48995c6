//! The stories that are alive, and how an item finds its own among them.

mod matching;
mod upkeep;

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use rustc_hash::{FxHashMap, FxHashSet};

use super::burst::{Burst, Hours, z};
use super::entities::entities_of;
use super::index::Postings;
use super::interner::Interner;

const HOUR: i64 = 3_600;
/// Words that are read of an item.
const WORDS: usize = 256;
/// Terms that a story keeps.
const TERMS: usize = 48;
/// Entities that an item brings, and a story keeps.
const ENTITIES: usize = 16;
/// The rarest terms of an item that are looked up.
const LOOKED_UP: usize = 8;
/// Stories that are looked at per term.
const PER_TERM: usize = 256;
/// Stories whose likeness is computed in full.
const CANDIDATES: usize = 64;
/// Fingerprints and domains that a story remembers; later ones are not counted.
const REMEMBERED: usize = 4_096;
/// Bytes of a title that are kept.
const TITLE: usize = 300;

/// An item that may tell of an event.
#[derive(Debug, Clone, Copy)]
pub struct StoryItem<'a> {
    /// When the world could know it.
    pub at: Timestamp,
    /// Who says so: a host.
    pub domain: &'a str,
    /// The headline, perhaps with the first sentences. 256 words are read.
    pub text: &'a str,
    /// Whom it is about: tickers or names, at most 16. If there are none, they are [guessed](entities_of).
    pub entities: &'a [&'a str],
}

/// The id of a story: made of its first item's time and words, so that it is the same in every run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoryId(u64);

impl fmt::Display for StoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "story-{:016x}", self.0)
    }
}

/// Thresholds and bounds. What makes no sense is moved to the nearest that does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StoryOptions {
    /// The least cosine of an item and its story, from 0.05 to 1.
    pub similarity: f64,
    /// The most hours between an item and its story, from 1 to 720.
    pub gap_hours: u16,
    /// The hours in which items make a burst, from 1 to 48.
    pub window_hours: u16,
    /// The hours before the window that say what is usual, from one window to 672.
    pub baseline_hours: u16,
    /// The least z of a burst.
    pub burst_z: f64,
    /// The least domains of a burst.
    pub burst_domains: usize,
    /// The most stories alive, and the most entities whose past is known, from 1 to a million.
    pub max_stories: usize,
}

impl Default for StoryOptions {
    fn default() -> Self {
        Self {
            similarity: 0.5,
            gap_hours: 48,
            window_hours: 6,
            baseline_hours: 168,
            burst_z: 3.0,
            burst_domains: 3,
            max_stories: 200_000,
        }
    }
}

impl StoryOptions {
    fn sensible(mut self) -> Self {
        self.similarity = if self.similarity.is_nan() { 0.5 } else { self.similarity.clamp(0.05, 1.0) };
        self.gap_hours = self.gap_hours.clamp(1, 720);
        self.window_hours = self.window_hours.clamp(1, 48);
        self.baseline_hours = self.baseline_hours.clamp(self.window_hours, 672);
        self.max_stories = self.max_stories.clamp(1, 1_000_000);
        self
    }

    fn gap(&self) -> i64 {
        i64::from(self.gap_hours) * HOUR
    }

    fn window(&self) -> i64 {
        i64::from(self.window_hours) * HOUR
    }

    fn baseline(&self) -> i64 {
        i64::from(self.baseline_hours) * HOUR
    }
}

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assigned {
    /// Its story.
    pub story: StoryId,
    /// Whether it began the story.
    pub is_new: bool,
    /// Whether its domain had said the same words before: then it was not counted.
    pub is_duplicate: bool,
    /// The cosine to the story before the item joined it; of the most similar one if it joined none.
    pub similarity: f64,
    /// How unusual the attention to the story is now.
    pub burst: Burst,
}

/// A story to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct StoryView {
    /// Its id.
    pub id: StoryId,
    /// The earliest item.
    pub first_at: Timestamp,
    /// The latest item.
    pub last_at: Timestamp,
    /// The beginning of the text that it was begun with.
    pub title: String,
    /// Items, the same words from the same domain once.
    pub n_items: u32,
    /// Domains that tell it.
    pub n_domains: usize,
    /// Whom it is about.
    pub entities: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct Story {
    id: u64,
    tenancy: u32,
    is_alive: bool,
    first_at: i64,
    last_at: i64,
    title: Box<str>,
    n_items: u32,
    /// Sorted by term.
    weights: Vec<(u32, f64)>,
    /// Sorted.
    entities: Vec<u32>,
    seen: FxHashSet<u64>,
    domains: FxHashSet<u64>,
    hours: Hours,
}

/// Groups items into stories as they come in. See the [module's documentation](super).
#[derive(Debug, Clone)]
pub struct Stories {
    options: StoryOptions,
    stories: Vec<Story>,
    free: Vec<u32>,
    by_id: FxHashMap<u64, u32>,
    /// By the time of the last item: who leaves first.
    quiet: BTreeSet<(i64, u64)>,
    terms: Interner,
    postings: Postings,
    entities: Interner,
    pasts: Vec<Hours>,
    /// By the last hour: whose past is forgotten first.
    idle: BTreeSet<(i64, u32)>,
    /// ln(n), to be looked up.
    logs: Vec<f64>,
    /// For each place the round in which it was touched last, and what it collected.
    scratch: Vec<(u64, f64)>,
    round: u64,
    begun_at: Option<i64>,
    newest: i64,
}

impl Default for Stories {
    fn default() -> Self {
        Self::new(StoryOptions::default())
    }
}

impl Stories {
    /// None yet.
    #[must_use]
    pub fn new(options: StoryOptions) -> Self {
        Self {
            options: options.sensible(),
            stories: Vec::new(),
            free: Vec::new(),
            by_id: FxHashMap::default(),
            quiet: BTreeSet::new(),
            terms: Interner::default(),
            postings: Postings::default(),
            entities: Interner::default(),
            pasts: Vec::new(),
            idle: BTreeSet::new(),
            logs: vec![0.0, 0.0],
            scratch: Vec::new(),
            round: 0,
            begun_at: None,
            newest: i64::MIN,
        }
    }

    /// How many stories are alive.
    #[must_use]
    pub fn len(&self) -> usize {
        self.quiet.len()
    }

    /// Whether no story is alive.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.quiet.is_empty()
    }

    /// How many different terms the stories hold.
    #[must_use]
    pub fn n_terms(&self) -> usize {
        self.terms.len()
    }

    /// Adds items, sorted by time, then text, then domain. The answers come in the order in which the items were given.
    pub fn insert_all(&mut self, items: &[StoryItem<'_>]) -> Vec<Assigned> {
        let mut order: Vec<usize> = (0..items.len()).collect();
        order.sort_by(|&a, &b| {
            let key = |at: usize| (items[at].at, items[at].text, items[at].domain, items[at].entities);
            key(a).cmp(&key(b))
        });
        let mut answers: Vec<(usize, Assigned)> =
            order.into_iter().map(|at| (at, self.insert(&items[at]))).collect();
        answers.sort_by_key(|(at, _)| *at);
        answers.into_iter().map(|(_, assigned)| assigned).collect()
    }

    /// Adds an item to the story that it belongs to, or begins one.
    pub fn insert(&mut self, item: &StoryItem<'_>) -> Assigned {
        let at = item.at.as_second();
        self.begun_at = Some(self.begun_at.map_or(at, |begun| begun.min(at)));
        self.newest = self.newest.max(at);
        self.retire();
        let entities = named(item);
        let vector = self.vector(item.text);
        let numbers = self.held(&entities);
        let best = self.most_like(&vector, &numbers, entities.is_empty(), at);
        let similarity = best.map_or(0.0, |(_, similarity)| similarity);
        let joined = best.filter(|(_, similarity)| *similarity >= self.options.similarity);
        let place = joined.map_or_else(|| self.begin(item, at), |(place, _)| place);
        let is_duplicate = !self.count(place, item, at);
        if !is_duplicate {
            self.learn(place, &vector, &entities, at);
        }
        let story = &self.stories[place as usize];
        Assigned {
            story: StoryId(story.id),
            is_new: joined.is_none(),
            is_duplicate,
            similarity,
            burst: self.burst(story, at.max(story.last_at)),
        }
    }

    /// A story, if it is alive.
    #[must_use]
    pub fn story(&self, id: StoryId) -> Option<StoryView> {
        self.by_id.get(&id.0).map(|&place| self.view(&self.stories[place as usize]))
    }

    /// How unusual the attention to a story is at `now`, if it is alive.
    #[must_use]
    pub fn burst_of(&self, id: StoryId, now: Timestamp) -> Option<Burst> {
        self.by_id.get(&id.0).map(|&place| self.burst(&self.stories[place as usize], now.as_second()))
    }

    /// The stories that burst at `now`, the most unusual first.
    #[must_use]
    pub fn bursting(&self, now: Timestamp) -> Vec<(StoryView, Burst)> {
        let alive = self.stories.iter().filter(|story| story.is_alive);
        let bursts = alive.map(|story| (story, self.burst(story, now.as_second())));
        let mut found: Vec<_> = bursts.filter(|(_, burst)| burst.is_burst).collect();
        found.sort_by(|(a, of_a), (b, of_b)| of_b.z.total_cmp(&of_a.z).then(a.id.cmp(&b.id)));
        found.into_iter().map(|(story, burst)| (self.view(story), burst)).collect()
    }

    fn view(&self, story: &Story) -> StoryView {
        let moment = |at| Timestamp::from_second(at).unwrap_or_default();
        let mut entities: Vec<String> =
            story.entities.iter().map(|&entity| self.entities.name(entity).to_owned()).collect();
        entities.sort_unstable();
        StoryView {
            id: StoryId(story.id),
            first_at: moment(story.first_at),
            last_at: moment(story.last_at),
            title: story.title.as_ref().to_owned(),
            n_items: story.n_items,
            n_domains: story.domains.len(),
            entities,
        }
    }

    fn burst(&self, story: &Story, now: i64) -> Burst {
        let options = &self.options;
        // Buckets are hours: the window ends with the one that `now` lies in.
        let from = now - options.window() + HOUR;
        let n = story.hours.between(from, now + HOUR);
        let known = (from - self.begun_at.unwrap_or(from)).clamp(0, options.baseline());
        let n_windows = as_f64(known) / as_f64(options.window());
        let of_entity = |&entity: &u32| {
            let past = self.pasts.get(entity as usize);
            past.map_or(0, |past| past.between(from - options.baseline(), from))
        };
        let busiest = story.entities.iter().map(of_entity).max().unwrap_or(0);
        let expected = if n_windows < 1.0 { f64::from(busiest) } else { f64::from(busiest) / n_windows };
        let z = z(n, expected);
        let n_domains = story.domains.len();
        Burst {
            n,
            expected,
            z,
            n_domains,
            is_guess: n_windows < 4.0,
            is_burst: z >= options.burst_z && n_domains >= options.burst_domains,
        }
    }
}

/// Whom an item is about, lower case, each once, at most so many.
fn named(item: &StoryItem<'_>) -> Vec<String> {
    let mut names: Vec<String> = if item.entities.is_empty() {
        entities_of(item.text)
    } else {
        let given = item.entities.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
        given.map(|name| name[..name.floor_char_boundary(64)].to_lowercase()).collect()
    };
    names.sort_unstable();
    names.dedup();
    names.truncate(ENTITIES);
    names
}
#[expect(clippy::cast_precision_loss, reason = "counts and seconds of weeks, far below 2^53")]
const fn as_f64(n: i64) -> f64 {
    n as f64
}
