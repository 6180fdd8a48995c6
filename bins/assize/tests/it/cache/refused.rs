//! Files and arguments that are wrong, and what must not be shown of them.

use crate::program::{Place, Told};

/// Wherever it stood, it would be seen.
const PASSWORD: &str = "c0ffee-never-seen";

fn told(place: &Place, arguments: &[&str]) -> Told {
    let told = place.told(arguments);
    for text in [&told.out, &told.err] {
        assert!(!text.contains(PASSWORD), "{arguments:?}: {text}");
    }
    told
}

#[test]
fn arguments() {
    let place = Place::new().with_file("a file", "not TOML at all").with_folder("kept");
    for (arguments, message) in [
        (&["cache", "clear"][..], "--all"),
        (&["cache", "clear", "--all", "--tag", "x"], "cannot be used with"),
        (&["cache", "clear", "--tag", "two words"], "without spaces"),
        (&["cache", "clear", "--prefix", ""], "make a namespace"),
        (&["cache", "clear", "--prefix", "replies:x"], "\"x\" is no version"),
        (&["cache", "clear", "--prefix", "replies:1:a\u{7}"], "control characters"),
        (&["cache", "clear", "--key", "replies:1"], "write NAMESPACE:VERSION:TEXT"),
        (&["cache", "clear", "--scope", ""], "1 to 256 bytes"),
        (&["cache", "stats", "--json", "--prometheus"], "cannot be used with"),
        (&["cache", "stats", "--cache", "gone"], "there is no such folder"),
        (&["cache", "stats", "--cache", "gone.toml"], "read the cache file gone.toml"),
        (&["cache", "stats", "--cache", "a file"], "read the cache file a file, line 1: it is not TOML"),
        (&["cache", "warm", "a file"], "--model <MODEL>"),
        (
            &["cache", "warm", "a file", "--model", "simulated:gpt-4o", "--at-once", "0"],
            "0 is not in 1..=256",
        ),
        (&["cache", "warm", "gone.txt", "--model", "simulated:gpt-4o"], "read gone.txt"),
        (&["cache", "warm", "kept", "--model", "simulated:gpt-4o"], "read kept"),
        (&["cache", "warm", "a file", "--model", "gpt-4o"], "openai:NAME"),
        (&["cache", "warm", "a file", "--model", "simulated:gpt-99"], "the nearest known are"),
        (&["cache", "warm", "a file", "--model", "openai:gpt-4o"], "there is no key for it"),
        (&["ask", "Why?"], "--model <MODEL>"),
        (&["ask", " ", "--model", "simulated:gpt-4o"], "the question is empty"),
        (&["ask", "Why?", "--model", "simulated:gpt-4o", "--temperature", "3"], "a number from 0 to 2"),
        (&["ask", "Why?", "--model", "simulated:gpt-4o", "--temperature", "NaN"], "a number from 0 to 2"),
        (&["ask", "Why?", "--model", "simulated:gpt-4o", "--budget", "-1"], "must not be negative"),
        (
            &["ask", "Why?", "--model", "simulated:gpt-4o", "--cache", "kept", "--no-cache"],
            "cannot be used with",
        ),
        (&["ask", "Why?", "--model", "scripted:gone.txt"], "read the script gone.txt"),
    ] {
        let told = told(&place, arguments);
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{arguments:?}: {}", told.err);
        assert!(told.err.contains(message), "{arguments:?}: {}", told.err);
    }
}

#[test]
fn options() {
    let url = format!("redis = \"redis://ada:{PASSWORD}@127.0.0.1:1/0\"\n");
    let place = Place::new().with_file("a file", "");
    for (text, message) in [
        (format!("{url}foldre = \"kept\"\n"), "line 2: there is no field \"foldre\""),
        (format!("{url}memory_bytes = \"{PASSWORD}\"\n"), "line 2: `memory_bytes` must be a whole number"),
        (format!("redis = \"{PASSWORD}\"\n"), "line 1: `redis` must be redis://"),
        (format!("redis = {PASSWORD}\n"), "line 1: it is not TOML"),
        (format!("{url}folder = \"a file\"\n"), "open the cache in a file: it is not a folder"),
        (format!("{url}folder = \"a file/in it\"\n"), "a file/in it"),
    ] {
        let place = Place::new().with_file("a file", "").with_file("cache.toml", &text);
        for arguments in [
            &["cache", "stats"][..],
            &["cache", "clear", "--all", "--yes"],
            &["cache", "warm", "evidence/notes.jsonl", "--model", "simulated:gpt-4o"],
            &["ask", "Why?", "--model", "simulated:gpt-4o"],
        ] {
            let told = told(&place, &[arguments, &["--cache", "cache.toml"]].concat());
            assert!(told.code == 2 || told.code == 3, "{text}: {}", told.err);
            assert_eq!(told.out, "", "{text}");
            // Questions are read first.
            let reads_questions = arguments.contains(&"warm");
            assert!(
                reads_questions || told.err.contains(message) || told.err.contains("no such folder"),
                "{text}: {}",
                told.err
            );
        }
    }
    // Named by the environment: an answer is had without, and it is said.
    let mut command = place.command(&["ask", "Why?", "--model", "simulated:gpt-4o"]);
    let done = command.env("ASSIZE_CACHE", place.path("a file/in it")).output().expect("it runs");
    let err = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && err.contains("note: without a cache, since it failed to"), "{err}");
}

