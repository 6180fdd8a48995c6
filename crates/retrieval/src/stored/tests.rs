//! Reopening, dying at any byte, and files that anybody may have written.

use proptest::prelude::*;

use super::*;
use crate::GraphShape;

const SHAPE: GraphShape = GraphShape { neighbours: 4, build_breadth: 16, search_breadth: 8 };

fn identity() -> EmbedderIdentity {
    EmbedderIdentity::new("test", "1", 4).unwrap()
}

fn empty() -> AdaptiveIndex {
    AdaptiveIndex::new(4).unwrap().with_shape(SHAPE).unwrap().linked_above(20)
}

fn open(path: &Path) -> Result<(StoredIndex, Opened), Error> {
    StoredIndex::open(path, &identity(), empty())
}

fn kind(path: &Path) -> ErrorKind {
    open(path).unwrap_err().kind()
}

fn entry(n: u8) -> Entry {
    let vector = [n % 7, n / 7 % 11, n % 13, 3].map(f32::from);
    let entry = Entry::new(format!("e{n}"), vector.to_vec()).tagged(format!("t{}", n % 3));
    if n.is_multiple_of(2) { entry.made_of(crate::TextHash::of(&n.to_string())) } else { entry }
}

/// What every search finds.
fn answers(index: &impl VectorIndex) -> Vec<Vec<Hit>> {
    let queries = (0..40_u8).map(|n| [n % 5, n % 3, n % 7, 1].map(f32::from));
    queries
        .flat_map(|vector| {
            [None, Some("t1")].map(|tag| index.search(&Query { vector: &vector, k: 8, tag }).unwrap())
        })
        .collect()
}

#[test]
fn what_was_acknowledged_is_there_after_reopening_with_the_same_answers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let (mut index, opened) = open(&path).unwrap();
    assert_eq!(opened, Opened { torn_bytes: 0, graph: GraphFile::NotNeeded });
    for n in 0..120 {
        index.insert(entry(n)).unwrap();
        if n % 3 == 0 {
            assert!(index.remove(&format!("e{}", n / 2)).unwrap());
        }
        assert_eq!(index.since_checkpoint(), usize::from(n) + usize::from(n / 3) + 2);
    }
    let before = answers(&index);
    drop(index);

    let (mut index, opened) = open(&path).unwrap();
    assert_eq!(opened.graph, GraphFile::NotNeeded);
    assert_eq!((index.count(), index.since_checkpoint()), (80, 160));
    assert_eq!(answers(&index), before, "replayed from the first record on");

    index.checkpoint().unwrap();
    assert_eq!(index.since_checkpoint(), 0);
    for n in 120..160 {
        index.insert(entry(n)).unwrap();
    }
    index.remove("e130").unwrap();
    let before = answers(&index);
    drop(index);
    let (index, opened) = open(&path).unwrap();
    assert_eq!(opened, Opened { torn_bytes: 0, graph: GraphFile::Read });
    assert_eq!((index.count(), index.since_checkpoint()), (119, 41));
    assert!(index.index.is_linked());
    assert_eq!(answers(&index), before, "from the checkpoint on");
    drop(index);

    fs::remove_file(beside(&path, "graph")).unwrap();
    let (index, opened) = open(&path).unwrap();
    assert_eq!(opened.graph, GraphFile::Built { because: "there is none" });
    assert_eq!(index.count(), 119);
    assert!(index.index.is_linked());
}

