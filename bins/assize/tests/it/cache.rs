//! `assize cache` and `assize ask`: with played vendors, over real sockets and a real file.

mod refused;
mod shared;
mod terminal;

use std::{collections::BTreeMap, fs, thread};

use serde_json::Value;

use crate::{
    hired::World,
    program::{Place, Told},
};

const QUESTIONS: &str = "What is a basis point?\nWhat is a coupon?\n\nWhat is a swap?\nWhat is a coupon?\n";

fn place() -> Place {
    Place::new().with_file("questions.txt", QUESTIONS)
}

fn model(world: &World) -> String {
    format!("{}/v1#gpt-4o", world.address)
}

fn json(told: &Told) -> Value {
    serde_json::from_str(&told.out).unwrap_or_else(|e| panic!("{e}: {} {}", told.out, told.err))
}

/// Warms the cache in the folder `kept`, and gives the exit code and what it said.
fn warm(place: &Place, file: &str, model: &str, more: &[&str]) -> (i32, Value) {
    let arguments = ["cache", "warm", file, "--model", model, "--cache", "kept", "--json"];
    let told = place.told(&[&arguments[..], more].concat());
    (told.code, json(&told))
}

/// How many questions were present, computed, not kept and failed.
fn counts(warmed: &Value) -> [u64; 4] {
    ["present", "computed", "not_kept", "failed"].map(|field| warmed[field].as_u64().expect(field))
}

fn stats(place: &Place) -> Value {
    let told = place.told(&["cache", "stats", "--cache", "kept", "--json"]);
    assert_eq!(told.code, 0, "{}", told.err);
    json(&told)
}

/// How many entries the disk holds, by the namespaces and by the tier itself.
fn kept(place: &Place) -> (u64, u64) {
    let stats = stats(place);
    let spaces = stats["namespaces_on_disk"].as_array().expect("a list");
    let by_space = spaces.iter().map(|space| space["entries"].as_u64().expect("a number")).sum();
    let disk = stats["tiers"].as_array().and_then(|tiers| tiers.last()).expect("the disk");
    assert_eq!((&disk["name"], &disk["available"]), (&"disk".into(), &true.into()), "{stats}");
    (by_space, disk["entries"].as_u64().expect("a number"))
}

#[test]
fn what_was_asked_once_is_there_when_nobody_answers_any_more() {
    let place = place();
    let world = World::start(&place);
    let model = model(&world);
    let (code, first) = warm(&place, "questions.txt", &model, &[]);
    assert_eq!((code, counts(&first)), (0, [0, 3, 0, 0]), "{first}");
    assert_eq!((first["questions"].as_u64(), first["distinct"].as_u64()), (Some(4), Some(3)), "{first}");
    assert!(
        first["tokens"]["input"].as_u64() > Some(0) && first["tokens"]["output"].as_u64() > Some(0),
        "{first}"
    );
    assert_eq!((&first["cost"], &first["unwritten"]), (&"0.00".into(), &0.into()), "a machine of one's own");

    // Whatever else the request says, and whoever else makes it: that is another request.
    let ask = ["ask", "What is a swap?", "--model", &model];
    for other in [
        &["--scope", "acme", "--cache", "kept"][..],
        &["--system", "Be brief.", "--cache", "kept"],
        &["--temperature", "0", "--cache", "kept"],
        &["--max-tokens", "5000", "--cache", "kept"],
        &["--no-cache"],
    ] {
        let is_kept = other != ["--no-cache"];
        let answer = json(&place.told(&[&ask[..], other, &["--json"]].concat()));
        let found = (&answer["from"], &answer["kept"]);
        assert_eq!(found, (&"model".into(), &is_kept.into()), "{other:?}: {answer}");
    }

    // From here on nobody listens.
    drop(world);
    let (code, second) = warm(&place, "questions.txt", &model, &[]);
    assert_eq!((code, counts(&second)), (0, [3, 0, 0, 0]), "{second}");
    assert_eq!(second["tokens"]["output"], 0, "{second}");

    let ask = [&ask[..], &["--cache", "kept"]].concat();
    let told = place.told(&ask);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.out.len() > 10 && told.err.starts_with("from the cache"), "{}{}", told.out, told.err);
    let answer = json(&place.told(&[&ask[..], &["--json"]].concat()));
    assert_eq!((&answer["from"], &answer["cost"]), (&"cache".into(), &"0.00".into()), "{answer}");
    assert_eq!(answer["answer"].as_str().map(str::trim), Some(told.out.trim()), "it is the same answer");

    // One that is missing among others that are there.
    let place = place.with_file("more.txt", format!("{QUESTIONS}What is new?\n"));
    let (code, partly) = warm(&place, "more.txt", &model, &[]);
    assert_eq!((code, counts(&partly)), (1, [3, 0, 0, 1]), "{partly}");
    assert_eq!(
        (&partly["failures"][0]["line"], &partly["failures"][0]["kind"]),
        (&6.into(), &"unreachable".into())
    );
    assert_eq!(kept(&place), (7, 7));
}

