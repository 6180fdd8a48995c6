//! Each form of the document that uses everything, as a snapshot.

use assize_report::TerminalStyle;
use insta::assert_snapshot;

use crate::everything;

#[test]
fn markdown() {
    assert_snapshot!(everything::document().to_markdown());
}

#[test]
fn html() {
    assert_snapshot!(everything::document().to_html());
}

#[test]
fn json() {
    let json =
        serde_json::to_string_pretty(&everything::document().to_json()).expect("a value is always written");
    assert_snapshot!(json);
}

#[test]
fn terminal() {
    assert_snapshot!(everything::document().to_terminal(&TerminalStyle { width: 100, colour: false }));
}

#[test]
fn terminal_with_colour() {
    let text = everything::document().to_terminal(&TerminalStyle { width: 72, colour: true });
    assert_snapshot!(text.replace('\u{1b}', "ESC"));
}

#[test]
fn a_very_narrow_terminal_shows_rows_one_field_a_line() {
    let text = everything::document().to_terminal(&TerminalStyle { width: 24, colour: false });
    let targets: Vec<_> =
        text.lines().skip_while(|line| !line.starts_with("Targets of this")).take(14).collect();
    assert_snapshot!(targets.join("\n"));
}
