//! R1: how fast near neighbours are found, and how many of them.
//!
//! Recall is the share of the ten nearest, by exact search, that the graph finds. `clustered` vectors lie around 500
//! centres, as texts about the same things do. `uniform` ones have no neighbourhood worth the name in 384 dimensions: they
//! show where a graph's limits are, and have no goal. Tags are what namespaces are searched by: each arm is there for all
//! entries, for a tag that all have, for one in ten, and for one in a thousand. The smoke run takes 1,000 vectors, the default run 10,000 as well,
//! the full run 100,000, whose graph takes minutes to build.

use std::{
    hint::black_box,
    process::ExitCode,
    time::{Duration, Instant},
};

use assize_ambient::{Chance, Seed};
use assize_benches::handover::{Handover, Profile};
use assize_perf::{Better, Kind, Measurement, Run, Unit};
use assize_retrieval::{Entry, Error, FlatIndex, GraphShape, HashEmbedder, HnswIndex, Query, VectorIndex};
use clap::Parser;

const DIMENSIONS: usize = 384;
const CENTRES: usize = 500;
const QUERIES: usize = 200;
const NEAREST: usize = 10;

/// What a search is narrowed to, and how its arm is called.
const TAGS: [(&str, Option<&str>); 4] = [
    ("", None),
    ("-all-one-tag", Some("all")),
    ("-one-tag-in-ten", Some("ten-3")),
    ("-one-tag-in-a-thousand", Some("thousand-3")),
];

/// What is measured besides searches for tags.
const ONCE: [&str; 4] = ["build", "mended", "remove-30-percent", "longest-removal"];

fn main() -> ExitCode {
    let handover = Handover::parse();
    handover.finish(measure(&handover).map_err(|error| error.to_string()))
}

fn measure(handover: &Handover) -> Result<Run, Error> {
    let sizes: &[usize] = match handover.profile {
        Profile::Smoke => &[1_000],
        Profile::Default => &[1_000, 10_000],
        Profile::Full => &[1_000, 10_000, 100_000],
    };
    let mut run = Run::new("retrieval");
    let of = 1 + 2 * sizes.len();
    let mut done = 0;
    for &size in sizes {
        for shape in ["clustered", "uniform"] {
            let id = format!("retrieval/{shape}-{size}");
            let searches =
                ["flat", "graph"].into_iter().flat_map(|index| TAGS.map(|(arm, _)| format!("{index}{arm}")));
            let arms = searches.chain(ONCE.map(str::to_owned)).collect::<Vec<_>>();
            if handover.wants_family(&id, arms.iter().map(String::as_str)) {
                family(&mut run, &id, &Vectors::new(shape, size), handover)?;
            }
            done += 1;
            handover.progress(done, of, &id);
        }
    }
    let id = "retrieval/embed/hashed-n-grams-384";
    if handover.wants(id) {
        run.measurements.extend(embedding(id)?);
    }
    handover.progress(of, of, id);
    Ok(run)
}

/// Vectors and queries of one shape, always the same.
struct Vectors {
    entries: Vec<Vec<f32>>,
    queries: Vec<Vec<f32>>,
}

impl Vectors {
    fn new(shape: &str, size: usize) -> Self {
        let seed = Seed::new(384).child(shape);
        let mut chance = seed.child("centres").rng();
        let centres = (0..CENTRES).map(|_| vector(&mut chance)).collect::<Vec<_>>();
        let draw = |label: &str, count: usize| {
            let mut chance = seed.child(label).rng();
            let one = |chance: &mut Chance| match shape {
                "clustered" => {
                    let centre = &centres[chance.below(CENTRES)];
                    centre.iter().zip(vector(chance)).map(|(x, y)| x + y).collect()
                }
                _ => vector(chance),
            };
            (0..count).map(|_| one(&mut chance)).collect()
        };
        Self { entries: draw("entries", size), queries: draw("queries", QUERIES) }
    }
}

/// Independent components, normally distributed: uniform in direction.
fn vector(chance: &mut Chance) -> Vec<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "a component, rounded to f32")]
    (0..DIMENSIONS).map(|_| chance.normal() as f32).collect()
}

