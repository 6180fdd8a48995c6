//! Text from outside has no effect anywhere, and comes back as it went in.

use assize_report::{
    Bar, BarChart, Cell, Column, Document, Flame, Lane, LineChart, Marker, Reference, Series, Span, Stack,
    Table, TerminalStyle, Text, Timeline, Tone,
};
use proptest::prelude::*;
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

/// What any reader of Markdown may have switched on, except what changes plain text by design (typographic quotes).
fn everything_on() -> Options {
    Options::all() - Options::ENABLE_SMART_PUNCTUATION
}

const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "](javascript:alert(1))",
    "[x](javascript:alert(1))",
    "[x]: https://example.org",
    "a | b",
    "|---|---|",
    "one\ntwo\n\nthree",
    "\n",
    "`code` ``more`` ```",
    "```\nfence",
    "# heading #",
    "- item",
    "+ item",
    "1. item",
    "1) item",
    "> quote",
    "> [!NOTE]",
    "---",
    "===",
    "    indented",
    "\ttab",
    "trailing  ",
    "trailing \\",
    "&lt; &amp; &#60; &copy",
    "\u{202E}reversed\u{202C} \u{2066}x\u{2069}",
    "*a* **b** _c_ __d__ ~~e~~ ~f~ ^g^ $h$ $$i$$",
    "<https://example.org> https://example.org www.example.org a@example.org",
    "![image](https://example.org/x.png)",
    "[^1] [[wiki]] ::: {#id}",
    "{}",
    "- [ ] task",
    ": definition",
    "+++\ntoml\n+++",
    "<!-- --> <![CDATA[ ]]> <?php ?>",
    "\u{A0}\u{2003}wide spaces\u{3000}",
    "\u{0}\u{1b}[31m\u{7}\u{9b}2J",
    "\r\nlines\rof\r\nold",
    "日本語 e\u{301} 👩\u{200D}💻",
];

fn hostile() -> impl Strategy<Value = String> {
    let soup = "[ \t\n#>*_`~|&;:a-c0-9.)(\\-\\\\<\\[\\]!{}^$=+\"'\u{202E}\u{A0}\u{3000}éⒶ漢]{0,24}";
    prop_oneof![4 => soup, 2 => "\\PC{0,30}", 1 => any::<String>(), 2 => prop::sample::select(HOSTILE).prop_map(str::to_owned)]
}

/// What is promised to come back: line ends as `\n`, other control characters as U+FFFD.
fn promised(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{FFFD}' } else { c }).collect()
}

/// The events of a Markdown text as words: `+heading`, `-heading`, with all characters between two of them in one.
fn read(markdown: &str) -> Vec<String> {
    let mut read: Vec<String> = Vec::new();
    let mut open = String::new();
    for event in Parser::new_ext(markdown, everything_on()) {
        let (word, is_text) = match event {
            Event::Text(text) | Event::Code(text) => (text.into_string(), true),
            Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url, .. }) => {
                (format!("+link {dest_url}"), false)
            }
            Event::Start(tag) => (format!("+{:?}", tag.to_end()), false),
            Event::End(TagEnd::Link) => ("-link".to_owned(), false),
            Event::End(tag) => (format!("-{tag:?}"), false),
            other => (format!("!{other:?}"), false),
        };
        if is_text {
            open.push_str(&word);
        } else {
            if !open.is_empty() {
                read.push(format!("={}", std::mem::take(&mut open)));
            }
            read.push(word);
        }
    }
    read
}

/// A document with the text in every position that takes plain text.
fn filled_with(text: &str) -> Document {
    let mut doc = Document::new(format!("t{}", text.replace(['\n', '\r'], " ")));
    doc.heading(2, text).paragraph(text).list([text, "x", text]).list([text]).numbered([text, text]);
    doc.callout(Tone::Plain, text).callout(Tone::Warn, text);
    let row = [Cell::from(text), Cell::from("x"), Cell::from(text)];
    doc.table(
        Table::new([Column::left(text), Column::right("b"), Column::centre(text)]).captioned(text).row(row),
    );
    doc.details(text, |inner: &mut Document| {
        inner.paragraph(text);
    });
    doc.paragraph(Text::new().plain("a ").plain(text).plain(" b"));
    doc
}

