//! A text as HTML: written as Markdown, read by `pulldown-cmark`, so that both forms show the same.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html::push_html};

use super::escape;
use crate::markdown::{self, Place};
use crate::text::Text;

pub(super) fn inline(text: &Text) -> String {
    match text.unmarked() {
        // Most cells of a table: what the way through Markdown gives, without the way (held by a test).
        Some(plain) => escape::body(plain).replace('\n', "<br />\n"),
        None => through_markdown(text),
    }
}

fn through_markdown(text: &Text) -> String {
    let markdown = markdown::inline(text, Place::LineStart);
    let paragraph =
        |event: &Event<'_>| !matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph));
    let events = Parser::new_ext(&markdown, Options::empty()).filter(paragraph);
    let mut broken = Vec::new();
    for event in events {
        match event {
            Event::Text(text) if text.contains('\n') => {
                for (at, line) in text.split('\n').enumerate() {
                    if at > 0 {
                        broken.push(Event::HardBreak);
                    }
                    broken.push(Event::Text(line.to_owned().into()));
                }
            }
            // No text leads here. Should one ever, it is shown and has no effect.
            Event::Html(html) | Event::InlineHtml(html) => broken.push(Event::Text(html)),
            Event::Code(code) => broken.push(Event::InlineHtml(breakable(&code).into())),
            event => broken.push(event),
        }
    }
    let mut html = String::with_capacity(markdown.len() * 2);
    push_html(&mut html, broken.into_iter());
    html
}

/// Code that may be broken after each `/`, so that a long id or path needs no more room than its longest part.
fn breakable(code: &str) -> String {
    format!("<code>{}</code>", escape::body(code).replace('/', "/<wbr>"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{inline, through_markdown};
    use crate::text::Text;

    #[test]
    fn marks_become_elements_and_nothing_else_does() {
        let text = Text::new()
            .plain("<b> & ")
            .strong("strong")
            .plain("\n")
            .emphasis("stressed")
            .plain(" ")
            .code("a<b>`c`")
            .plain(" ")
            .link("l]abel", "https://x.org/?a=1&b='2'");
        assert_eq!(
            inline(&text),
            "&lt;b&gt; &amp; <strong>strong</strong><br />\n<em>stressed</em> <code>a&lt;b&gt;`c`</code> \
             <a href=\"https://x.org/?a=1&amp;b=&#x27;2&#x27;\">l]abel</a>"
        );
    }

    #[test]
    fn code_may_be_broken_after_each_slash() {
        let text = Text::new().code("debate/turn/<4>").plain(" a/b");
        assert_eq!(inline(&text), "<code>debate/<wbr>turn/<wbr>&lt;4&gt;</code> a/b");
    }

    proptest! {
        #[test]
        fn plain_text_is_the_same_with_and_without_markdown(text in "\\PC{0,40}|[ \t\n#>*_`~|&;a-c0-9.)\\-\\\\<\\[\\]!]{0,20}") {
            let text = Text::from(text);
            prop_assert_eq!(inline(&text), through_markdown(&text));
        }
    }
}