#[test]
fn a_graph_that_was_being_mended_goes_on_the_same_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let make = |n: u16| {
        let vector = [n % 37, n % 101, n * 7 % 53, 20].map(|x| f32::from(x) - 18.0);
        Entry::new(format!("e{n}"), vector.to_vec())
    };
    // Enough for searches to walk, and so many changes that mending begins and ends several times.
    let live = |index: &mut StoredIndex, from: u16| {
        for n in from..from + 200 {
            index.insert(make(n)).unwrap();
            index.remove(&format!("e{}", n * 3 % (from + 200))).unwrap();
            index.remove(&format!("e{}", n * 7 % (from + 100))).unwrap();
        }
    };
    let (mut index, _) = open(&path).unwrap();
    (0..700).for_each(|n| index.insert(make(n)).unwrap());
    live(&mut index, 700);
    assert!(index.index.graph.touched_by_mending() > 1_000 && index.index.graph.buried() > 0);
    for from in [900, 1_100] {
        let before = answers(&index);
        drop(index);
        (index, _) = open(&path).unwrap();
        assert_eq!(answers(&index), before, "replayed");

        index.checkpoint().unwrap();
        assert_eq!((index.index.graph.buried(), index.index.rows.slots()), (0, index.count()));
        let copy = folder.path().join(format!("copy-{from}"));
        for ending in ["", ".graph"] {
            let of = |path: &Path| PathBuf::from(format!("{}{ending}", path.display()));
            fs::copy(of(&path), of(&copy)).unwrap();
        }
        let (mut reopened, opened) = open(&copy).unwrap();
        assert_eq!(opened, Opened { torn_bytes: 0, graph: GraphFile::Read });
        (0..100).for_each(|n| index.insert(make(from + 3_000 + n)).unwrap());
        (0..100).for_each(|n| reopened.insert(make(from + 3_000 + n)).unwrap());
        live(&mut index, from);
        live(&mut reopened, from);
        assert!(index.count() > 300, "{}", index.count());
        assert_eq!(answers(&reopened), answers(&index), "one went on, the other was reopened");
    }
}

#[test]
fn a_checkpoint_drops_what_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let (mut index, _) = open(&path).unwrap();
    for n in 0..100 {
        index.insert(entry(n % 5)).unwrap();
    }
    let before = fs::metadata(&path).unwrap().len();
    index.checkpoint().unwrap();
    let after = fs::metadata(&path).unwrap().len();
    assert!(after < before / 10, "{before} became {after}");
    assert_eq!(index.count(), 5);
}

#[test]
fn it_is_open_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let (mut index, _) = open(&path).unwrap();
    assert_eq!(kind(&path), ErrorKind::InUse);
    index.checkpoint().unwrap();
    assert_eq!(kind(&path), ErrorKind::InUse, "also after the file was replaced");
    drop(index);
    assert!(open(&path).is_ok());
}

#[test]
fn vectors_of_two_embedders_never_meet() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    drop(open(&path).unwrap());
    let other = |id, version| EmbedderIdentity::new(id, version, 4).unwrap();
    for identity in [other("other", "1"), other("test", "2"), other("test", "1").semantic()] {
        let error = StoredIndex::open(&path, &identity, empty()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OtherEmbedder);
        assert!(error.to_string().contains("embed the texts again"), "{error}");
    }
    let five = EmbedderIdentity::new("test", "1", 5).unwrap();
    let error = StoredIndex::open(&path, &five, AdaptiveIndex::new(5).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OtherEmbedder);
    assert_eq!(StoredIndex::open(&path, &five, empty()).unwrap_err().kind(), ErrorKind::BadVector);
    let mut full = empty();
    full.insert(entry(1)).unwrap();
    assert_eq!(StoredIndex::open(&path, &identity(), full).unwrap_err().kind(), ErrorKind::BadInput);
}

#[test]
fn files_of_others_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    for (bytes, refused) in [
        (&b""[..], ErrorKind::Corrupt),
        (b"ASZVECTR", ErrorKind::Corrupt),
        (b"a list of things that must not be lost\n", ErrorKind::Corrupt),
        (b"ASZVECTR\x02\0\0\0\x10\0\0\0", ErrorKind::OtherFormat),
        (b"ASZVECTR\x01\0\0\0\xff\xff\xff\xff", ErrorKind::Corrupt),
    ] {
        fs::write(&path, bytes).unwrap();
        assert_eq!(kind(&path), refused);
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    assert_eq!(kind(&folder.path().join("no/such/folder")), ErrorKind::Io);
}

/// A file with a checkpoint of entries 0 to 4 and the entries 5 to 9 behind it, and the lengths at which it was whole.
fn written(path: &Path) -> (Vec<u8>, Vec<usize>) {
    let (mut index, _) = open(path).unwrap();
    (0..5).for_each(|n| index.insert(entry(n)).unwrap());
    index.checkpoint().unwrap();
    let length = || usize::try_from(fs::metadata(path).unwrap().len()).unwrap();
    let mut ends = vec![length()];
    for n in 5..10 {
        index.insert(entry(n)).unwrap();
        ends.push(length());
    }
    (fs::read(path).unwrap(), ends)
}