/// A server of one's own, a rehearsal and a script may call their models alike.
#[test]
fn one_models_answers_are_not_anothers() {
    let place = Place::new().with_file("gpt-4o", "A line of a script.\n");
    let (one, other) = (World::start(&place), World::start(&place));
    let mut models =
        vec![model(&one), model(&other), "simulated:gpt-4o".to_owned(), "scripted:gpt-4o".to_owned()];
    models.push(format!("anthropic+{}#gpt-4o", one.address));
    for from in ["model", "cache"] {
        for model in &models {
            let told = place.told(&["ask", "Who are you?", "--model", model, "--json"]);
            assert_eq!(told.code, 0, "{}", told.err);
            let answer = json(&told);
            assert_eq!(answer["from"], from, "{answer}");
            assert!(
                answer["model"].as_str().is_some_and(|named| named.starts_with(model.as_str())),
                "{answer}"
            );
            assert_eq!(answer["simulated"], model == "simulated:gpt-4o", "{answer}");
            if from == "model" && model == "simulated:gpt-4o" {
                assert_ne!(answer["cost"], "0.00", "{answer}");
            } else {
                assert_eq!(answer["cost"], "0.00", "{answer}");
            }
        }
    }
    assert!(place.path("caches/assize/entries-1.sqlite").is_file(), "where the environment says");
    let place = place.with_file("gpt-4o", "Another script of the same name.\n");
    let told = place.told(&["ask", "Who are you?", "--model", "scripted:gpt-4o"]);
    assert_eq!(told.out, "Another script of the same name.\n", "{}", told.err);
}

#[test]
fn an_answer_that_was_cut_off_is_not_kept() {
    let place = place();
    let world = World::start(&place);
    let model = model(&world);
    for _ in 0..2 {
        let (code, cut) = warm(&place, "questions.txt", &model, &["--max-tokens", "1"]);
        assert_eq!((code, counts(&cut)), (3, [0, 0, 3, 0]), "{cut}");
    }
    assert_eq!(kept(&place), (0, 0));
    let told =
        place.told(&["ask", "What is a swap?", "--model", &model, "--max-tokens", "1", "--cache", "kept"]);
    assert!(told.code == 0 && told.err.contains("not kept"), "{}{}", told.out, told.err);
}

#[test]
fn a_budget_holds_for_all_questions_together() {
    let place = place();
    let warm = |more: &[&str]| warm(&place, "questions.txt", "simulated:gpt-4o", more);
    // Not one call can be made; then room for one at a time of the three, each of which costs less than it could.
    let (code, none) = warm(&["--budget", "0.0001", "--max-tokens", "100"]);
    assert_eq!((code, counts(&none)), (4, [0, 0, 0, 3]), "{none}");
    assert_eq!(none["failures"][0]["kind"], "over_budget", "{none}");
    let (code, some) = warm(&["--budget", "0.0013", "--max-tokens", "100", "--at-once", "1"]);
    let [present, computed, not_kept, failed] = counts(&some);
    assert_eq!((code, present + not_kept, computed + failed), (1, 0, 3), "{some}");
    assert!(computed > 0 && failed > 0, "{some}");
    // With more, only what is missing is paid for.
    let (code, rest) = warm(&["--budget", "1", "--max-tokens", "100"]);
    assert_eq!((code, counts(&rest)), (0, [computed, failed, 0, 0]), "{rest}");
    assert_eq!(rest["simulated"], true);
    let told = place.told(&["ask", "Why?", "--model", "simulated:gpt-4o", "--budget", "0"]);
    assert_eq!((told.code, told.out.as_str()), (4, ""), "{}", told.err);
    assert!(told.err.contains("--max-tokens lowers it"), "{}", told.err);
}

#[test]
fn what_is_kept_is_shown_and_removed() {
    let place = place().with_file("answers.txt", "First.\n");
    let model = "scripted:answers.txt";
    for scope in ["acme", "zeta corp"] {
        assert_eq!(warm(&place, "questions.txt", model, &["--scope", scope]).0, 0);
    }
    assert_eq!(kept(&place), (6, 6));
    let told = place.told(&["cache", "stats", "--cache", "kept"]);
    for part in ["memory", "disk", "replies:1", "░", " 10.0 GB"] {
        assert!(told.out.contains(part), "{part}: {}", told.out);
    }
    let metrics = place.told(&["cache", "stats", "--cache", "kept", "--prometheus"]).out;
    for line in
        ["assize_cache_tier_entries{tier=\"1\",name=\"disk\"} 6", "# TYPE assize_cache_tier_bytes gauge"]
    {
        assert!(metrics.lines().any(|have| have == line), "{line}: {metrics}");
    }

    let clear = |what: &[&str]| place.told(&[&["cache", "clear", "--cache", "kept"], what].concat());
    for (what, removed) in [
        (&["--scope", "nobody"][..], 0),
        (&["--tag", "acme"], 0),
        (&["--prefix", "repl"], 0),
        (&["--prefix", "replies:2"], 0),
        (&["--prefix", "replies:1:nothing begins so"], 0),
        (&["--key", "replies:1:x"], 0),
        (&["--scope", "acme"], 3),
        (&["--prefix", "replies"], 3),
    ] {
        let told = clear(&[what, &["--json"]].concat());
        assert_eq!(
            (told.code, &json(&told)["tiers"][0]["removed"]),
            (0, &removed.into()),
            "{what:?}: {}",
            told.out
        );
    }
    assert_eq!(warm(&place, "questions.txt", model, &[]).0, 0);
    // Nobody can be asked.
    let told = clear(&["--all"]);
    assert!(told.code == 2 && told.err.contains("add --yes"), "{}", told.err);
    assert_eq!(kept(&place), (3, 3));
    let told = clear(&["--all", "--yes"]);
    assert!(told.code == 0 && told.out.starts_with("Removed: 3\n"), "{}", told.out);
    assert_eq!(kept(&place), (0, 0));
}

