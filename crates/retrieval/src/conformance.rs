//! What every [`VectorIndex`] and every [`Embedder`] must do; each implementation runs it.

use crate::{
    Embedder, Entry, ErrorKind, Hit, MAX_ID_BYTES, MAX_TAG_BYTES, MAX_TAGS, MAX_TEXT_BYTES, MAX_TEXTS,
};
use crate::{Query, TextHash, VectorIndex};

/// Runs the suite of indexes; `make` makes an empty one of three dimensions.
///
/// # Panics
/// When an index breaks the trait's contract: the message says how.
pub fn index<I: VectorIndex>(mut make: impl FnMut() -> I) {
    finds_the_nearest_first(&mut make());
    breaks_ties_by_id(&mut make());
    replaces_what_has_the_same_id(&mut make());
    takes_out(&mut make());
    narrows_to_a_tag(&mut make());
    refuses_bad_entries(&mut make());
    refuses_bad_queries(&mut make());
    depends_on_nothing_but_the_operations(&mut make(), &mut make());
}

/// Runs the suite of embedders.
///
/// # Panics
/// When the embedder breaks the trait's contract: the message says how.
pub async fn embedder(embedder: &dyn Embedder) {
    let identity = embedder.identity().clone();
    let texts = ["Rates rise.", "", "日本 ¡olé!", "Rates rise."];
    let vectors = embedder.embed(&texts).await.expect("these texts can be embedded");
    assert_eq!(vectors.len(), texts.len(), "a vector for each text");
    for vector in &vectors {
        assert_eq!(vector.len(), identity.dimensions(), "as many dimensions as declared");
        let square = vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>();
        assert!((square - 1.0).abs() < 1.0e-3, "length 1, not {}", square.sqrt());
    }
    assert_eq!(vectors[0], vectors[3], "the same text, the same vector");
    assert_ne!(vectors[0], vectors[2], "another text, another vector");
    let alone = embedder.embed(&texts[2..3]).await.expect("embed one");
    assert_eq!(alone, vectors[2..3], "a text's vector does not depend on its company");
    assert_eq!(embedder.embed(&[]).await.expect("nothing can be embedded"), Vec::<Vec<f32>>::new());
    assert_eq!(*embedder.identity(), identity, "the identity is constant");

    let long = "a".repeat(MAX_TEXT_BYTES + 1);
    for bad in [vec!["a", &long], vec!["a"; MAX_TEXTS + 1]] {
        let error = embedder.embed(&bad).await.expect_err("beyond a limit");
        assert_eq!(error.kind(), ErrorKind::BadInput);
    }
}

fn put(index: &mut impl VectorIndex, id: &str, vector: [f32; 3], tags: &[&str]) {
    let entry = tags.iter().fold(Entry::new(id, vector.to_vec()), |entry, tag| entry.tagged(*tag));
    index.insert(entry).expect("a good entry");
}

fn found(index: &impl VectorIndex, query: &Query<'_>) -> Vec<String> {
    index.search(query).expect("a good query").into_iter().map(|hit| hit.id).collect()
}

fn finds_the_nearest_first(index: &mut impl VectorIndex) {
    assert_eq!(found(index, &Query::new(&[1.0, 0.0, 0.0], 3)), [""; 0], "an empty index has no hits");
    let hash = TextHash::of("a text");
    index.insert(Entry::new("x", vec![5.0, 0.0, 0.0]).made_of(hash)).expect("insert");
    put(index, "y", [0.0, 0.1, 0.0], &[]);
    put(index, "xy", [1.0, 1.0, 0.0], &[]);
    put(index, "-x", [-1.0, 0.0, 0.0], &[]);
    assert_eq!(index.count(), 4);
    let hits = index.search(&Query::new(&[2.0, 0.2, 0.0], 9)).expect("search");
    assert_eq!(hits.iter().map(|hit| hit.id.as_str()).collect::<Vec<_>>(), ["x", "xy", "y", "-x"]);
    assert_eq!(hits.iter().map(|hit| hit.text_hash).collect::<Vec<_>>(), [Some(hash), None, None, None]);
    for (hit, cosine) in hits.iter().zip([0.995_037, 0.773_957, 0.099_504, -0.995_037]) {
        assert!((hit.score - cosine).abs() < 1.0e-5, "{hit:?} has the cosine {cosine}, whatever the lengths");
    }
    assert_eq!(found(index, &Query::new(&[2.0, 0.2, 0.0], 2)), ["x", "xy"]);
    assert_eq!(found(index, &Query::new(&[2.0, 0.2, 0.0], 0)), [""; 0]);
    assert_eq!(found(index, &Query::new(&[2.0, 0.2, 0.0], usize::MAX)).len(), 4, "k has no upper limit");
}

