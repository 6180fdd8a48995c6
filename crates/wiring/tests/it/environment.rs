//! What the environment says about colour. Each case is asked of a process of its own: an environment is shared by all
//! threads of one.

use std::process::Command;

use assize_wiring::colour_is_welcome;

const ASKED: &str = "environment::this_process_is_asked";
/// No test has this name: it marks the process that is asked.
const BY_A_PARENT: &str = "asked-by-a-parent";

/// Passes where colour is welcome; run as a test among others it only has to answer.
#[test]
fn this_process_is_asked() {
    let asked_by_a_parent = std::env::args().any(|argument| argument == BY_A_PARENT);
    assert!(!asked_by_a_parent || colour_is_welcome());
}

#[test]
fn no_color_and_a_dumb_terminal_are_respected() {
    let program = std::env::current_exe().expect("this program");
    for (variables, welcome) in [
        (&[][..], true),
        (&[("NO_COLOR", "")], true),
        (&[("NO_COLOR", "1")], false),
        (&[("NO_COLOR", "0")], false),
        (&[("TERM", "xterm-256color")], true),
        (&[("TERM", "dumb")], false),
        (&[("TERM", "xterm"), ("NO_COLOR", "yes")], false),
    ] {
        let mut command = Command::new(&program);
        command.args([ASKED, BY_A_PARENT, "--exact"]).env_remove("NO_COLOR").env_remove("TERM");
        let done = command.envs(variables.iter().copied()).output().expect("it runs");
        let output = String::from_utf8_lossy(&done.stdout);
        assert!(output.contains("running 1 test"), "{output}");
        assert_eq!(done.status.success(), welcome, "{variables:?}");
    }
}
