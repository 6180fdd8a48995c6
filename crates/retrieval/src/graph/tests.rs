//! Recall against exact search, removals, and bytes that anybody may have written.

use proptest::prelude::*;

use crate::{AdaptiveIndex, Entry, FlatIndex, GraphShape, HnswIndex, Query, VectorIndex};

use super::Graph;

const DIMENSIONS: usize = 24;

/// Numbers between −1 and 1, always the same for a seed.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f32::from(u16::try_from(self.0 >> 48).unwrap()) / 32_768.0 - 1.0
    }

    /// A vector in one of 20 clusters.
    fn clustered(&mut self, n: usize) -> Vec<f32> {
        let mut centre = Numbers(n as u64 % 20);
        (0..DIMENSIONS).map(|_| centre.next() + 0.5 * self.next()).collect()
    }
}

fn entries(count: usize) -> Vec<Entry> {
    let mut numbers = Numbers(7);
    let tags = ["most", "few"];
    let one = |n: usize| Entry::new(format!("e{n}"), numbers.clustered(n)).tagged(tags[n % 4 / 3]);
    (0..count).map(one).collect()
}

/// The share of the ten nearest that `index` finds, over 100 queries; `tag` narrows them.
fn recall(index: &impl VectorIndex, exact: &FlatIndex, tag: Option<&str>) -> f64 {
    let mut numbers = Numbers(99);
    let (mut found, mut all) = (0_u32, 0_u32);
    for n in 0..100 {
        let vector = numbers.clustered(n);
        let query = Query { vector: &vector, k: 10, tag };
        let (hits, truth) = (index.search(&query).unwrap(), exact.search(&query).unwrap());
        assert_eq!(hits.len(), truth.len(), "it finds enough");
        all += u32::try_from(truth.len()).unwrap();
        found += u32::try_from(truth.iter().filter(|hit| hits.contains(hit)).count()).unwrap();
    }
    f64::from(found) / f64::from(all)
}

fn both(entries: &[Entry], shape: GraphShape) -> (HnswIndex, FlatIndex) {
    let (mut graph, mut exact) =
        (HnswIndex::new(DIMENSIONS, shape).unwrap(), FlatIndex::new(DIMENSIONS).unwrap());
    for entry in entries {
        graph.insert(entry.clone()).unwrap();
        exact.insert(entry.clone()).unwrap();
    }
    (graph, exact)
}

/// So narrow that searches do walk, though there are few entries.
const NARROW: GraphShape = GraphShape { neighbours: 8, build_breadth: 40, search_breadth: 40 };

#[test]
fn it_finds_nearly_what_exact_search_finds() {
    let (graph, exact) = both(&entries(1_500), NARROW);
    let share = recall(&graph, &exact, None);
    assert!(share >= 0.95, "{share}");
    let (graph, exact) = both(&entries(1_500), GraphShape { search_breadth: 20, ..NARROW });
    let share = recall(&graph, &exact, Some("most"));
    assert!(share >= 0.9, "with a tag that most of them have: {share}");
    let share = recall(&graph, &exact, Some("few"));
    assert!((share - 1.0).abs() < f64::EPSILON, "with a tag that few of them have: {share}");
}

#[test]
fn after_removals_it_is_as_good_as_a_new_one() {
    let all = entries(1_500);
    let (mut mended, mut exact) = both(&all, NARROW);
    let mut left = all;
    for stays in [|n: usize| n % 10 >= 3, |n: usize| n % 20 == 19] {
        let (stay, go): (Vec<_>, Vec<_>) = left.into_iter().enumerate().partition(|(n, _)| stays(*n));
        for (_, entry) in go {
            assert!(mended.remove(&entry.id).unwrap() && exact.remove(&entry.id).unwrap());
        }
        left = stay.into_iter().map(|(_, entry)| entry).collect();
        assert_eq!(mended.count(), left.len());
        let (new, _) = both(&left, NARROW);
        let (mended, new) = (recall(&mended, &exact, None), recall(&new, &exact, None));
        assert!(mended >= 0.9 && mended >= new - 0.02, "{} left: {mended}, a new one {new}", left.len());
    }
}

/// The changes of an index's life, one after the other: (the number of an entry, whether it goes).
fn life() -> Vec<(usize, bool)> {
    let mut changes = (0..1_500).map(|n| (n, false)).collect::<Vec<_>>();
    changes.extend((0..1_500).filter(|n| n % 10 < 3).map(|n| (n, true)));
    // Whole neighbourhoods go, then everything comes back in another order, then nearly everything goes.
    changes.extend((0..1_500).filter(|n| n % 10 >= 3 && n % 20 < 9).map(|n| (n, true)));
    changes.extend((0..1_500).rev().filter(|n| n % 10 < 3 || n % 20 < 9).map(|n| (n, false)));
    changes.extend((0..1_450).map(|n| (n, true)));
    changes.extend((0..500).map(|n| (n, false)));
    changes
}

