//! A tiny model: its tokens and vectors by hand, and files that are not as they should be.

use std::fs;

use super::*;
use crate::conformance;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/retrieval/static-model")
}

fn tokens(embedder: &StaticEmbedder, text: &str) -> Vec<usize> {
    let mut ids = Vec::new();
    embedder.words.each(text, |id| ids.push(id));
    ids
}

#[test]
fn texts_are_cut_as_bert_cuts_them() {
    let embedder = StaticEmbedder::open(fixture()).unwrap();
    let cases: [(&str, &[usize]); 12] = [
        ("Rates rise.", &[2, 3, 4, 8]),
        ("  RATE\t\trise?? ", &[2, 4, 7, 7]),
        ("rising fall-in", &[5, 13, 11]), // no piece `ris`: the whole word is unknown
        ("falling", &[5, 14]),
        ("fallings", &[5, 14, 3]),
        ("日rise日", &[9, 4, 9]),
        ("olé o\u{0301}le", &[10, 10]),
        ("ri\u{200b}se\u{0}", &[4]),               // controls and formats vanish
        ("rise\u{a0}fall\u{2003}in", &[4, 5, 11]), // all kinds of spaces separate
        ("rate—rise", &[2, 4]),                    // a sign that has no token
        ("[UNK] ##s", &[]),                        // no words of the text, and no piece begins a word
        ("s", &[]),
    ];
    for (text, ids) in cases {
        assert_eq!(tokens(&embedder, text), ids, "{text:?}");
    }
    let long = "rate".to_owned() + &"s".repeat(16);
    assert_eq!(tokens(&embedder, &long).len(), 17);
    assert_eq!(tokens(&embedder, &(long + "s")), [0; 0], "a word of more than 20 letters");
}

#[test]
fn a_vector_is_the_mean_of_its_tokens_scaled() {
    let embedder = StaticEmbedder::open(fixture()).unwrap();
    assert_eq!(embedder.identity().id(), "static-model");
    assert!(embedder.identity().is_semantic());
    assert_eq!(embedder.identity().version().len(), 64);
    for (text, sum) in [
        ("rate", [1.0, 0.0, 0.0, 0.0]),
        ("Will rates rise?", [1.25, 2.5, 0.25, 0.0]),
        ("unknown rate unknown", [1.0, 0.0, 0.0, 0.0]),
        ("march. 日", [0.0, 0.0, 0.125, 3.0]),
    ] {
        let length = sum.iter().map(|x: &f64| x * x).sum::<f64>().sqrt();
        for (x, sum) in embedder.vector(text).unwrap().into_iter().zip(sum) {
            assert!((f64::from(x) - sum / length).abs() < 1.0e-7, "{text}: {x}");
        }
    }
    // What is not known, and what adds up to nothing, is near to no other text of that kind.
    let [nothing, other, opposed] = ["", "xyz", "rise fall"].map(|text| embedder.vector(text).unwrap());
    for (left, right) in [(&nothing, &other), (&nothing, &opposed), (&other, &opposed)] {
        let cosine = left.iter().zip(right).map(|(x, y)| x * y).sum::<f32>();
        assert!(cosine < 0.99, "{cosine}");
    }
    assert_eq!(embedder.vector("xyz").unwrap(), other);
}

#[tokio::test]
async fn it_keeps_the_contract() {
    conformance::embedder(&StaticEmbedder::open(fixture()).unwrap()).await;
}

/// A copy of the model where one file went through `change`; what opening it says.
fn changed(file: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Result<StaticEmbedder, Error> {
    let folder = tempfile::tempdir().unwrap();
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        fs::copy(fixture().join(name), folder.path().join(name)).unwrap();
    }
    let path = folder.path().join(file);
    fs::write(&path, change(fs::read(&path).unwrap())).unwrap();
    StaticEmbedder::open(folder.path())
}

fn replaced(from: &'static str, to: &'static str) -> impl FnOnce(Vec<u8>) -> Vec<u8> {
    move |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(from), "{from}");
        text.replace(from, to).into_bytes()
    }
}

