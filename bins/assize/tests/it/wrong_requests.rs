//! What cannot be done is refused with the right exit code and a message that says what to do.

use crate::program::Place;

/// Arguments, exit code, what standard error says.
type Refusal = (&'static [&'static str], i32, &'static str);

/// Runs each: nothing on standard output, the message on standard error.
fn refused(place: &Place, table: &[Refusal]) {
    for (arguments, code, message) in table {
        let told = place.told(arguments);
        assert_eq!((told.code, told.out.as_str()), (*code, ""), "{arguments:?}: {}", told.err);
        assert!(told.err.contains(message), "{arguments:?}: {}", told.err);
    }
}

fn place() -> Place {
    Place::new()
        .with_file("none/readme.txt", "prices were here once")
        .with_file("empty/KO.csv", "")
        .with_file("text/KO.csv", "A letter.\n\nDear all, the price is high.\n")
        .with_file("data.bin", [0, 159, 146, 150])
        .with_file("latin1.txt", b"caf\xe9")
        .with_file("blank.txt", " \n\n")
        .with_file("in the way", "a file")
        .with_folder("folder.jsonl")
}

#[test]
fn of_a_brief() {
    const ASKED: [&str; 5] = ["brief", "RISE", "--prices", "prices", "--as-of"];
    let place = place();
    refused(
        &place,
        &[
            (&["brief", "RISE", "--prices", "nowhere"], 2, "open the price folder nowhere"),
            (&["brief", "RISE", "--prices", "nowhere"], 2, "hint: give the folder that holds the files"),
            (&["brief", "RISE", "--prices", "prices/RISE.csv"], 2, "it is not a folder"),
            (&["brief", "RISE", "--prices", "none"], 2, "it holds no CSV file that names a ticker"),
            (&["brief", "RISE", "--prices", "none"], 2, "hint: name the files after their tickers"),
            (&["brief", "RISE"], 2, "--prices DIR"),
            (
                &["brief", "RISE", "--data", "world:1", "--sources", "options"],
                2,
                "no source of prices is asked",
            ),
            (
                &["brief", "RISE", "--prices", "prices", "--model", "human:Ada"],
                2,
                "a brief does not wait for people",
            ),
            (&["brief", "RISE", "--prices", "prices", "--panel", "nowhere.toml"], 2, "nowhere.toml"),
            (&["brief", "--prices", "prices"], 2, "<TICKER>..."),
            (&["brief", "../KO", "--prices", "prices"], 2, "read the ticker `../KO`: write 1 to 15 letters"),
            (&["brief", "/etc/passwd", "--prices", "prices"], 2, "read the ticker"),
            (&["brief", "", "--prices", "prices"], 2, "read the ticker ``"),
            (&["brief", "A B", "--prices", "prices"], 2, "read the ticker `A B`"),
            (&["brief", "RISE", "--prices", "prices", "--as-of", "2999-01-01"], 2, "lies in the future"),
            (&["brief", "RISE", "--prices", "prices", "--as-of", "2019-2-3"], 2, "write it as 1998-03-02"),
            (&["brief", "RISE", "--prices", "prices", "--as-of", "2019-02-30"], 2, "write it as 1998-03-02"),
            (&["brief", "RISE", "--prices", "prices", "--as-of", "yesterday"], 2, "write it as 1998-03-02"),
        ],
    );
    let terms: [(&[&str], &str); 17] = [
        (&["--rounds", "0"], "0 is not in 1..=50"),
        (&["--rounds", "51"], "51 is not in 1..=50"),
        (&["--rounds", "many"], "invalid digit"),
        (&["--budget", "-1"], "a budget must not be negative"),
        (&["--budget", "-0.000000000001"], "a budget must not be negative"),
        (&["--budget", "x"], "read the amount `x`"),
        (&["--budget", "1e3"], "read the amount `1e3`"),
        (&["--deadline", "0s"], "longer than nothing"),
        (&["--deadline=-3s"], "longer than nothing"),
        (&["--deadline", "soon"], "write a time such as 30s"),
        (&["--rule", "coin"], "there are plurality, majority, supermajority"),
        (&["--without", "prices"], "what can be left out is altdata, options and debate"),
        (&["--without", "debate,decision"], "leave out \"decision\""),
        (&["--horizon", "0"], "0 is not in 1..=252"),
        (&["--horizon", "253"], "253 is not in 1..=252"),
        (&["--concurrency", "0"], "0 is not in 1..=256"),
        (&["--seed", "-1"], "unexpected argument"),
    ];
    for (arguments, message) in terms {
        let told = place.told(&[&ASKED[..], &["2019-12-31"], arguments].concat());
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{arguments:?}");
        assert!(told.err.contains(message), "{arguments:?}: {}", told.err);
    }
}

