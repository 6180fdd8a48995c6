//! Colours where they are wanted, and outputs that nobody reads.

use std::{
    io::pipe,
    path::Path,
    process::{Command, Stdio},
};

use crate::program::Place;

const BRIEF: [&str; 7] = ["brief", "RISE", "WAVE", "--prices", "prices", "--as-of", "2019-12-31"];

#[test]
fn a_pipe_gets_no_colour_whatever_the_environment_says() {
    let place = Place::new();
    for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("NO_COLOR", "")] {
        for arguments in
            [&BRIEF[..], &["models"], &["--help"], &["cost", "gpt-99", "--input", "1", "--output", "1"]]
        {
            let done = place.command(arguments).env(name, value).output().expect("the program runs");
            assert!(!done.stdout.contains(&0x1b) && !done.stderr.contains(&0x1b), "{name} {arguments:?}");
        }
    }
}

/// What the program prints on a terminal, which util-linux's `script` plays; `None` where there is no such program.
fn on_a_terminal(place: &Place, environment: &[(&str, &str)]) -> Option<String> {
    if !cfg!(target_os = "linux") || !Path::new("/usr/bin/script").is_file() {
        return None;
    }
    let program = env!("CARGO_BIN_EXE_assize");
    let line = format!("'{program}' {}", BRIEF.join(" "));
    let mut script = Command::new("/usr/bin/script");
    script.args(["-qec", &line, "/dev/null"]).current_dir(place.path("")).stdin(Stdio::null());
    script.env_remove("NO_COLOR").env("TERM", "xterm").envs(environment.iter().copied());
    let done = script.output().expect("it runs");
    Some(String::from_utf8_lossy(&done.stdout).into_owned())
}

#[test]
fn a_terminal_gets_colour_unless_no_color_is_set() {
    let place = Place::new();
    let Some(coloured) = on_a_terminal(&place, &[]) else { return };
    assert!(coloured.contains("\u{1b}[1mMorning brief"), "{coloured:?}");
    // Empty counts as not set (no-color.org).
    assert!(
        on_a_terminal(&place, &[("NO_COLOR", "")])
            .is_some_and(|text| text.contains("\u{1b}[1mMorning brief"))
    );
    for plain in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let text = on_a_terminal(&place, &[plain]).expect("it ran before");
        let result = &text[text.find("Morning brief").expect("the brief")..];
        assert!(!result.contains("\u{1b}[1m") && !result.contains("\u{1b}[3"), "{plain:?}: {result:?}");
    }
}

/// A reader that went away, as in `assize models | head -1`, is no error; what was decided still counts.
#[test]
fn a_closed_output_is_no_error() {
    let place = Place::new();
    for (arguments, code) in [
        (&BRIEF[..], 0),
        (&["brief", "TEXT", "--prices", "prices", "--as-of", "2019-12-31"], 2),
        (&["debate", "Ship?", "--model", "scripted:panel/ada.txt", "--stream"], 0),
        (&["models"], 0),
        (&["models", "--json"], 0),
        (&["cost", "gpt-4o", "--input", "1", "--output", "1"], 0),
        (&["ask", "Ship?", "--model", "scripted:panel/ada.txt"], 0),
        (&["cache", "stats"], 0),
        (&["cache", "stats", "--prometheus"], 0),
        (&["doctor"], 0),
        (&["--help"], 0),
        (&["brief", "RISE", "--prices", "nowhere"], 2),
    ] {
        let closed = || {
            let (reader, writer) = pipe().expect("a pipe");
            drop(reader);
            writer
        };
        let out = place.command(arguments).stdout(closed()).output().expect("the program runs");
        assert_eq!(out.status.code(), Some(code), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
        assert!(!String::from_utf8_lossy(&out.stderr).contains("panicked"), "{arguments:?}");
        let err = place.command(arguments).stderr(closed()).output().expect("the program runs");
        assert_eq!(err.status.code(), Some(code), "{arguments:?} with standard error closed");
    }
}
