//! The rules of the house, held against the house itself; the benches' runner, against programs made for the purpose.

#[cfg(unix)]
mod bench;
mod planted;

use xtask::tidy;

#[test]
fn this_workspace_is_tidy() {
    let findings = tidy::inspect(&xtask::root()).expect("the workspace can be read");
    let lines: Vec<String> = findings.violations.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} violations:\n{}", lines.len(), lines.join("\n"));
}