#[test]
fn mending_is_spread_over_the_changes_that_follow() {
    let all = entries(1_500);
    let mut index = AdaptiveIndex::new(DIMENSIONS).unwrap().with_shape(NARROW).unwrap().linked_above(0);
    let mut exact = FlatIndex::new(DIMENSIONS).unwrap();
    let (mut most, mut most_dead, mut slots) = (0, 0.0_f64, 0);
    for (n, (entry, goes)) in life().into_iter().enumerate() {
        let before = index.graph.touched_by_mending();
        if goes {
            assert!(index.remove(&all[entry].id).unwrap() && exact.remove(&all[entry].id).unwrap());
        } else {
            index.insert(all[entry].clone()).unwrap();
            exact.insert(all[entry].clone()).unwrap();
        }
        most = most.max(index.graph.touched_by_mending() - before);
        slots = slots.max(index.rows.slots());
        let dead = u32::try_from(index.graph.buried()).unwrap();
        let live = u32::try_from(index.count()).unwrap();
        if live >= 300 {
            most_dead = most_dead.max(f64::from(dead) / f64::from(dead + live));
        }
        if n % 1_000 == 999 && live >= 600 {
            let left = all.iter().filter(|entry| index.rows.slot_of(&entry.id).is_some());
            let (new, _) = both(&left.cloned().collect::<Vec<_>>(), NARROW);
            let (share, new) = (recall(&index, &exact, None), recall(&new, &exact, None));
            assert!(share >= 0.85 && share >= new - 0.03, "{share}, a new one {new}, after {n} changes");
        }
    }
    assert!(index.graph.touched_by_mending() > 50_000, "there was much to mend");
    assert!((2_000..4_000).contains(&most), "{most} rows looked at by one change");
    assert!(most_dead < 0.35, "{most_dead} of the graph is dead");
    assert!(slots <= 1_800, "{slots}: slots are used again");
}

#[test]
fn nothing_leads_to_a_slot_that_is_free() {
    let all = entries(1_500);
    let mut index = AdaptiveIndex::new(DIMENSIONS).unwrap().with_shape(NARROW).unwrap().linked_above(0);
    for (n, (entry, goes)) in life().into_iter().enumerate() {
        if goes {
            index.remove(&all[entry].id).unwrap();
        } else {
            index.insert(all[entry].clone()).unwrap();
        }
        if n % 100 == 0 {
            index.graph.check_free(&index.rows);
        }
    }
}

#[test]
fn after_everything_went_everything_may_come_back() {
    let all = entries(900);
    let mut index = HnswIndex::new(DIMENSIONS, NARROW).unwrap();
    let (_, exact) = both(&all, NARROW);
    for _ in 0..2 {
        all.iter().for_each(|entry| index.insert(entry.clone()).unwrap());
        let share = recall(&index, &exact, None);
        assert!(share >= 0.95, "{share}");
        assert!(all.iter().all(|entry| index.remove(&entry.id).unwrap()));
        assert_eq!((index.count(), index.search(&Query::new(&all[0].vector, 3)).unwrap()), (0, vec![]));
    }
}

#[test]
fn a_walk_that_meets_too_few_of_what_it_may_keep_is_given_up() {
    let mut index = AdaptiveIndex::new(DIMENSIONS).unwrap().with_shape(NARROW).unwrap().linked_above(0);
    entries(1_000).into_iter().for_each(|entry| index.insert(entry).unwrap());
    let target = index.rows.target(&Numbers(99).clustered(3)).unwrap();
    let walk = |most_compared, may_be_kept: fn(u32) -> bool| {
        let met = index.graph.search(&index.rows, target.aim(), 10, most_compared, may_be_kept);
        met.map(|met| met.len())
    };
    assert_eq!(walk(usize::MAX, |_| true), Some(40));
    assert_eq!(walk(usize::MAX, |_| false), Some(0));
    assert_eq!(walk(500, |_| true), Some(40));
    assert_eq!(walk(500, |_| false), None);
}

#[test]
fn neighbours_that_codes_cannot_tell_apart_are_compared_in_full() {
    // Cosines within a cluster are above 0.9998, and a byte per component is not precise enough to say which is larger.
    let mut numbers = Numbers(7);
    let mut near = |n: usize| {
        let mut centre = Numbers(n as u64 % 5);
        (0..DIMENSIONS).map(|_| centre.next() + 0.01 * numbers.next()).collect::<Vec<_>>()
    };
    let all = (0..1_000).map(|n| Entry::new(format!("e{n}"), near(n))).collect::<Vec<_>>();
    let (graph, exact) = both(&all, NARROW);
    let (mut found, mut there) = (0, 0);
    for n in 0..50 {
        let vector = near(n);
        let query = Query::new(&vector, 10);
        let (hits, truth) = (graph.search(&query).unwrap(), exact.search(&query).unwrap());
        assert!(truth[9].score > 0.999_8);
        there += truth.len();
        found += truth.iter().filter(|hit| hits.contains(hit)).count();
    }
    assert!(found * 100 >= there * 95, "{found} of {there}");
}

