//! A document as Markdown.

mod block;
mod inline;

pub(crate) use inline::{Place, inline};

use crate::document::Document;
use crate::put::put;
use crate::text::Text;

pub(crate) fn document(doc: &Document) -> String {
    let mut out = String::new();
    put!(&mut out, "# {}\n", inline(&Text::from(doc.title()), Place::Heading));
    if !doc.facts().is_empty() {
        let facts = doc.facts().iter().enumerate();
        let facts = facts.fold(Text::new(), |text, (at, (key, value))| {
            let text = if at == 0 { text } else { text.plain(" · ") };
            text.emphasis(key).plain(" ").plain(value)
        });
        put!(&mut out, "\n{}\n", inline(&facts, Place::LineStart));
    }
    block::blocks(&mut out, doc.blocks(), 1);
    out
}