/// The brief is made, and says what is missing; nothing could be decided by what was given.
#[test]
fn tickers_of_which_nothing_can_be_said() {
    let place = place();
    for (arguments, message) in [
        (&["brief", "KO", "--prices", "empty"][..], "`KO.csv` holds nothing"),
        (&["brief", "KO", "--prices", "text"], "its header is `A letter.`; a price table"),
        (&["brief", "ZZZZ", "--prices", "prices"], "it has ADJ, DIRTY, EMPTY, FALL, RISE, SPLIT,"),
        (
            &["brief", "RISE", "--prices", "prices", "--as-of", "2018-12-31"],
            "no usable row was known by 2018-12-31",
        ),
        (&["brief", "RISE", "--prices", "prices", "--as-of", "2020-12-31"], "the newest is of 2020-01-31"),
    ] {
        let told = place.told(arguments);
        assert_eq!(told.code, 2, "{arguments:?}: {}", told.out);
        assert!(
            told.out.contains("no decision") && told.out.contains(message),
            "{arguments:?}: {}",
            told.out
        );
    }
    // One of two is enough for a brief.
    let told = place.told(&["brief", "ZZZZ", "RISE", "--prices", "prices", "--as-of", "2019-12-31"]);
    assert_eq!(told.code, 0);
    assert!(told.out.contains("overweight") && told.out.contains("no file for ZZZZ"), "{}", told.out);
}

#[test]
fn of_a_debate() {
    let place = place();
    refused(
        &place,
        &[
            (&["debate"], 2, "<QUESTION>"),
            (&["debate", "Tea?"], 2, "there is nobody to argue"),
            (&["debate", "Tea?"], 2, "hint: give a model"),
            (&["debate", "", "--model", "scripted:panel/ada.txt"], 2, "the question must have"),
            (&["debate", "Tea?", "--model", "gpt-4o"], 2, "there is no debater \"gpt-4o\""),
            (&["debate", "Tea?", "--model", "analyst:astrology"], 2, "there is no debater"),
            (&["debate", "Tea?", "--model", "simulated:gpt-99"], 2, "the nearest known are"),
            (&["debate", "Tea?", "--model", "scripted:gone.txt"], 2, "read the script gone.txt"),
            (&["debate", "Tea?", "--model", "scripted:blank.txt"], 2, "it holds no answer"),
            (&["debate", "Tea?", "--model", "scripted:panel"], 2, "read the script panel"),
            (
                &["debate", "Tea?", "--model", "scripted:panel/ada.txt", "--option", "yes"],
                2,
                "2 to 64 options",
            ),
            (
                &[
                    "debate",
                    "Tea?",
                    "--model",
                    "scripted:panel/ada.txt",
                    "--option",
                    "yes",
                    "--option",
                    "Yes",
                ],
                2,
                "its options must differ",
            ),
            (
                &["debate", "Tea?", "--model", "scripted:panel/ada.txt", "--rounds", "0"],
                2,
                "0 is not in 1..=50",
            ),
            (
                &["debate", "Tea?", "--model", "scripted:panel/ada.txt", "--budget", "-1"],
                2,
                "must not be negative",
            ),
        ],
    );
}

#[test]
fn of_evidence() {
    let place = place();
    refused(
        &place,
        &[
            (&["debate", "Tea?", "--evidence", "evidence/notes.jsonl"], 2, "there is nobody to argue"),
            (
                &["debate", "Tea?", "--evidence", "gone.csv"],
                2,
                "read the evidence gone.csv: there is no such file",
            ),
            (&["debate", "Tea?", "--evidence", "gone.jsonl"], 2, "read the evidence gone.jsonl"),
            (&["debate", "Tea?", "--evidence", "data.bin"], 2, "its kind is not known"),
            (&["debate", "Tea?", "--evidence", "data.bin"], 2, "hint: evidence is a table of daily prices"),
            (&["debate", "Tea?", "--evidence", "panel"], 2, "its kind is not known"),
            (&["debate", "Tea?", "--evidence", "folder.jsonl"], 2, "read the evidence folder.jsonl"),
            (&["debate", "Tea?", "--evidence", "latin1.txt"], 2, "read the evidence latin1.txt"),
            (&["debate", "Tea?", "--evidence", "blank.txt"], 2, "it is empty"),
            (&["debate", "Tea?", "--evidence", "empty/KO.csv"], 2, "`KO.csv` holds nothing"),
            (
                &["debate", "Tea?", "--evidence", "text/KO.csv"],
                2,
                "line 3: it has 2 columns, and the header has 1",
            ),
            (&["debate", "Tea?", "--evidence", "evidence/broken.jsonl"], 2, "evidence/broken.jsonl, line 2"),
            (&["debate", "Tea?", "--evidence", "evidence/broken.jsonl"], 2, "hint: an item is a JSON object"),
            (
                &["debate", "Tea?", "--evidence", "prices/RISE.csv", "--evidence", "prices/RISE.csv"],
                2,
                "is there twice",
            ),
            (
                &["debate", "Tea?", "--evidence", "prices/RISE.csv", "--as-of", "2999-01-01"],
                2,
                "lies in the future",
            ),
            (
                &["debate", "Tea?", "--evidence", "prices/RISE.csv", "--as-of", "2018-01-01"],
                2,
                "no usable row was known by",
            ),
        ],
    );
}