#[test]
fn many_equal_vectors_do_not_cut_off_the_others() {
    let mut all = entries(1_000);
    let same = all[0].vector.clone();
    all.extend((0..1_000).map(|n| Entry::new(format!("same{n}"), same.clone())));
    all.extend(entries(2_000).split_off(1_000));
    let (graph, exact) = both(&all, NARROW);
    let mut numbers = Numbers(5);
    for n in 0..100 {
        let vector = numbers.clustered(n + 1);
        let query = Query::new(&vector, 5);
        let (hits, truth) = (graph.search(&query).unwrap(), exact.search(&query).unwrap());
        // Which of the equal ones it finds is open; how near they are is not.
        assert!(hits[4].score >= truth[4].score - 0.1, "{n}: {} {}", hits[4].score, truth[4].score);
    }
}

#[test]
fn an_adaptive_index_moves_over_bit_by_bit_and_back() {
    let mut index = AdaptiveIndex::new(DIMENSIONS).unwrap().with_shape(NARROW).unwrap().linked_above(600);
    let mut exact = FlatIndex::new(DIMENSIONS).unwrap();
    for (n, entry) in entries(2_000).into_iter().enumerate() {
        index.insert(entry.clone()).unwrap();
        exact.insert(entry).unwrap();
        assert_eq!(index.is_linked(), n >= 600);
        assert_eq!(index.graph.slots(), ((n + 1).saturating_sub(600) * 4).min(n + 1), "at {n}");
        if [599, 600, 650, 700, 800, 1_999].contains(&n) {
            let share = recall(&index, &exact, None);
            assert!(share >= 0.95, "{share} at {n}");
        }
    }
    for n in 0..1_701 {
        index.remove(&format!("e{n}")).unwrap();
        exact.remove(&format!("e{n}")).unwrap();
    }
    assert!(!index.is_linked());
    assert!((recall(&index, &exact, None) - 1.0).abs() < f64::EPSILON, "exact again");
}

#[test]
fn a_graph_survives_its_bytes() {
    let mut index = AdaptiveIndex::new(DIMENSIONS).unwrap().with_shape(NARROW).unwrap().linked_above(0);
    for entry in entries(300) {
        index.insert(entry).unwrap();
    }
    let bytes = index.graph.to_bytes(&[7; 32]);
    assert!((bytes.len() as u64) < Graph::most_bytes(NARROW, 300));
    let read = |bytes: &[u8], shape, digest, rows| Graph::from_bytes(bytes, shape, &digest, rows);
    assert!(read(&bytes, NARROW, [7; 32], 300).is_ok_and(|graph| graph == index.graph));
    assert_eq!(read(&bytes, NARROW, [7; 32], 299), Err("it has more rows than there are entries"));
    assert_eq!(read(&bytes, NARROW, [8; 32], 300), Err("it belongs to other entries"));
    assert_eq!(read(&bytes, GraphShape::default(), [7; 32], 300), Err("it has another shape"));
    let mut damaged = bytes.clone();
    damaged[200] ^= 1;
    assert_eq!(read(&damaged, NARROW, [7; 32], 300), Err("its checksum is wrong"));
    assert_eq!(read(&bytes[..60], NARROW, [7; 32], 300), Err("its checksum is wrong"));
    assert_eq!(read(&bytes[..20], NARROW, [7; 32], 300), Err("it is too short"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whoever writes a file can write its checksum too.
    #[test]
    fn no_bytes_with_a_good_checksum_lead_a_search_astray(
        changes in prop::collection::vec((0_usize..4_000, any::<u8>()), 1..6),
        cut in prop::option::of(0_usize..4_000),
    ) {
        let mut index = AdaptiveIndex::new(DIMENSIONS).unwrap().with_shape(NARROW).unwrap().linked_above(0);
        for entry in entries(60) {
            index.insert(entry).unwrap();
        }
        let mut bytes = index.graph.to_bytes(&[7; 32]);
        bytes.truncate(bytes.len() - 32);
        for (at, byte) in changes {
            // Beyond the head mostly, where links are.
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(bytes.len().saturating_sub(cut));
        }
        let hash = blake3::hash(&bytes);
        bytes.extend_from_slice(hash.as_bytes());
        if let Ok(graph) = Graph::from_bytes(&bytes, NARROW, &[7; 32], 60) {
            index.graph = graph;
            let vector = Numbers(3).clustered(3);
            index.search(&Query::new(&vector, 10)).unwrap();
            index.remove("e5").unwrap();
            index.insert(Entry::new("new", vector)).unwrap();
            index.mend();
        }
    }
}