/// A server that is not there costs its tier and nothing else.
#[test]
fn an_absent_server() {
    let options = format!("folder = \"kept\"\nredis = \"redis://ada:{PASSWORD}@127.0.0.1:1/0\"\n");
    let place = Place::new()
        .with_file("cache.toml", options)
        .with_file("questions.txt", "One?\nTwo?\n")
        .with_file("answers.txt", "Yes.\n");
    let warm = [
        "cache",
        "warm",
        "questions.txt",
        "--model",
        "scripted:answers.txt",
        "--cache",
        "cache.toml",
        "--json",
    ];
    for (present, computed) in [(0, 2), (2, 0)] {
        let told = told(&place, &warm);
        let json = super::json(&told);
        assert_eq!(
            (told.code, &json["present"], &json["computed"]),
            (0, &present.into(), &computed.into()),
            "{json}"
        );
    }
    let told_as_json = told(&place, &["cache", "stats", "--cache", "cache.toml", "--json"]);
    let stats = super::json(&told_as_json);
    assert_eq!((told_as_json.code, &stats["tiers"][1]["available"]), (0, &false.into()), "{stats}");
    assert_eq!(stats["tiers"][1]["place"], "Redis at 127.0.0.1:1");
    assert_eq!(stats["tiers"][2]["entries"], 2, "{stats}");
    let shown = told(&place, &["cache", "stats", "--cache", "cache.toml"]);
    assert!(shown.out.contains("The shared tier does not answer: failed to"), "{}", shown.out);
    // What it holds is not removed, and that is an error.
    let cleared = told(&place, &["cache", "clear", "--all", "--yes", "--cache", "cache.toml", "--json"]);
    let json = super::json(&cleared);
    assert_eq!((cleared.code, &json["tiers"][1]["removed"]), (3, &2.into()), "{json}");
    assert!(json["tiers"][0]["removed"].is_null() && json["tiers"][0]["why_not"].is_string(), "{json}");
}

/// Nothing is asked where one line of the file is wrong.
#[test]
fn questions() {
    let long = format!("One?\n{}\n", "x".repeat(10_000_000));
    let place = Place::new()
        .with_file("long.txt", long)
        .with_file("bell.txt", "One?\nRing \u{1b}[31m the bell?\n")
        .with_file("latin1.txt", b"caf\xe9?\n")
        .with_file("blank.txt", "\n\n")
        .with_file(
            "field.jsonl",
            "{\"question\": \"One?\"}\n{\"question\": \"Two?\", \"mdel\": \"\\u001b[31m\"}\n",
        )
        .with_file("key.jsonl", "{\"\\u001b]0;x\\u0007\": \"One?\"}\n")
        .with_file("broken.jsonl", "{\"question\": \"One?\"\n");
    for (file, message) in [
        ("long.txt", "line 2: it has more than 1024 KiB"),
        ("bell.txt", "line 2: it holds a control character"),
        ("latin1.txt", "line 1 is no UTF-8 text"),
        ("blank.txt", "there are none"),
        ("field.jsonl", "line 2: unknown field `mdel`"),
        ("key.jsonl", "line 1: unknown field"),
        ("broken.jsonl", "line 1: EOF while parsing"),
    ] {
        let told = told(&place, &["cache", "warm", file, "--model", "simulated:gpt-4o", "--cache", "kept"]);
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{file}: {}", told.err);
        assert!(told.err.contains(message) && told.err.contains(file), "{file}: {}", told.err);
        assert!(!place.path("kept").exists(), "nothing was begun");
    }
}

/// What a model says is shown as words.
#[test]
fn an_answer_does_not_steer_the_terminal() {
    let place = Place::new().with_file("answers.txt", "Red \u{1b}[31malert\u{7} \u{9b}2J\n");
    for more in [&[][..], &["--json"], &[]] {
        let told =
            told(&place, &[&["ask", "What colour?", "--model", "scripted:answers.txt"], more].concat());
        assert!(told.code == 0 && told.out.contains("[31malert"), "{}{}", told.out, told.err);
    }
}
