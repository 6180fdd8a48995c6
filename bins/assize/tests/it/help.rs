//! Help is there, with examples that are right.

use crate::program::Place;

#[test]
fn each_command_has_examples() {
    let place = Place::new();
    for command in [
        "brief",
        "analyze",
        "debate",
        "cost",
        "tokens",
        "models",
        "doctor",
        "world",
        "ask",
        "cache",
        "fetch",
        "score",
        "portfolio",
        "backtest",
    ] {
        let told = place.told(&[command, "--help"]);
        assert_eq!((told.code, told.err.as_str()), (0, ""), "{command}");
        let (_, examples) = told.out.split_once("Examples:\n").expect("examples");
        assert!(
            examples.lines().next().is_some_and(|line| line.starts_with(&format!("  assize {command}"))),
            "{examples}"
        );
        let (out, short) = (&told.out, place.told(&[command, "-h"]));
        assert!(out.contains("Usage: assize") && short.code == 0, "{out}");
    }
    for command in ["stats", "clear", "warm"] {
        let told = place.told(&["cache", command, "--help"]);
        assert!(told.out.contains(&format!("Examples:\n  assize cache {command}")), "{}", told.out);
    }
    for command in ["show", "events"] {
        let told = place.told(&["portfolio", command, "--help"]);
        assert!(told.out.contains(&format!("Examples:\n  assize portfolio {command}")), "{}", told.out);
    }
    let told = place.told(&["--help"]);
    assert!(told.code == 0 && told.out.contains("Exit codes: 0 done; 1 done"), "{}", told.out);
    assert!(place.told(&["--version"]).out.starts_with("assize "));
}

/// The examples that can be run here, as they stand in the help, run.
#[test]
fn examples_can_be_run() {
    let reply =
        r#"{"model": "gpt-4o", "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}}"#;
    let request = r#"{"model": "gpt-4o", "messages": [{"role": "user", "content": "Is it so?"}]}"#;
    let place = Place::new()
        .with_file("replies.jsonl", format!("{reply}\n{reply}\n"))
        .with_file("more/stream.txt", format!("data: {reply}\n\ndata: [DONE]\n"))
        .with_file("request.json", request)
        .with_file("README.md", "How long is this?");
    let mut run = 0;
    for command in ["brief", "cost", "tokens", "models", "doctor"] {
        let help = place.told(&[command, "--help"]).out;
        for line in help.lines().filter_map(|line| line.trim().strip_prefix("assize ")) {
            if !line.starts_with(command) || line.contains(['<', '[', '|', '*']) {
                continue;
            }
            // Nobody is asked over the network, nor a model that wants a key.
            let is_near = line.contains("--prices") || line.contains("--data world:");
            if command == "brief" && (!is_near || line.contains("--model") || line.contains("--panel")) {
                continue;
            }
            // Our prices are of other tickers and another year.
            let line = line.replace("KO PEP", "RISE FALL").replace("KO", "RISE").replace("NVDA", "FALL");
            let line = line.replace("1998-03-02", "2019-12-31").replace("2014-12-31", "2019-12-31");
            let line = if command == "brief" && !line.contains("--as-of") {
                line + " --as-of 2019-12-31"
            } else {
                line
            };
            let arguments: Vec<&str> = line.split(' ').collect();
            let told = place.told(&arguments);
            assert_eq!(told.code, 0, "{line}: {}", told.err);
            run += 1;
        }
    }
    assert!(run >= 9, "{run}");
}