#[test]
fn of_a_debate_that_is_to_go_on() {
    let place = place()
        .with_file("logs/deb-aaaaaaaaaaaa.jsonl", "{\"v\":2,\"at_us\":0,\"event\":{\"type\":\"Opened\"}}\n")
        .with_file("logs/deb-bbbbbbbbbbbb.jsonl", "a diary\n")
        .with_file("notes.db", "a diary, day after day\n")
        .with_file("logs/deb-cccccccccccc.jsonl", "{\"v\":1,\"at_us\":0,\"event\":{\"type\":\"resumed\"}}\n");
    refused(
        &place,
        &[
            (&["debate", "--resume", "deb-0123456789ab"], 2, "--journal <PATH>"),
            (
                &["debate", "--resume", "deb-0123456789ab", "--journal", "logs"],
                2,
                "there is no such debate in logs",
            ),
            (
                &["debate", "--resume", "deb-0123456789ab", "--journal", "gone"],
                2,
                "there is no such debate in gone",
            ),
            (
                &["debate", "--resume", "deb-0123456789ab", "--journal", "gone.db"],
                2,
                "there is no such debate in gone.db",
            ),
            (
                &["debate", "Tea?", "--model", "scripted:panel/ada.txt", "--journal", "notes.db"],
                2,
                "open the journal notes.db: it is no SQLite file",
            ),
            (&["debate", "Tea?", "--durability", "power"], 2, "--journal <PATH>"),
            (&["debate", "Tea?", "--journal", "logs", "--durability", "fire"], 2, "there are process, power"),
            (&["debate", "--resume", "../logs/x", "--journal", "logs"], 2, "use the journal key"),
            (&["debate", "--resume", "deb-0123456789ab", "--journal", "in the way"], 2, "it is not a folder"),
            (
                &["debate", "Tea?", "--model", "scripted:panel/ada.txt", "--journal", "in the way"],
                2,
                "open the journal in the way: it is not a folder",
            ),
            (
                &["debate", "--resume", "deb-aaaaaaaaaaaa", "--journal", "logs"],
                2,
                "use the program that wrote it",
            ),
            (
                &["debate", "--resume", "deb-bbbbbbbbbbbb", "--journal", "logs"],
                2,
                "read a line of the debate's log",
            ),
            (
                &["debate", "--resume", "deb-cccccccccccc", "--journal", "logs"],
                2,
                "does not begin with its opening",
            ),
        ],
    );
    assert_eq!(place.read("in the way"), "a file", "nothing was written over it");
}

#[test]
fn of_prices_and_models() {
    let place = place();
    refused(
        &place,
        &[
            (&["cost", "gtp-4o", "--input", "1", "--output", "1"], 2, "the nearest known are `gpt-4o`"),
            (&["cost", "gtp-4o", "--input", "1", "--output", "1"], 2, "hint: `assize models` lists"),
            (&["cost", "gpt-4o", "--input", "1"], 2, "--output <TOKENS>"),
            (&["cost", "gpt-4o", "--input", "-1", "--output", "1"], 2, "unexpected argument"),
            (&["cost", "gpt-4o", "--input", "99999999999999999999", "--output", "1"], 2, "too large"),
            (&["cost", "gpt-4o", "--input", "1", "--output", "1", "--at", "never"], 2, "--at <TIME>"),
            (&["models", "no such model"], 2, "find a model that holds \"no such model\""),
            (&["models", "no such model"], 2, "hint: `assize models` without a filter lists all"),
            (&["modles"], 2, "unrecognized subcommand"),
        ],
    );
    // Without a subcommand the help is what standard error gets.
    let told = place.command(&[]).output().expect("the program runs");
    assert_eq!((told.status.code(), told.stdout.len()), (Some(2), 0));
    assert!(String::from_utf8_lossy(&told.stderr).contains("Usage: assize <COMMAND>"));
}

#[test]
fn want_of_time_or_money_ends_with_4() {
    let place = place();
    for arguments in [
        &["brief", "RISE", "--prices", "prices", "--as-of", "2019-12-31", "--deadline", "1ns"][..],
        &["debate", "Tea?", "--model", "simulated:gpt-4o", "--budget", "0.0001"],
        &["debate", "Tea?", "--model", "simulated:gpt-4o", "--deadline", "1ms"],
    ] {
        let told = place.told(arguments);
        assert_eq!(told.code, 4, "{arguments:?}: {}", told.out);
        assert!(told.out.contains("deadline") || told.out.contains("budget"), "{arguments:?}: {}", told.out);
    }
    let told =
        place.told(&["brief", "RISE", "--prices", "prices", "--as-of", "2019-12-31", "--out", "in the way"]);
    assert_eq!((told.code, told.out.as_str()), (2, ""), "a file is in the way, and no work is done for it");
    assert!(told.err.contains("error: failed to make the folder in the way"), "{}", told.err);
}