/// A file of weights with this head and these bytes.
fn weights(head: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (head.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(data);
    bytes
}

#[test]
fn other_numbers_give_the_same_vectors() {
    let rows = [1_i8, 2, 3, -4];
    let tensor = |kind, width: usize| {
        format!(r#"{{"embeddings":{{"dtype":"{kind}","shape":[15,4],"data_offsets":[0,{}]}}}}"#, 60 * width)
    };
    let all = || rows.iter().cycle().take(60);
    let bytes = all().map(|x| x.to_le_bytes()[0]).collect::<Vec<_>>();
    let floats = all().flat_map(|x| f32::from(*x).to_le_bytes()).collect::<Vec<_>>();
    let open = |head: String, data: &[u8]| changed("model.safetensors", |_| weights(&head, data)).unwrap();
    let (small, large) = (open(tensor("I8", 1), &bytes), open(tensor("F32", 4), &floats));
    let vector = small.vector("rate").unwrap();
    assert_eq!(vector, large.vector("rate").unwrap());
    assert!((vector[3] + 4.0 / 30.0_f32.sqrt()).abs() < 1.0e-6);
    assert_ne!(small.identity().version(), large.identity().version());
}

#[test]
fn bad_files_are_refused_by_name_and_field() {
    let tensor = |shape: &str, offsets: &str| {
        let head = format!(r#"{{"embeddings":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#);
        weights(&head, &[0; 64])
    };
    let weigh = |bytes: Vec<u8>| changed("model.safetensors", move |_| bytes);
    let nan = weights(
        r#"{"embeddings":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}"#,
        &f32::NAN.to_le_bytes(),
    );
    let cases = [
        (changed("config.json", |_| b"{}".to_vec()), ErrorKind::Corrupt, "normalize"),
        (changed("config.json", |_| vec![b' '; 2 << 20]), ErrorKind::Corrupt, "more than 1048576 bytes"),
        (changed("tokenizer.json", replaced("BertNormalizer", "NFC")), ErrorKind::OtherFormat, "NFC"),
        (
            changed("tokenizer.json", replaced("BertPre", "Whitespace")),
            ErrorKind::OtherFormat,
            "pre_tokenizer",
        ),
        (changed("tokenizer.json", replaced("WordPiece", "Unigram")), ErrorKind::OtherFormat, "Unigram"),
        (changed("tokenizer.json", replaced("lowercase", "uppercase")), ErrorKind::Corrupt, "normalizer"),
        (
            changed("tokenizer.json", replaced("\": 14", "\": 15")),
            ErrorKind::Corrupt,
            "`model.vocab` has the id 15",
        ),
        (changed("tokenizer.json", replaced("\": 14", "\": -1")), ErrorKind::Corrupt, "`model`"),
        (
            changed("tokenizer.json", replaced("word\": 20", "word\": 2000")),
            ErrorKind::Corrupt,
            "1000 is the most",
        ),
        (weigh(vec![1; 7]), ErrorKind::Corrupt, "too short"),
        (weigh(vec![255; 99]), ErrorKind::Corrupt, "length of its head"),
        (weigh(weights("{", &[])), ErrorKind::Corrupt, "model.safetensors"),
        (weigh(weights("{}", &[])), ErrorKind::Corrupt, "no tensor `embeddings`"),
        (weigh(weights(r#"{"embeddings":{},"mapping":{}}"#, &[])), ErrorKind::OtherFormat, "`mapping`"),
        (weigh(tensor("[4]", "[0,16]")), ErrorKind::Corrupt, "no matrix"),
        (weigh(tensor("[0,4]", "[0,0]")), ErrorKind::Corrupt, "0 x 4"),
        (weigh(tensor("[1,9999]", "[0,4]")), ErrorKind::Corrupt, "1 x 9999"),
        (weigh(tensor("[4,4]", "[0,60]")), ErrorKind::Corrupt, "data_offsets"),
        (weigh(tensor("[4,4]", "[8,72]")), ErrorKind::Corrupt, "data_offsets"),
        (weigh(tensor("[4,4]", "[64,0]")), ErrorKind::Corrupt, "data_offsets"),
        (weigh(tensor("[4611686018427387904,4]", "[0,64]")), ErrorKind::Corrupt, "data_offsets"),
        (weigh(nan), ErrorKind::Corrupt, "finite"),
    ];
    for (n, (result, kind, part)) in cases.into_iter().enumerate() {
        let error = result.expect_err("it must be refused");
        assert!(error.kind() == kind && error.to_string().contains(part), "{n}: {part}: {error}");
    }
    let error = StaticEmbedder::open(fixture().join("nowhere")).unwrap_err();
    assert!(error.kind() == ErrorKind::Io && error.to_string().contains("config.json"), "{error}");
}