fn family(run: &mut Run, id: &str, vectors: &Vectors, handover: &Handover) -> Result<(), Error> {
    let mut exact = FlatIndex::new(DIMENSIONS)?;
    let mut graph = HnswIndex::new(DIMENSIONS, GraphShape::default())?;
    let entry = |n: usize| {
        let entry = Entry::new(n.to_string(), vectors.entries[n].clone()).tagged("all");
        entry.tagged(format!("ten-{}", n % 10)).tagged(format!("thousand-{}", n % 1_000))
    };
    let all = || (0..vectors.entries.len()).map(entry);
    all().try_for_each(|entry| exact.insert(entry))?;
    let began = Instant::now();
    all().try_for_each(|entry| graph.insert(entry))?;
    let built = began.elapsed();
    let mut arms = Arms { run, id, vectors, handover };
    for (arm, tag) in TAGS {
        arms.add(&format!("flat{arm}"), &exact, &exact, tag)?;
        arms.add(&format!("graph{arm}"), &graph, &exact, tag)?;
    }
    arms.took("build", built);
    for n in (0..vectors.entries.len()).filter(|n| n % 10 < 3) {
        exact.remove(&n.to_string())?;
    }
    let (mut removed, mut longest) = (Duration::ZERO, Duration::ZERO);
    for n in (0..vectors.entries.len()).filter(|n| n % 10 < 3) {
        let began = Instant::now();
        graph.remove(&n.to_string())?;
        let took = began.elapsed();
        removed += took;
        longest = longest.max(took);
    }
    arms.add("mended", &graph, &exact, None)?;
    arms.took("remove-30-percent", removed);
    arms.took("longest-removal", longest);
    Ok(())
}

struct Arms<'a> {
    run: &'a mut Run,
    id: &'a str,
    vectors: &'a Vectors,
    handover: &'a Handover,
}

impl Arms<'_> {
    /// Times searches of `index`, and counts what they find of what is there.
    fn add(
        &mut self,
        arm: &str,
        index: &dyn VectorIndex,
        exact: &dyn VectorIndex,
        tag: Option<&str>,
    ) -> Result<(), Error> {
        let id = format!("{}/{arm}", self.id);
        if !self.handover.wants(&id) {
            return Ok(());
        }
        let (mut found, mut there, mut times) = (0, 0, Vec::new());
        for vector in &self.vectors.queries {
            let query = Query { vector, k: NEAREST, tag };
            let truth = exact.search(&query)?;
            index.search(&query)?; // once before it is timed: exact search has just used the caches
            let began = Instant::now();
            let hits = black_box(index.search(black_box(&query))?);
            times.push(nanoseconds(began.elapsed()));
            there += truth.len();
            found += truth.iter().filter(|hit| hits.contains(hit)).count();
        }
        let note = format!("searches for the nearest {NEAREST}, one thread, {DIMENSIONS} dimensions");
        self.run.measurements.extend(timed(&id, times, note));
        #[expect(clippy::cast_precision_loss, reason = "some thousand hits")]
        let share = found as f64 / there as f64;
        let recall = Measurement::new(id, "recall", Unit::Fraction, Better::Higher, Kind::Counted, share);
        self.run.measurements.push(recall.at("benches/retrieval.rs"));
        Ok(())
    }

    /// Says how long something took once.
    fn took(&mut self, what: &str, time: Duration) {
        let id = format!("{}/{what}", self.id);
        if self.handover.wants(&id) {
            let time = Measurement::new(
                id,
                "once",
                Unit::Nanoseconds,
                Better::Lower,
                Kind::Timed,
                nanoseconds(time),
            );
            self.run.measurements.push(time.at("benches/retrieval.rs"));
        }
    }
}

/// The time of embedding a paragraph.
fn embedding(id: &str) -> Result<Option<Measurement>, Error> {
    let embedder = HashEmbedder::default();
    let text = include_str!("../docs/architecture.md").get(..1_000).unwrap_or_default();
    let mut times = Vec::new();
    for _ in 0..QUERIES {
        let began = Instant::now();
        black_box(embedder.vector(black_box(text))?);
        times.push(nanoseconds(began.elapsed()));
    }
    Ok(timed(id, times, "a text of 1000 bytes".to_owned()))
}

/// The median of times, none if there are none.
fn timed(id: &str, mut times: Vec<f64>, note: String) -> Option<Measurement> {
    times.sort_by(f64::total_cmp);
    let p95 = times.get(times.len() * 95 / 100).copied()?;
    let time = Measurement::of_samples(id, "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, times)?;
    Some(time.with_figure("p95", p95).with_note(note).at("benches/retrieval.rs"))
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1.0e9
}