/// What the Markdown of that document must read as.
fn expected_of(text: &str) -> Vec<String> {
    let title = promised(&format!("t{}", text.replace(['\n', '\r'], " ")));
    let text = promised(text);
    let mut words: Vec<String> = Vec::new();
    let mut add = |parts: &[&str]| {
        for part in parts {
            match (*part, text.is_empty()) {
                ("=", true) => {}
                ("=", false) => words.push(format!("={text}")),
                (part, _) => words.push(part.to_owned()),
            }
        }
    };
    let title = format!("={title}");
    add(&["+Heading(H1)", "TITLE", "-Heading(H1)", "+Heading(H2)", "=", "-Heading(H2)"]);
    if !text.is_empty() {
        add(&["+Paragraph", "=", "-Paragraph"]);
    }
    add(&[
        "+List(false)",
        "+Item",
        "=",
        "-Item",
        "+Item",
        "=x",
        "-Item",
        "+Item",
        "=",
        "-Item",
        "-List(false)",
    ]);
    add(&["+List(false)", "+Item", "=", "-Item", "-List(false)"]);
    add(&["+List(true)", "+Item", "=", "-Item", "+Item", "=", "-Item", "-List(true)"]);
    for kind in ["None", "Some(Warning)"] {
        let (open, close) = (format!("+BlockQuote({kind})"), format!("-BlockQuote({kind})"));
        add(&[&open]);
        if !text.is_empty() {
            add(&["+Paragraph", "=", "-Paragraph"]);
        }
        add(&[&close]);
    }
    if !text.is_empty() {
        add(&["+Paragraph", "=", "-Paragraph"]);
    }
    add(&["+Table", "+TableHead", "+TableCell", "=", "-TableCell", "+TableCell", "=b", "-TableCell"]);
    add(&["+TableCell", "=", "-TableCell", "-TableHead", "+TableRow", "+TableCell", "=", "-TableCell"]);
    add(&["+TableCell", "=x", "-TableCell", "+TableCell", "=", "-TableCell", "-TableRow", "-Table"]);
    add(&["+Heading(H3)", "=", "-Heading(H3)"]);
    if !text.is_empty() {
        add(&["+Paragraph", "=", "-Paragraph"]);
    }
    let last = format!("=a {text} b");
    add(&["+Paragraph", &last, "-Paragraph"]);
    words.into_iter().map(|word| if word == "TITLE" { title.clone() } else { word }).collect()
}

/// The tags of an HTML text with the values of their attributes left out, and the text between them, decoded.
fn taken_apart(html: &str) -> (Vec<String>, String) {
    let (mut tags, mut text) = (Vec::new(), String::new());
    let body = &html[html.find("<body>").expect("a page has a body")..];
    let mut rest = body;
    while let Some(from) = rest.find('<') {
        text.push_str(&rest[..from]);
        let to = from + rest[from..].find('>').expect("a tag ends");
        let tag = &rest[from..=to];
        let names = tag.split('"').step_by(2).collect::<String>();
        if names.starts_with("<br") {
            text.push('\u{1}');
        } else {
            tags.push(names);
        }
        rest = &rest[to + 1..];
    }
    let decoded = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    (tags, decoded.replace("\u{1}\n", "\n"))
}

