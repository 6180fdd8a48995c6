//! A reader of prompts that shares nothing with their writer.

use assize_llm::{ChatRequest, Role};

/// A message, taken apart: its fenced blocks by their headings.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) label: String,
    pub(super) headings: Vec<String>,
    pub(super) outside: Vec<String>,
}

/// What may stand outside of fences.
fn is_frame(line: &str) -> bool {
    let numbered = |before: &str, after: &str| {
        line.strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|number| number.parse::<u32>().is_ok())
    };
    matches!(
        line,
        "" | "Question:"
            | "Evidence:"
            | "You said in the round before:"
            | "Others said:"
            | "From long ago, in short:"
            | "The summary so far:"
            | "Said since:"
            | "Your answer could not be read:"
            | "Answer with the JSON object alone."
    ) || numbered("Round ", " of the debate.")
        || numbered("After round ", " the debaters say:")
}

/// Whether a line can be the one with this number in a block: only evidence has lines of its own.
fn fits(heading: &str, number: usize, line: &str) -> bool {
    match heading {
        "question" | "why" => number == 0,
        "summary" => line.starts_with("- "),
        _ if heading.starts_with('[') => true,
        _ if number == 0 => line.starts_with("stance: "),
        _ => line.starts_with("- "),
    }
}

/// What no model may be sent: it is not seen, or it controls.
fn is_hidden(c: char) -> bool {
    if c == '\n' || (' '..='~').contains(&c) {
        return false;
    }
    let code = u32::from(c);
    let ranges = [
        (0x00, 0x09),
        (0x0b, 0x1f),
        (0x7f, 0x9f),
        (0xad, 0xad),
        (0x61c, 0x61c),
        (0x115f, 0x1160),
        (0x200b, 0x200f),
        (0x2028, 0x202e),
        (0x2060, 0x206f),
        (0x3164, 0x3164),
        (0xe000, 0xf8ff),
        (0xfe00, 0xfe0f),
        (0xfeff, 0xfeff),
        (0xfff0, 0xfffb),
        (0xe_0000, 0x10_ffff),
    ];
    ranges.iter().any(|(from, to)| (*from..=*to).contains(&code))
}

impl Message {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Some(c) = text.chars().find(|c| is_hidden(*c)) {
            return Err(format!("it holds {c:?}"));
        }
        let body = text.strip_suffix('\n').ok_or("it does not end its last line")?;
        let (mut label, mut headings, mut outside) = (None::<String>, Vec::new(), Vec::new());
        let (mut is_inside, mut lines) = (false, 0);
        for line in body.split('\n') {
            if let Some(opening) = line.strip_prefix("<<<") {
                let (this, heading) = opening.split_once(' ').ok_or("a fence without a heading")?;
                let label = label.get_or_insert_with(|| this.to_owned());
                if is_inside || this != label {
                    return Err(format!("a fence opens out of place: {line}"));
                }
                if heading.contains(['<', '>']) {
                    return Err(format!("brackets in a heading: {line}"));
                }
                (is_inside, lines) = (true, 0);
                headings.push(heading.to_owned());
            } else if let Some(this) = line.strip_suffix(">>>") {
                if !is_inside || Some(this) != label.as_deref() {
                    return Err(format!("a fence closes out of place: {line}"));
                }
                if lines == 0 {
                    return Err(format!("an empty block before: {line}"));
                }
                is_inside = false;
            } else if line.contains(['<', '>']) {
                return Err(format!("a bracket beside the fences: {line}"));
            } else if !is_inside {
                if !is_frame(line) {
                    return Err(format!("outside of all fences: {line}"));
                }
                outside.push(line.to_owned());
            } else {
                if !fits(headings.last().map_or("", String::as_str), lines, line) {
                    return Err(format!("line {lines} of the block {:?}: {line}", headings.last()));
                }
                lines += 1;
            }
        }
        let label = label.ok_or("there is no fence")?;
        let is_label = label.len() >= 20 && label.bytes().all(|b| b.is_ascii_hexdigit());
        let uses = text.to_lowercase().matches(&label).count();
        if is_inside || !is_label || uses != 2 * headings.len() {
            return Err(format!("{uses} uses of the label {label} for {} fences", headings.len()));
        }
        Ok(Self { label, headings, outside })
    }

    /// Checks that there are exactly these blocks, in this order; an entry that ends in a blank is how a piece of evidence begins.
    pub(super) fn check_headings(&self, name: &str, expected: &[String]) {
        let is = |(heading, expected): (&String, &String)| {
            if expected.ends_with(' ') {
                heading.starts_with(expected) && heading.ends_with(", known since 2026-01-02T03:04:05Z")
            } else {
                heading == expected
            }
        };
        let all = self.headings.iter().zip(expected).all(is);
        assert!(
            all && self.headings.len() == expected.len(),
            "{name}: {:?}, not {expected:?}",
            self.headings
        );
    }
}

/// Checks the roles of a request, and what asks for an answer once more; which round it is, from 0.
pub(super) fn check_round(name: &str, request: &ChatRequest) -> u32 {
    let roles: Vec<Role> = request.messages.iter().map(|message| message.role).collect();
    let label = Message::parse(&request.messages[0].text).unwrap_or_else(|why| panic!("{name}: {why}")).label;
    match roles[..] {
        [Role::User] => {}
        [Role::User, Role::Assistant, Role::User] => {
            let again =
                Message::parse(&request.messages[2].text).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert_eq!((again.label, again.headings), (label.clone(), vec!["why".to_owned()]), "{name}");
            let said = &request.messages[1].text;
            let is_clean = !said.contains(['<', '>']) && !said.contains(is_hidden) && !said.contains(&label);
            assert!(is_clean && !said.is_empty() && said.len() <= 2_000, "{name}: {said}");
        }
        _ => panic!("{name}: {roles:?}"),
    }
    let message = Message::parse(&request.messages[0].text).expect("it was parsed before");
    let number = |line: &String| {
        let rest = line.strip_prefix("Round ").or_else(|| line.strip_prefix("After round "))?;
        rest.split(' ').next()?.parse::<u32>().ok()
    };
    let rounds: Vec<u32> = message.outside.iter().filter_map(number).collect();
    let [round] = rounds[..] else { panic!("{name}: {rounds:?}") };
    round - 1
}

/// Checks that a system prompt is the harmless one, but for the options, each of them a name in quotation marks.
pub(super) fn check_system(name: &str, system: &str, harmless: &str, options: &[String]) {
    const MARK: &str = "{\"stance\": one of \"";
    const END: &str = "\", \"probabilities\": {option: probability";
    let split = |text: &str| -> (String, Vec<String>, String) {
        let (before, rest) = text.split_once(MARK).expect("the form of the answer");
        let at = rest.rfind(END).expect("the end of the options");
        let listed = rest[..at].split("\", \"").map(str::to_owned).collect();
        (before.to_owned(), listed, rest[at..].to_owned())
    };
    let (before, listed, after) = split(system);
    let (before_harmless, _, after_harmless) = split(harmless);
    assert_eq!((before, after), (before_harmless, after_harmless), "{name}: the rules");
    assert_eq!(listed.len(), options.len(), "{name}: {listed:?}");
    assert_eq!(listed[..2], ["yes", "no"], "{name}");
    let is_plain = |option: &String| !option.contains(['"', '\n', '<', '>']) && !option.contains(is_hidden);
    assert!(listed.iter().all(is_plain), "{name}: {listed:?}");
}
