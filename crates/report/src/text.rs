//! A line of words, some of them marked.

use std::borrow::Cow;

use crate::link;

/// A text of marked runs: plain, strong, emphasised, code, link.
///
/// Whatever the characters, they are shown as they are; marks come from the methods alone. A newline in a plain run is
/// a line break. Control characters other than newline and tab become U+FFFD.
///
/// ```
/// use assize_report::Text;
///
/// let text = Text::new().plain("see ").link("the log", "https://example.org/log").plain(" for ").code("p99");
/// assert_eq!(text.to_string(), "see the log for p99");
/// assert_eq!(Text::from("*not* strong").to_string(), "*not* strong");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    runs: Vec<Run>,
}

/// Neighbouring characters with the same mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) mark: Mark,
    pub(crate) text: String,
}

/// How a run is marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mark {
    Plain,
    Strong,
    Emphasis,
    Code,
    /// The address, as `link::permitted` gave it back.
    Link(String),
}

impl Text {
    pub(crate) const EMPTY: Self = Self { runs: Vec::new() };

    /// A text of no characters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds characters without a mark.
    #[must_use]
    pub fn plain(self, text: impl AsRef<str>) -> Self {
        self.run(Mark::Plain, &cleaned(text.as_ref()))
    }

    /// Adds important words (bold).
    #[must_use]
    pub fn strong(self, text: impl AsRef<str>) -> Self {
        self.run(Mark::Strong, &cleaned(text.as_ref()))
    }

    /// Adds stressed words (italic).
    #[must_use]
    pub fn emphasis(self, text: impl AsRef<str>) -> Self {
        self.run(Mark::Emphasis, &cleaned(text.as_ref()))
    }

    /// Adds a name or value from a program. It is one line: line breaks in it become spaces.
    #[must_use]
    pub fn code(self, text: impl AsRef<str>) -> Self {
        let one_line = cleaned(text.as_ref()).replace('\n', " ");
        self.run(Mark::Code, &one_line)
    }

    /// Adds a link. Only `http:`, `https:` and `mailto:` addresses and a `#fragment` of the same document become one;
    /// with any other address the label and the address are shown as plain text. An empty label shows the address.
    #[must_use]
    pub fn link(self, label: impl AsRef<str>, address: impl AsRef<str>) -> Self {
        let (label, address) = (cleaned(label.as_ref()), address.as_ref());
        let shown = if label.trim().is_empty() { cleaned(address) } else { label };
        match link::permitted(address) {
            Some(address) => self.run(Mark::Link(address), &shown),
            None if shown == address || address.is_empty() => self.run(Mark::Plain, &shown),
            None => self.run(Mark::Plain, &format!("{shown} ({})", cleaned(address))),
        }
    }

    /// Whether there is no character in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    pub(crate) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The characters, borrowed where the text is one run.
    pub(crate) fn characters(&self) -> Cow<'_, str> {
        match self.runs.as_slice() {
            [] => Cow::Borrowed(""),
            [run] => Cow::Borrowed(&run.text),
            runs => Cow::Owned(runs.iter().map(|run| run.text.as_str()).collect()),
        }
    }

    /// The characters where nothing is marked.
    pub(crate) fn unmarked(&self) -> Option<&str> {
        match self.runs.as_slice() {
            [] => Some(""),
            [Run { mark: Mark::Plain, text }] => Some(text),
            _ => None,
        }
    }

    /// Appends, so that no run is empty and no two neighbours have the same mark.
    fn run(mut self, mark: Mark, text: &str) -> Self {
        match self.runs.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.mark == mark => last.text.push_str(text),
            _ => self.runs.push(Run { mark, text: text.to_owned() }),
        }
        self
    }
}

impl std::fmt::Display for Text {
    /// The characters without the marks.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.runs.iter().try_for_each(|run| f.write_str(&run.text))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new().plain(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::new().plain(text)
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Self::new().plain(text)
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        Self::new().plain(text)
    }
}

/// Line ends as `\n`; every other control character but the tab as U+FFFD, so that no form can carry it on.
pub(crate) fn cleaned(text: &str) -> Cow<'_, str> {
    let foul = |c: char| c.is_control() && c != '\n' && c != '\t';
    if !text.contains(foul) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\r' => clean.push('\n'),
            c if foul(c) => clean.push('\u{FFFD}'),
            c => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

/// Whether a character reorders the text around it. A text from outside could use it to look like another.
pub(crate) const fn reorders(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
