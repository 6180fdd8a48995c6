//! Pages and Markdown as plain text.

/// What is between these tags is no text.
const UNREAD: [&str; 6] = ["script", "style", "noscript", "template", "svg", "head"];
/// These end a sentence, whether it has a full stop or not.
const BLOCKS: [&str; 20] = [
    "p",
    "div",
    "br",
    "li",
    "ul",
    "ol",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "tr",
    "td",
    "th",
    "table",
    "section",
    "article",
    "blockquote",
    "hr",
];

/// Whether a text is a page.
pub(super) fn is_page(start: &str) -> bool {
    let start: String = start.chars().take(15).collect::<String>().to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

/// The title and the text of a page.
pub(super) fn of_html(page: &str) -> (String, String) {
    let title = between(page, "title").map(|title| joined(&references(title))).unwrap_or_default();
    let mut text = String::with_capacity(page.len() / 2);
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        text.push_str(&references(&rest[..at]));
        let tag = &rest[at..];
        if let Some(comment) = tag.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let name: String =
            tag[1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').take(20).collect();
        let name = name.to_ascii_lowercase();
        if name.is_empty() && !tag.starts_with("<!") {
            // A sign and no tag.
            text.push('<');
            rest = &tag[1..];
            continue;
        }
        rest = tag.find('>').map_or("", |end| &tag[end + 1..]);
        if UNREAD.contains(&name.as_str()) {
            rest = after(rest, &name);
        } else if BLOCKS.contains(&name.trim_matches('/')) {
            text.push_str("\n\n");
        }
    }
    text.push_str(&references(rest));
    (title, paragraphs(&text))
}

/// What follows the end of an element; all is within one that does not end.
fn after<'a>(rest: &'a str, name: &str) -> &'a str {
    let end = format!("</{name}");
    let mut from = 0;
    while let Some(at) = rest[from..].find("</").map(|at| from + at) {
        if rest.get(at..at + end.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(&end)) {
            return rest[at..].find('>').map_or("", |close| &rest[at + close + 1..]);
        }
        from = at + 2;
    }
    ""
}

/// What stands in the first element of this name, of those that begin within the first 100,000 bytes.
fn between<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let head = &page[..page.floor_char_boundary(100_000)];
    let mut from = 0;
    while let Some(at) = head[from..].find('<').map(|at| from + at) {
        from = at + 1;
        let is_it = head.get(from..from + name.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(name));
        if is_it && head[from + name.len()..].starts_with(['>', ' ']) {
            let begin = from + head[from..].find('>')? + 1;
            let end = head[begin..].find('<').map_or(head.len(), |end| begin + end);
            return Some(&head[begin..end]);
        }
    }
    None
}

/// Character references as what they mean, the common ones.
fn references(text: &str) -> String {
    const NAMED: [(&str, &str); 14] = [
        ("amp", "&"),
        ("lt", "<"),
        ("gt", ">"),
        ("quot", "\""),
        ("apos", "'"),
        ("nbsp", " "),
        ("ndash", "–"),
        ("mdash", "—"),
        ("lsquo", "‘"),
        ("rsquo", "’"),
        ("ldquo", "“"),
        ("rdquo", "”"),
        ("hellip", "…"),
        ("euro", "€"),
    ];
    const LONGEST: usize = 10;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.bytes().take(LONGEST).position(|byte| byte == b';');
        let meant = end.and_then(|end| {
            let name = &rest[..end];
            let number = |digits: &str, radix| char::from_u32(u32::from_str_radix(digits, radix).ok()?);
            let by_number = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix(['x', 'X']) {
                Some(digits) => number(digits, 16),
                None => number(digits, 10),
            });
            let by_name =
                || NAMED.iter().find(|(known, _)| *known == name).map(|(_, meant)| (*meant).to_owned());
            Some((end, by_number.map(String::from).or_else(by_name)?))
        });
        match meant {
            Some((end, meant)) => {
                out.push_str(&meant);
                rest = &rest[end + 1..];
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    out
}

/// The title, which is the first heading, and the text of Markdown: without its signs, code left out.
pub(super) fn of_markdown(text: &str) -> (String, String) {
    let mut title = String::new();
    let mut out = String::with_capacity(text.len());
    let mut in_code = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            in_code = !in_code;
            continue;
        }
        if in_code {
            continue;
        }
        let bare = line.trim_start_matches('#');
        let is_heading = bare.len() < line.len() && (bare.is_empty() || bare.starts_with(' '));
        if is_heading && title.is_empty() && out.trim().is_empty() {
            title = joined(&inline(bare));
            continue;
        }
        let bare = if is_heading { bare } else { line.trim_start_matches(['>', '*', '-', '+']) };
        out.push_str(&inline(bare));
        // A heading or a point of a list ends a sentence; a line of a paragraph does not.
        out.push_str(if is_heading || bare.len() < line.len() || line.is_empty() { "\n\n" } else { "\n" });
    }
    (title, paragraphs(&out))
}

/// A line without emphasis, and with a link's words in its place.
fn inline(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('[') {
        let words_end = rest[at..].find("](").map(|end| at + end);
        let link = words_end.and_then(|words| Some((words, words + rest[words..].find(')')?)));
        let Some((words, end)) = link else { break };
        out.push_str(rest[..at].trim_end_matches('!'));
        out.push_str(&rest[at + 1..words]);
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out.replace(['*', '`', '|'], " ")
}

/// Paragraphs with one empty line between, white space within joined.
fn paragraphs(text: &str) -> String {
    let paragraphs: Vec<String> = text.split("\n\n").map(joined).filter(|one| !one.is_empty()).collect();
    paragraphs.join("\n\n")
}

fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_its_words() {
        let page = "<!DOCTYPE html><html><head><title>Acme &amp; Sons</title><style>p{}</style></head><body>\
                    <script>if (1 < 2) alert('x')</script><h1>Profits</h1><p>Up 3&nbsp;% &#8211; to &lt;5 &bogus;</p>\
                    <!-- <p>not this</p> --><ul><li>One<li>Two</ul>1 < 2</body></html>";
        let (title, text) = of_html(page);
        assert_eq!(title, "Acme & Sons");
        assert_eq!(text, "Profits\n\nUp 3 % – to <5 &bogus;\n\nOne\n\nTwo\n\n1 < 2");
    }

    #[test]
    fn broken_pages_end() {
        for page in
            ["<", "<!--", "<script>", "<p", "&", "&#x110000;", "<title>", "é<é>é", "<title>é", "</script>"]
        {
            let (title, text) = of_html(page);
            assert!(title.len() + text.len() <= page.len(), "{page}: {title:?} {text:?}");
        }
        let deep = "<div>".repeat(100_000);
        assert_eq!(of_html(&deep).1, "");
        let many = "<script></".repeat(20_000);
        assert_eq!(of_html(&many).1, "");
    }

    #[test]
    fn markdown_is_its_words() {
        let text = "# Acme *rises*\n\nIt has [good](https://a.example) news\nand `more`.\n\n```\ncode\n```\n- One\n- Two\n## More\nEnd";
        let (title, text) = of_markdown(text);
        assert_eq!(title, "Acme rises");
        assert_eq!(text, "It has good news and more .\n\nOne\n\nTwo\n\nMore\n\nEnd");
    }
}