#[test]
fn wherever_the_process_dies_whole_records_survive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let (bytes, ends) = written(&path);
    for cut in 0..=bytes.len() {
        fs::write(&path, &bytes[..cut]).unwrap();
        if cut < ends[0] {
            assert_eq!(kind(&path), ErrorKind::Corrupt, "a checkpoint is whole or not there: {cut}");
            continue;
        }
        let (mut index, opened) = open(&path).unwrap();
        let whole = ends.iter().rposition(|end| *end <= cut).unwrap();
        assert_eq!(index.count(), 5 + whole, "cut at {cut}");
        assert_eq!(opened, Opened { torn_bytes: (cut - ends[whole]) as u64, graph: GraphFile::Read });
        index.insert(entry(99)).unwrap();
        drop(index);
        let (index, opened) = open(&path).unwrap();
        assert_eq!((index.count(), opened.torn_bytes), (6 + whole, 0), "what follows is whole again");
    }
}

#[test]
fn zeros_at_the_end_are_a_torn_end_and_in_the_middle_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let (bytes, ends) = written(&path);
    for zeros in [1, 8, 9, 5_000, 20_000] {
        fs::write(&path, [&bytes[..], &vec![0; zeros]].concat()).unwrap();
        let (index, opened) = open(&path).unwrap();
        assert_eq!((index.count(), opened.torn_bytes), (10, zeros as u64));
    }
    fs::write(&path, [&bytes[..ends[2]], &[0; 16], &bytes[ends[2]..]].concat()).unwrap();
    assert_eq!(kind(&path), ErrorKind::Corrupt);
}

#[test]
fn records_cannot_be_left_out_moved_or_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let (bytes, ends) = written(&path);
    let part = |n: usize| &bytes[ends[n]..ends[n + 1]];
    for parts in [[1, 2, 3], [0, 2, 1], [0, 0, 1]] {
        let tail = parts.map(part).concat();
        fs::write(&path, [&bytes[..ends[0]], &tail, part(4)].concat()).unwrap();
        assert_eq!(kind(&path), ErrorKind::Corrupt, "{parts:?}");
    }
}

/// Records as somebody writes them who knows the format but not the limits.
fn crafted() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![Just("e1".to_owned()), Just(String::new()), "[a-z]{1,300}"];
    let vector =
        prop::collection::vec(prop_oneof![Just(0.5_f32), any::<f32>(), Just(f32::NAN), Just(1.0)], 3..6);
    prop_oneof![
        (text.clone(), prop::collection::btree_set("[a-z]{0,3}", 0..20), vector).prop_map(
            |(id, tags, vector)| { record::encode_insert(&Label { id, tags, text_hash: None }, &vector) }
        ),
        text.prop_map(|id| record::encode_remove(&id)),
        prop::collection::vec(any::<u8>(), 0..80),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_damaged_file_is_refused_or_torn_at_its_end(at in any::<prop::sample::Index>(), byte in 1_u8..) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let (mut bytes, ends) = written(&path);
        let at = at.index(bytes.len());
        bytes[at] ^= byte;
        fs::write(&path, &bytes).unwrap();
        match open(&path) {
            // Damage in the last record looks like a torn end, and only that.
            Ok((index, opened)) => {
                prop_assert!(at >= ends[4], "damage at {} was not noticed", at);
                prop_assert_eq!((index.count(), opened.torn_bytes), (9, (ends[5] - ends[4]) as u64));
            }
            Err(error) => {
                prop_assert!(matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::OtherFormat));
                prop_assert!(at < ends[4] + 8, "{} at {}", error, at);
            }
        }
    }

    #[test]
    fn a_hostile_file_with_good_checksums_is_read_or_refused(
        records in prop::collection::vec(crafted(), 0..12),
        base in prop_oneof![0_u64..4, any::<u64>()],
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        drop(Log::write_anew(&path, &identity(), base, records).unwrap());
        match open(&path) {
            Ok((index, opened)) => {
                prop_assert_eq!(opened.torn_bytes, 0);
                answers(&index);
            }
            Err(error) => prop_assert_eq!(error.kind(), ErrorKind::Corrupt),
        }
    }
}