fn check(text: &str) {
    let doc = filled_with(text);
    assert_eq!(read(&doc.to_markdown()), expected_of(text), "{text:?}\n{}", doc.to_markdown());

    let (tags, shown) = taken_apart(&doc.to_html());
    if !promised(text).is_empty() {
        let (harmless_tags, _) = taken_apart(&filled_with("harmless").to_html());
        assert_eq!(tags, harmless_tags, "{text:?}");
    }
    assert!(shown.matches(&promised(text)).count() >= 12, "{text:?} in {shown}");

    for colour in [false, true] {
        let terminal = doc.to_terminal(&TerminalStyle { width: 60, colour });
        let controls = terminal.chars().filter(|c| c.is_control() && *c != '\n');
        assert!(controls.clone().all(|c| colour && c == '\u{1b}'), "{terminal:?}");
        let harmless = filled_with(&"x".repeat(3)).to_terminal(&TerminalStyle { width: 60, colour });
        if !text.contains(['\n', '\r', ' ', '\t']) && promised(text).chars().count() == 3 {
            let escapes = |text: &str| text.matches('\u{1b}').count();
            assert_eq!(escapes(&terminal), escapes(&harmless), "{terminal:?}");
        }
        assert!(!terminal.contains(['\u{202E}', '\u{2066}', '\u{200F}']));
    }

    let json = doc.to_json();
    assert_eq!(json["blocks"][0]["text"], promised(text));
}

#[test]
fn known_attacks_have_no_effect() {
    for text in HOSTILE {
        check(text);
        check_charts(text);
    }
    check("");
    check_charts("");
}

/// A document of charts with the text wherever a chart takes one.
fn charts_with(text: &str) -> Document {
    let text = || text.to_owned();
    let mut doc = Document::new("t");
    let bar = |value| Bar { label: text(), value, display: text(), tone: Tone::Bad, ..Bar::default() };
    let reference = [3.0, f64::NAN].map(|value| Reference { label: text(), value }).into();
    let bars = vec![bar(1.0), bar(2.0), bar(f64::NAN)];
    doc.chart(BarChart { title: text(), unit: text(), bars, reference, ..BarChart::default() });
    let series = |y| Series { label: text(), points: vec![(1.0, y), (2.0, 3.0)], band: None };
    doc.chart(LineChart {
        title: text(),
        x_label: text(),
        y_label: text(),
        series: vec![series(1.0), series(f64::NAN)],
        markers: [1.5, f64::NAN].map(|x| Marker { x, label: text() }).into(),
        ..LineChart::default()
    });
    let span = |end| Span { label: text(), start: 1.0, end, tone: Tone::Warn };
    let lane = |spans| Lane { label: text(), spans };
    let other = Span { label: "other".to_owned(), ..span(9.0) };
    let lanes = vec![lane(vec![span(4.0), span(f64::NAN), other]), lane(Vec::new())];
    doc.chart(Timeline { title: text(), unit: text(), lanes });
    let stack = |frames| Stack { frames, weight: 2.0 };
    let stacks = vec![stack(vec![text(), "other".to_owned()]), stack(vec![text(), text()])];
    doc.chart(Flame { title: text(), unit: text(), stacks });
    doc
}

fn check_charts(text: &str) {
    let doc = charts_with(text);
    let (tags, shown) = taken_apart(&doc.to_html());
    for tag in tags {
        let name = tag.trim_matches(['<', '/', '>']).split(' ').next().unwrap_or_default().to_owned();
        let known = "html body main header h1 figure figcaption div p details summary table thead tbody tr th td span svg title \
                     desc text line rect circle path";
        assert!(known.split(' ').any(|known| known == name), "{tag} for {text:?}");
        assert!(!tag.contains(" on") && !tag.contains("href"), "{tag} for {text:?}");
    }
    assert!(shown.matches(&promised(text)).count() >= 4, "{text:?} in {shown}");
    for word in read(&doc.to_markdown()) {
        let kinds = [
            "=",
            "+Heading",
            "-Heading",
            "+Paragraph",
            "-Paragraph",
            "+Table",
            "-Table",
            "+Strong",
            "-Strong",
        ];
        assert!(kinds.iter().any(|kind| word.starts_with(kind)), "{word} for {text:?}");
    }
    let terminal = doc.to_terminal(&TerminalStyle { width: 60, colour: false });
    assert!(terminal.chars().all(|c| c == '\n' || !c.is_control()), "{terminal:?}");
    assert!(!doc.to_json().to_string().contains('\u{1b}'));
}

/// A text of marked runs, and the same as (mark, characters).
fn marked() -> impl Strategy<Value = Vec<(u8, String)>> {
    prop::collection::vec((0..5_u8, hostile()), 1..5)
}

