//! What an index of novelty finds, forgets, and never sees.

#![expect(clippy::float_cmp, reason = "0 and 1 are exact")]

use proptest::prelude::*;

use super::*;

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + hours * 3_600).unwrap()
}

fn index(capacity: usize, bands: Bands) -> NoveltyIndex<u32> {
    NoveltyIndex::new(NoveltySettings { capacity, bands, ..NoveltySettings::default() }).unwrap()
}

/// `n` words of their own, the first `shared` of them the same for all.
fn text(tag: u64, n: u64, shared: u64) -> String {
    (0..n).map(|at| format!("w{:x} ", mixed(if at < shared { at } else { tag << 32 | at }) >> 20)).collect()
}

#[test]
fn kinship_by_what_two_texts_share() {
    let first = text(1, 200, 200);
    for (shared, kinships) in [
        (200, [Kinship::Copy, Kinship::Copy]),
        (185, [Kinship::Duplicate, Kinship::Copy]),
        (165, [Kinship::SameStory, Kinship::SameStory]),
    ] {
        let mut index = index(10, Bands::ThirtyTwo);
        index.insert_and_score(1, at(0), &first);
        let found = index.insert_and_score(2, at(1), &text(2, 200, shared)).unwrap();
        let nearest = found.nearest.unwrap();
        assert!(nearest.key == 1 && kinships.contains(&nearest.kinship), "{shared}: {nearest:?}");
        assert!((found.score + nearest.similarity - 1.0).abs() < 1e-12);
    }
    let mut index = index(10, Bands::ThirtyTwo);
    index.insert_and_score(1, at(0), &first);
    assert_eq!(
        index.insert_and_score(2, at(0), &text(3, 200, 0)).unwrap(),
        Novelty { score: 1.0, nearest: None }
    );
    assert!(index.insert_and_score(3, at(0), " … ").is_none() && index.len() == 2);
}

#[test]
fn bands_find_what_they_promise() {
    // Two texts of 100 words that share 67 (J = 66 / 132) or 90 (89 / 109).
    for (bands, shared, least, most) in [
        (Bands::ThirtyTwo, 67, 0.80, 0.93),
        (Bands::Sixteen, 67, 0.02, 0.12),
        (Bands::ThirtyTwo, 90, 0.999, 1.0),
        (Bands::Sixteen, 90, 0.92, 0.995),
    ] {
        let mut found = 0.0;
        for seed in 0..500 {
            let word = |tag: u64, at: u64| format!("w{:x} ", mixed(mixed(seed * 3 + tag) ^ at) >> 16);
            let make =
                |tag| (0..100).map(|at| word(if at < shared { 0 } else { tag }, at)).collect::<String>();
            let mut index = index(10, bands);
            index.insert_and_score(1, at(0), &make(1));
            found +=
                f64::from(u8::from(index.insert_and_score(2, at(0), &make(2)).unwrap().nearest.is_some()));
        }
        let share = found / 500.0;
        assert!((least..=most).contains(&share), "{bands:?} {shared}: {share}");
    }
}

#[test]
fn only_what_was_before_counts_and_only_for_72_hours() {
    let said = text(1, 20, 0);
    let mut index = index(10, Bands::ThirtyTwo);
    assert_eq!(index.insert_and_score(1, at(100), &said).unwrap().score, 1.0);
    // Told late, of an earlier time: the later text was not there yet.
    assert_eq!(index.insert_and_score(2, at(90), &said).unwrap().score, 1.0);
    let print = Fingerprint::of(&said).unwrap();
    assert_eq!(index.score(at(89), &print).nearest, None);
    assert_eq!(index.score(at(99), &print).nearest.unwrap().key, 2);
    assert_eq!(index.score(at(100), &print).nearest.unwrap().key, 2, "of several the first");
    assert_eq!(index.score(at(162), &print).nearest.unwrap().key, 2);
    assert_eq!(index.score(at(163), &print).nearest.unwrap().key, 1);
    assert_eq!(index.score(at(173), &print).nearest, None);
    index.insert_and_score(3, at(300), &text(2, 20, 0));
    assert_eq!(index.len(), 1, "the others are older than 72 hours");
}

#[test]
fn the_oldest_leaves_a_full_index_and_a_flood_of_one_text_is_bounded() {
    let mut index = index(3, Bands::Sixteen);
    for n in 0..5_u32 {
        index.insert_and_score(n, at(i64::from(n)), &text(u64::from(n) + 1, 20, 0));
    }
    let alone = |n: u64, index: &NoveltyIndex<u32>| {
        index.score(at(9), &Fingerprint::of(&text(n + 1, 20, 0)).unwrap()).nearest.map(|nearest| nearest.key)
    };
    assert_eq!([0, 1, 2, 3, 4].map(|n| alone(n, &index)), [None, None, Some(2), Some(3), Some(4)]);

    let mut index = self::index(2_000, Bands::ThirtyTwo);
    for n in 0..5_000 {
        let found = index.insert_and_score(n, at(0), "the same text again and again").unwrap();
        assert_eq!(found.score, if n == 0 { 1.0 } else { 0.0 });
    }
    assert_eq!((index.len(), index.slots.len()), (2_000, 2_001));
}

#[test]
fn settings_out_of_range_are_refused() {
    for settings in [
        NoveltySettings { capacity: 0, ..NoveltySettings::default() },
        NoveltySettings { capacity: MAX_REMEMBERED + 1, ..NoveltySettings::default() },
        NoveltySettings { window: SignedDuration::from_secs(-1), ..NoveltySettings::default() },
    ] {
        assert_eq!(NoveltyIndex::<u8>::new(settings).unwrap_err().kind(), ErrorKind::BadValue);
    }
}

proptest! {
    /// Against an index that remembers everything and compares all.
    #[test]
    fn as_a_plain_list_would_say(
        items in proptest::collection::vec((0_i64..120, 0_u64..6), 1..120),
        capacity in 1_usize..16,
    ) {
        let mut index = index(capacity, Bands::ThirtyTwo);
        let mut list: Vec<(Timestamp, usize, Fingerprint)> = Vec::new();
        for (n, (hour, tag)) in items.into_iter().enumerate() {
            let (when, print) = (at(hour), Fingerprint::of(&text(tag + 1, 12, 0)).unwrap());
            let expected = list
                .iter()
                .filter(|(other, ..)| *other <= when && when.duration_since(*other) <= SignedDuration::from_hours(72))
                .filter(|(.., other)| *other == print)
                .min_by_key(|(other, number, _)| (*other, *number))
                .map(|(_, number, _)| *number);
            let found = index.insert_and_score_print(u32::try_from(n).unwrap(), when, print.clone());
            prop_assert_eq!(found.nearest.map(|nearest| nearest.key as usize), expected);
            list.push((when, n, print));
            list.sort_by_key(|(when, number, _)| (*when, *number));
            let last = list.last().unwrap().0;
            list.retain(|(other, ..)| last.duration_since(*other) <= SignedDuration::from_hours(72));
            if list.len() > capacity {
                list.remove(0);
            }
            prop_assert_eq!(index.len(), list.len());
        }
    }
}