fn breaks_ties_by_id(index: &mut impl VectorIndex) {
    for id in ["c", "a", "d", "b"] {
        put(index, id, [0.0, 0.0, 2.0], &["t"]);
    }
    for query in [Query::new(&[0.0, 1.0, 1.0], 3), Query::new(&[0.0, 1.0, 1.0], 3).with_tag("t")] {
        assert_eq!(found(index, &query), ["a", "b", "c"], "ties go to the smaller id");
    }
}

fn replaces_what_has_the_same_id(index: &mut impl VectorIndex) {
    put(index, "a", [1.0, 0.0, 0.0], &["old"]);
    put(index, "b", [0.0, 0.0, 1.0], &["old"]);
    put(index, "a", [0.0, 1.0, 0.0], &["new"]);
    assert_eq!(index.count(), 2);
    assert_eq!(found(index, &Query::new(&[1.0, 2.0, 0.0], 2)), ["a", "b"]);
    assert!(
        index.search(&Query::new(&[1.0, 0.0, 0.0], 1)).expect("search")[0].score < 0.5,
        "the new vector counts"
    );
    assert_eq!(found(index, &Query::new(&[1.0, 2.0, 0.0], 2).with_tag("old")), ["b"], "so do the new tags");
    assert_eq!(found(index, &Query::new(&[1.0, 2.0, 0.0], 2).with_tag("new")), ["a"]);
}

fn takes_out(index: &mut impl VectorIndex) {
    assert!(!index.remove("a").expect("remove"), "it was never there");
    for (n, id) in (1_u8..).zip(["a", "b", "c", "d", "e", "f"]) {
        put(index, id, [1.0, f32::from(n), 0.0], &["t"]);
    }
    for (left, id) in [(5, "f"), (4, "a"), (3, "c")] {
        assert!(index.remove(id).expect("remove"), "it was there");
        assert!(!index.remove(id).expect("remove"), "it is gone");
        assert_eq!(index.count(), left);
    }
    for query in [Query::new(&[0.0, 1.0, 0.0], 9), Query::new(&[0.0, 1.0, 0.0], 9).with_tag("t")] {
        assert_eq!(found(index, &query), ["e", "d", "b"]);
    }
    put(index, "a", [0.0, 1.0, 0.0], &[]);
    assert_eq!(found(index, &Query::new(&[0.0, 1.0, 0.0], 1)), ["a"], "it may come back");
    for id in ["a", "b", "d", "e"] {
        assert!(index.remove(id).expect("remove"));
    }
    assert_eq!((index.count(), found(index, &Query::new(&[0.0, 1.0, 0.0], 1)).len()), (0, 0));
}

fn narrows_to_a_tag(index: &mut impl VectorIndex) {
    put(index, "1", [1.0, 0.0, 0.0], &["red"]);
    put(index, "2", [1.0, 0.1, 0.0], &["red", "round"]);
    put(index, "3", [1.0, 0.2, 0.0], &["round"]);
    put(index, "4", [1.0, 0.3, 0.0], &[]);
    let query = Query::new(&[1.0, 0.0, 0.0], 9);
    for (tag, ids) in
        [("red", &["1", "2"][..]), ("round", &["2", "3"]), ("blue", &[]), ("re", &[]), ("", &[])]
    {
        assert_eq!(found(index, &query.with_tag(tag)), ids, "{tag}");
    }
}

