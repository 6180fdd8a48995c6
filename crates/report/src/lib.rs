//! A document of headings, tables and charts, rendered as Markdown, HTML and JSON; it computes nothing.
