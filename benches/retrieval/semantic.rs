//! L6: what a hit of the semantic cache takes, from the request to the reply, and what the guards take of it.
//!
//! The questions are about companies that do not exist, all of one tenant and to one model, so that each is searched for
//! among all. The embedder answers at once: its time is the vendor's or the local model's, and not in here.

use std::{
    collections::BTreeMap,
    error::Error,
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use assize_ambient::{Chance, Seed, SystemClock};
use assize_benches::handover::{Handover, Profile};
use assize_cache::{Level, MemoryTier, Tiered};
use assize_llm::{
    ChatModel, ChatRequest, Guards, Reuse, ReuseScope, ScriptedModel, SemanticCache, SemanticCached,
    SemanticOptions,
};
use assize_perf::Run;
use assize_retrieval::{self as retrieval, AdaptiveIndex, Embedder, EmbedderIdentity};
use async_trait::async_trait;

use super::{CENTRES, DIMENSIONS, QUERIES, nanoseconds, timed, vector};

const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Room for all replies, whose tier is not what is measured.
const REPLY_BYTES: u64 = 1 << 30;
/// What sets the vectors of two questions about one company apart, against the company's own.
const OWN_WEIGHT: f32 = 0.1;
/// Calls of the guards between two looks at the clock.
const JUDGED_AT_ONCE: u32 = 100;

pub(crate) fn measure(run: &mut Run, handover: &Handover) -> Result<(), Box<dyn Error>> {
    judging(run, handover);
    let size = match handover.profile {
        Profile::Smoke => 1_000,
        Profile::Default => 10_000,
        Profile::Full => 100_000,
    };
    let ids = ["hit", "miss"].map(|what| format!("llm/semantic/{what}-{size}"));
    if ids.iter().any(|id| handover.wants(id)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let [hits, misses] = runtime.block_on(calls(size, handover))?;
        for (id, times, note) in [
            (&ids[0], hits, "a hit in other words: embedder at once, search, entry, guards, reply"),
            (&ids[1], misses, "a miss: the same in vain, a model that answers at once, and the entry stored"),
        ] {
            if handover.wants(id) {
                run.measurements.extend(timed(id, times, format!("{note}; {DIMENSIONS} dimensions")));
            }
        }
    }
    Ok(())
}

/// The times of hits and of misses among so many entries.
async fn calls(size: usize, handover: &Handover) -> Result<[Vec<f64>; 2], Box<dyn Error>> {
    let clock = Arc::new(SystemClock);
    let memory = Arc::new(MemoryTier::new(REPLY_BYTES, clock.clone()));
    let level = Level::memory(memory).with_fresh_at_most(DAY);
    let replies = Tiered::new(vec![level], clock.clone(), Seed::new(7));
    let hit = |n: usize| format!("In 2023, what was {}'s revenue?", company(n * (size / QUERIES)));
    let plain = |n: usize| format!("What was the revenue of {} in 2023?", company(n));
    let asked = (0..QUERIES).flat_map(|n| [hit(n), plain(size + n)]);
    let embedder = Arc::new(Companies::new()?.knowing(asked));
    let index = Box::new(AdaptiveIndex::new(DIMENSIONS)?);
    let options = SemanticOptions::new(DAY).with_shadow(0.0).with_most_entries(size + QUERIES);
    let cache = SemanticCache::new(embedder, replies, index, options, clock, Seed::new(7))?;
    let model = ScriptedModel::saying("oracle", ["About 383 billion dollars."]).repeating_the_last();
    let model = SemanticCached::new(Arc::new(model), cache.clone());
    let ask = |text: String| {
        let reuse = Reuse::Semantic { scope: ReuseScope::of("acme"), at_least: None };
        ChatRequest::new(text).with_reuse(reuse)
    };

    for n in 0..size {
        model.complete(ask(plain(n))).await?;
        if n % 10_000 == 9_999 {
            handover.progress(n + 1, size, "questions answered");
        }
    }
    let mut times = [Vec::new(), Vec::new()];
    for n in 0..QUERIES {
        for (times, text) in times.iter_mut().zip([hit(n), plain(size + n)]) {
            let request = ask(text);
            let began = Instant::now();
            black_box(model.complete(black_box(request)).await?);
            times.push(nanoseconds(began.elapsed()));
        }
    }
    let seen = cache.statistics();
    if seen.hits != QUERIES as u64 || seen.entries != (size + QUERIES) as u64 {
        return Err(
            format!("measure hits: {} of {QUERIES} were, of {} entries", seen.hits, seen.entries).into()
        );
    }
    Ok(times)
}

/// A name of its own for each number below a million.
fn company(n: usize) -> String {
    let mut name = "Qu".to_owned();
    for digit in [n / 10_000 % 100, n / 100 % 100, n % 100] {
        name.extend(
            ["bcdfghjklmnpqrstvwxz", "aeiou"]
                .iter()
                .zip([digit / 5, digit % 5])
                .filter_map(|(letters, at)| letters.chars().nth(at)),
        );
    }
    name
}

/// An embedder whose vectors depend on the company that a text names, and a little on the text.
#[derive(Debug)]
struct Companies {
    identity: EmbedderIdentity,
    centres: Vec<Vec<f32>>,
    known: BTreeMap<String, Vec<f32>>,
}

impl Companies {
    fn new() -> Result<Self, retrieval::Error> {
        let identity = EmbedderIdentity::new("companies", "1", DIMENSIONS)?.semantic();
        let mut chance = Seed::new(384).child("centres").rng();
        let centres = (0..CENTRES).map(|_| vector(&mut chance)).collect();
        Ok(Self { identity, centres, known: BTreeMap::new() })
    }

    /// The same with these texts' vectors at hand.
    fn knowing(mut self, texts: impl Iterator<Item = String>) -> Self {
        for text in texts {
            let vector = self.vector(&text);
            self.known.insert(text, vector);
        }
        self
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        let name = words.find(|word| word.starts_with("Qu")).unwrap_or_default();
        let seed = Seed::new(384);
        let mut chance: Chance = seed.child(name).rng();
        let centre = &self.centres[chance.below(CENTRES)];
        let (own, other) = (vector(&mut chance), vector(&mut seed.child(text).rng()));
        centre.iter().zip(own).zip(other).map(|((x, y), z)| x + y + OWN_WEIGHT * z).collect()
    }
}

#[async_trait]
impl Embedder for Companies {
    fn identity(&self) -> &EmbedderIdentity {
        &self.identity
    }

    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, retrieval::Error> {
        let of = |text: &&str| self.known.get(*text).cloned().unwrap_or_else(|| self.vector(text));
        Ok(texts.iter().map(of).collect())
    }
}

/// The time of judging pairs of questions.
fn judging(run: &mut Run, handover: &Handover) {
    let long = |end: &str| format!("Why did prices rise{} {end}?", " in that year".repeat(24));
    let pairs = [
        (
            "equal",
            "What was Apple's revenue in 2023?".to_owned(),
            "What was Apple's revenue in 2023?".to_owned(),
        ),
        (
            "paraphrase",
            "What was Apple's revenue in 2023?".to_owned(),
            "In 2023, what was the revenue of Apple?".to_owned(),
        ),
        (
            "other-number",
            "What was Apple's revenue in 2023?".to_owned(),
            "What was Apple's revenue in 2024?".to_owned(),
        ),
        ("80-words", long("after all"), long("then")),
    ];
    let rounds = if handover.profile == Profile::Smoke { 20 } else { QUERIES };
    for (name, a, b) in pairs {
        let id = format!("llm/semantic/judge/{name}");
        if !handover.wants(&id) {
            continue;
        }
        let guards = Guards::all();
        let once = || {
            let began = Instant::now();
            for _ in 0..JUDGED_AT_ONCE {
                let _ = black_box(guards.judge(black_box(&a), black_box(&b)));
            }
            nanoseconds(began.elapsed()) / f64::from(JUDGED_AT_ONCE)
        };
        let times = (0..rounds).map(|_| once()).collect();
        run.measurements.extend(timed(
            &id,
            times,
            "one pair, all guards; a search judges eight at most".to_owned(),
        ));
    }
}