fn refuses_bad_entries(index: &mut impl VectorIndex) {
    put(index, "a", [1.0, 0.0, 0.0], &["t"]);
    let good = || vec![0.0, 1.0, 0.0];
    let many = (0..=MAX_TAGS).fold(Entry::new("a", good()), |entry, n| entry.tagged(n.to_string()));
    let bad_input = [
        Entry::new("", good()),
        Entry::new("a".repeat(MAX_ID_BYTES + 1), good()),
        Entry::new("a", good()).tagged(""),
        Entry::new("a", good()).tagged("t".repeat(MAX_TAG_BYTES + 1)),
        many,
    ];
    let bad_vectors = [
        vec![],
        vec![1.0; 2],
        vec![1.0; 4],
        vec![0.0; 3],
        vec![f32::NAN, 1.0, 1.0],
        vec![f32::INFINITY, 1.0, 1.0],
    ];
    let bad_vectors = bad_vectors.map(|vector| Entry::new("a", vector));
    for (kind, entries) in [(ErrorKind::BadInput, &bad_input[..]), (ErrorKind::BadVector, &bad_vectors)] {
        for entry in entries {
            let error = index.insert(entry.clone()).expect_err("it must be refused");
            assert_eq!(error.kind(), kind, "{entry:?}");
        }
    }
    assert_eq!(found(index, &Query::new(&[1.0, 0.0, 0.0], 9).with_tag("t")), ["a"], "all is as it was");
    let largest = Entry::new("a".repeat(MAX_ID_BYTES), vec![f32::MAX; 3]).tagged("t".repeat(MAX_TAG_BYTES));
    index.insert(largest).expect("the limits themselves are allowed");
}

fn refuses_bad_queries(index: &mut impl VectorIndex) {
    for _ in 0..2 {
        let bad: [&[f32]; 5] =
            [&[], &[1.0; 2], &[0.0; 3], &[1.0, f32::NAN, 0.0], &[1.0, 0.0, f32::NEG_INFINITY]];
        for vector in bad {
            let error = index.search(&Query::new(vector, 1)).expect_err("it must be refused");
            assert_eq!(error.kind(), ErrorKind::BadVector, "{vector:?}");
        }
        put(index, "a", [1.0, 0.0, 0.0], &[]); // with and without entries
    }
}

fn depends_on_nothing_but_the_operations(left: &mut impl VectorIndex, right: &mut impl VectorIndex) {
    fn run(index: &mut impl VectorIndex) -> Vec<Vec<Hit>> {
        let mut all = Vec::new();
        for n in 0_u16..200 {
            let (x, y) = (f32::from(n * 37 % 101) - 50.0, f32::from(n * 53 % 89) - 44.0);
            put(index, &(n % 90).to_string(), [x, y, 20.0], &[["even", "odd"][usize::from(n % 2)]]);
            if n % 3 == 0 {
                index.remove(&(n % 45).to_string()).expect("remove");
            }
            let query = [y, x, 30.0];
            all.push(index.search(&Query::new(&query, 7)).expect("search"));
            all.push(index.search(&Query::new(&query, 7).with_tag("odd")).expect("search"));
        }
        all
    }
    assert_eq!(run(left), run(right), "the same operations, the same hits");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AdaptiveIndex, FlatIndex, GraphShape, HashEmbedder, HnswIndex, StoredIndex, ToldEmbedder};

    #[test]
    fn indexes_in_memory() {
        index(|| FlatIndex::new(3).unwrap());
        index(|| HnswIndex::new(3, GraphShape::default()).unwrap());
        index(|| AdaptiveIndex::new(3).unwrap());
        for threshold in 1..9 {
            index(|| AdaptiveIndex::new(3).unwrap().linked_above(threshold));
        }
    }

    #[test]
    fn a_stored_index() {
        let folder = tempfile::tempdir().unwrap();
        let identity = crate::EmbedderIdentity::new("test", "1", 3).unwrap();
        let mut n = 0;
        index(|| {
            n += 1;
            let empty = AdaptiveIndex::new(3).unwrap().linked_above(4);
            StoredIndex::open(folder.path().join(n.to_string()), &identity, empty).unwrap().0
        });
    }

    #[tokio::test]
    async fn embedders() {
        embedder(&HashEmbedder::default()).await;
        embedder(&HashEmbedder::new(1_024).unwrap()).await;
        embedder(&ToldEmbedder::new(64).unwrap().means_the_same(&["a", "b"]).unwrap()).await;
    }
}
