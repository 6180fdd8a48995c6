//! Whoever sits at a terminal is asked before everything is removed.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use crate::program::Place;

/// What the program says on a terminal, which util-linux's `script` plays, and how it ends, when this is typed.
fn typed(place: &Place, keys: &str) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_assize");
    let mut script = Command::new("/usr/bin/script");
    script.args(["-qec", &format!("'{program}' cache clear --all --cache kept"), "/dev/null"]);
    script.current_dir(place.path("")).env("TERM", "dumb").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = script.spawn().expect("it runs");
    child.stdin.take().expect("its input").write_all(keys.as_bytes()).expect("it is typed");
    let done = child.wait_with_output().expect("it ends");
    (done.status.code().expect("a code"), String::from_utf8_lossy(&done.stdout).into_owned())
}

#[test]
fn everything_goes_after_a_yes_alone() {
    if !cfg!(target_os = "linux") || !Path::new("/usr/bin/script").is_file() {
        return;
    }
    let place = Place::new().with_file("questions.txt", "One?\n").with_file("answers.txt", "Yes.\n");
    assert_eq!(super::warm(&place, "questions.txt", "scripted:answers.txt", &[]).0, 0);
    for no in ["n\n", "\n", "yesterday\n", "\u{4}"] {
        let (code, said) = typed(&place, no);
        assert!(
            code == 1 && said.contains("Remove everything from the cache in kept? [y/N]"),
            "{no:?}: {code} {said}"
        );
        assert!(said.contains("nothing was removed"), "{no:?}: {said}");
    }
    assert_eq!(super::kept(&place), (1, 1));
    let (code, said) = typed(&place, "Yes\n");
    assert!(code == 0 && said.contains("Removed: 1"), "{code} {said}");
    assert_eq!(super::kept(&place), (0, 0));
}