/// One key is removed by its name, as the file has it.
#[test]
fn one_entry_is_removed_by_its_key() {
    let place = place().with_file("answers.txt", "First.\n");
    assert_eq!(warm(&place, "questions.txt", "scripted:answers.txt", &[]).0, 0);
    let bytes: Vec<u8> = ["kept/entries-1.sqlite", "kept/entries-1.sqlite-wal"]
        .iter()
        .flat_map(|name| fs::read(place.path(name)).unwrap_or_default())
        .collect();
    let begin = b"replies:1:";
    let at = bytes.windows(begin.len()).position(|part| part == begin).expect("a key");
    let key = str::from_utf8(&bytes[at..at + begin.len() + 64]).expect("hexadecimal digits");
    let told = place.told(&["cache", "clear", "--key", key, "--cache", "kept"]);
    assert!(told.code == 0 && told.out.starts_with("Removed: 1\n"), "{key}: {}{}", told.out, told.err);
    assert_eq!(kept(&place), (2, 2));
}

/// Two programs warm the same cache, others look at it and remove from it meanwhile: none is in another's way.
#[test]
fn several_programs_share_a_disk() {
    let many: String = (0..400).map(|n| format!("What is {n}?\n")).collect();
    let place = Place::new().with_file("many.txt", many).with_file("answers.txt", "It is a number.\n");
    let warm = || warm(&place, "many.txt", "scripted:answers.txt", &["--at-once", "8"]);
    let (one, other) = thread::scope(|scope| {
        let (one, other) = (scope.spawn(warm), scope.spawn(warm));
        for _ in 0..3 {
            let told = place.told(&["cache", "stats", "--json"]);
            assert_eq!(told.code, 0, "{}", told.err);
            let told = place.told(&["cache", "clear", "--prefix", "another", "--json"]);
            assert_eq!(told.code, 0, "{}", told.err);
        }
        (one.join().expect("it ends"), other.join().expect("it ends"))
    });
    for (code, warmed) in [&one, &other] {
        let [present, computed, ..] = counts(warmed);
        assert_eq!((*code, present + computed, warmed["unwritten"].as_u64()), (0, 400, Some(0)), "{warmed}");
    }
    assert_eq!(counts(&warm().1), [400, 0, 0, 0]);
    assert_eq!(kept(&place), (400, 400));
}

#[test]
fn a_damaged_file_is_set_aside_and_said() {
    let place = place().with_file("answers.txt", "First.\n");
    let model = "scripted:answers.txt";
    assert_eq!(warm(&place, "questions.txt", model, &[]).0, 0);
    let place = place.with_file("kept/entries-1.sqlite", "this is no database, and never was");
    for name in ["kept/entries-1.sqlite-wal", "kept/entries-1.sqlite-shm"] {
        let _ = fs::remove_file(place.path(name));
    }
    let told = place.told(&["cache", "stats", "--cache", "kept"]);
    assert!(told.code == 0 && told.err.contains("the cache on disk was damaged"), "{}{}", told.out, told.err);
    assert!(told.out.contains("A damaged file was set aside"), "{}", told.out);
    let (code, again) = warm(&place, "questions.txt", model, &[]);
    assert_eq!((code, counts(&again)), (0, [0, 3, 0, 0]), "{again}");
    let name = stats(&place)["set_aside"].as_str().expect("a path").to_owned();
    assert_eq!(place.read(&name), "this is no database, and never was");

    // One page of a file that is otherwise whole.
    let mut files = BTreeMap::new();
    for name in ["kept/entries-1.sqlite", "kept/entries-1.sqlite-wal"] {
        files.insert(name, fs::read(place.path(name)).unwrap_or_default());
    }
    let (name, mut bytes) = files.into_iter().max_by_key(|(_, bytes)| bytes.len()).expect("one of them");
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0xa5);
    let place = place.with_file(name, bytes);
    let (code, again) = warm(&place, "questions.txt", model, &[]);
    let [present, computed, ..] = counts(&again);
    assert_eq!((code, present + computed), (0, 3), "{again}");
    assert_eq!(counts(&warm(&place, "questions.txt", model, &[]).1), [3, 0, 0, 0]);
}