fn built(runs: &[(u8, String)]) -> Text {
    runs.iter().fold(Text::new(), |text, (mark, run)| match mark {
        0 => text.plain(run),
        1 => text.strong(run),
        2 => text.emphasis(run),
        3 => text.code(run),
        _ => text.link(run, "https://example.org/a_b*c?x=1&copy=2"),
    })
}

/// Each character with its mark; white space has none, since marks do not show on it.
fn shown_marks(runs: &[(u8, String)], in_cell: bool) -> Vec<(char, u8)> {
    let mut shown = Vec::new();
    let mut joined: Vec<(u8, String)> = Vec::new();
    for (mark, run) in runs {
        let run = match mark {
            3 => promised(run).replace('\n', " "),
            4 if promised(run).trim().is_empty() => "https://example.org/a_b*c?x=1&copy=2".to_owned(),
            _ => promised(run),
        };
        match joined.last_mut() {
            _ if run.is_empty() => {}
            Some((last, text)) if last == mark => text.push_str(&run),
            _ => joined.push((*mark, run)),
        }
    }
    for (mark, run) in joined {
        let mark = if mark == 3 && in_cell && run.contains("\\|") { 0 } else { mark };
        shown.extend(run.chars().map(|c| (c, if c.is_whitespace() { 0 } else { mark })));
    }
    shown
}

fn read_marks(markdown: &str) -> Vec<(char, u8)> {
    let (mut mark, mut shown) = (0, Vec::new());
    let mut heads = false;
    for event in Parser::new_ext(markdown, everything_on()) {
        let (text, mark) = match event {
            Event::Text(text) => (text, mark),
            Event::Code(text) => (text, 3),
            Event::Start(tag) => {
                match tag {
                    Tag::Strong => mark = 1,
                    Tag::Emphasis => mark = 2,
                    Tag::Link { dest_url, .. } => {
                        assert_eq!(&*dest_url, "https://example.org/a_b*c?x=1&copy=2");
                        mark = 4;
                    }
                    Tag::Heading { .. } | Tag::TableHead => heads = true,
                    Tag::Paragraph | Tag::Table(_) | Tag::TableRow | Tag::TableCell => {}
                    other => panic!("{other:?} in {markdown}"),
                }
                continue;
            }
            Event::End(TagEnd::Strong | TagEnd::Emphasis | TagEnd::Link) => {
                mark = 0;
                continue;
            }
            Event::End(TagEnd::Heading(_) | TagEnd::TableHead) => {
                heads = false;
                continue;
            }
            Event::End(_) => continue,
            other => panic!("{other:?} in {markdown}"),
        };
        if !heads {
            shown.extend(text.chars().map(|c| (c, if c.is_whitespace() { 0 } else { mark })));
        }
    }
    shown
}

fn check_marks(runs: &[(u8, String)]) {
    let mut doc = Document::new("t");
    doc.paragraph(built(runs));
    assert_eq!(read_marks(&doc.to_markdown()), shown_marks(runs, false), "{}", doc.to_markdown());
    let mut doc = Document::new("t");
    doc.table(Table::new([Column::left("h")]).row([built(runs)]));
    assert_eq!(read_marks(&doc.to_markdown()), shown_marks(runs, true), "{}", doc.to_markdown());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_comes_back_and_has_no_effect(text in hostile()) {
        check(&text);
        check_charts(&text);
    }

    #[test]
    fn marks_hold_beside_any_text(runs in marked()) {
        check_marks(&runs);
    }

    #[test]
    fn code_comes_back(lines in hostile()) {
        let mut doc = Document::new("t");
        doc.code(&lines).paragraph("after");
        let promised = promised(&lines);
        let promised = promised.strip_suffix('\n').unwrap_or(&promised);
        let words = read(&doc.to_markdown());
        prop_assert_eq!(words.get(4), Some(&format!("={promised}\n")));
        prop_assert_eq!(words.last().map(String::as_str), Some("-Paragraph"));
        let (_, shown) = taken_apart(&doc.to_html());
        prop_assert!(shown.contains(promised));
    }
}
