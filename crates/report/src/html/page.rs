//! The page around the blocks.

use super::{block, escape};
use crate::anchor::Anchors;
use crate::document::{Block, Document, level_inside};
use crate::put::put;

/// From this many headings of level 2 on, a page has a table of contents.
const CONTENTS_FROM: usize = 4;

/// Nothing is loaded, nothing runs, nothing is sent; the one style sheet is in the file.
const POLICY: &str =
    "default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const STYLE: &str = include_str!("style.css");

pub(crate) fn document(doc: &Document) -> String {
    let mut out = String::with_capacity(16 * 1024);
    let title = escape::body(doc.title());
    put!(&mut out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    put!(&mut out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.push_str("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
    put!(&mut out, "<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<header>\n");
    put!(&mut out, "<h1>{title}</h1>\n");
    if !doc.facts().is_empty() {
        out.push_str("<dl class=\"facts\">\n");
        for (key, value) in doc.facts() {
            put!(&mut out, "<div><dt>{}</dt><dd>{}</dd></div>\n", escape::body(key), escape::body(value));
        }
        out.push_str("</dl>\n");
    }
    out.push_str("</header>\n");
    contents(&mut out, doc.blocks());
    block::blocks(&mut out, doc.blocks(), 1, &mut Anchors::default());
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// Names are given here in the same order as by the blocks, so that they agree.
fn contents(out: &mut String, blocks: &[Block]) {
    let mut entries = Vec::new();
    collect(blocks, 1, &mut Anchors::default(), &mut entries);
    if entries.len() < CONTENTS_FROM {
        return;
    }
    out.push_str("<nav aria-label=\"Contents\">\n<p>Contents</p>\n<ol>\n");
    for (name, heading) in entries {
        put!(out, "<li><a href=\"#{}\">{}</a></li>\n", escape::attribute(&name), escape::body(&heading));
    }
    out.push_str("</ol>\n</nav>\n");
}

fn collect(blocks: &[Block], base: u8, anchors: &mut Anchors, entries: &mut Vec<(String, String)>) {
    for block in blocks {
        match block {
            Block::Heading { level, text } => {
                let name = anchors.name(&text.characters());
                if level_inside(base, *level) == 2 {
                    entries.push((name, text.characters().into_owned()));
                }
            }
            Block::Details { blocks, .. } => collect(blocks, 2, anchors, entries),
            Block::Paragraph(_)
            | Block::List { .. }
            | Block::Table(_)
            | Block::Callout { .. }
            | Block::Code(_)
            | Block::Chart(_) => {}
        }
    }
}
