//! Documents of every dialect, and some that are none.

use assize_ambient::Timestamp;
use assize_transport::{Headers, Request};

use super::*;

fn response(body: &str) -> RawResponse {
    let request = Request::get("https://example.org/feed".parse().unwrap());
    RawResponse::new(&request, 200, Headers::default(), body.to_owned(), Timestamp::UNIX_EPOCH)
}

fn feed(body: &str) -> Feed {
    read(&response(body)).unwrap_or_else(|outcome| panic!("{outcome:?}"))
}

fn drift(body: &str) -> String {
    match read(&response(body)) {
        Err(Outcome::Drift(found)) => found,
        other => panic!("{other:?}"),
    }
}

#[test]
fn rss_2() {
    let read = feed(
        r#"<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY big "x">]>
        <rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
        <title>News</title><language>en-gb</language><pubDate>Thu, 25 Feb 2021 10:15:00 GMT</pubDate>
        <atom:link rel="self" href="https://example.org/feed"/>
        <item><title>A &amp;amp; B &#x2013; &big;</title><link> https://example.org/1?a=1&amp;b=2 </link>
        <description><![CDATA[<p>One</p>]]> &lt;b&gt;two&lt;/b&gt;</description><description>other</description>
        <author>jane@example.org (Jane)</author><guid isPermaLink="false">g1</guid>
        <source url="https://example.org"><title>inner</title>outer</source>
        <pubDate>Thu, 25 Feb 2021 10:15:00 GMT</pubDate><dc:language>de</dc:language></item>
        <item><title/><guid>https://example.org/2</guid><link>javascript:x</link></item>
        </channel></rss>"#,
    );
    assert_eq!(read.language, "en-gb");
    let first = Entry {
        id: "g1".to_owned(),
        title: "A &amp; B – &big;".to_owned(),
        summary: "<p>One</p> <b>two</b>".to_owned(),
        link: "https://example.org/1?a=1&b=2".to_owned(),
        published: "Thu, 25 Feb 2021 10:15:00 GMT".to_owned(),
        language: "de".to_owned(),
        ..Entry::default()
    };
    let link = "https://example.org/2".to_owned();
    assert_eq!(read.entries, [first, Entry { id: link.clone(), link, ..Entry::default() }]);
}

#[test]
fn rss_1() {
    let read = feed(
        r#"<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="x"><channel rdf:about="y"><title>t</title>
        <items><rdf:Seq><rdf:li rdf:resource="z"/></rdf:Seq></items><dc:language>fr</dc:language></channel>
        <item rdf:about="z"><title>One</title><link>http://example.org/z</link><dc:date>2021-02-25</dc:date></item></rdf:RDF>"#,
    );
    assert_eq!(read.language, "fr");
    let [entry] = &read.entries[..] else { panic!("{:?}", read.entries) };
    assert_eq!(
        (entry.title.as_str(), entry.link.as_str(), entry.published.as_str()),
        ("One", "http://example.org/z", "2021-02-25")
    );
}

#[test]
fn atom() {
    let entries = r#"<entry xml:lang="en"><id>t3_1</id><title>Vec&lt;T&gt; &amp; co</title>
        <link rel="edit" href="https://example.org/edit"/><link href="https://example.org/a"/>
        <content type="xhtml"><div>one<br/>two</div></content><summary type="html">&lt;i&gt;s&lt;/i&gt;</summary>
        <source><id>other</id><title>other</title><updated>2001-01-01T00:00:00Z</updated></source>
        <published>2020-01-01T00:00:00Z</published><updated>2020-01-02T00:00:00Z</updated>
        <author><name>Jane</name><uri>https://example.org/jane</uri></author></entry>"#;
    let plain = feed(&format!("<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title>{entries}</feed>"));
    let expected = Entry {
        id: "t3_1".to_owned(),
        title: "Vec&lt;T&gt; &amp; co".to_owned(),
        summary: "one  two".to_owned(),
        link: "https://example.org/a".to_owned(),
        published: "2020-01-01T00:00:00Z".to_owned(),
        updated: "2020-01-02T00:00:00Z".to_owned(),
        language: "en".to_owned(),
        ..Entry::default()
    };
    assert_eq!(plain.entries, [expected]);
    let prefixed =
        entries.replace("</", "</a:").replace('<', "<a:").replace("<a:/", "</").replace("<a:br/>", "<br/>");
    assert_eq!(feed(&format!("<a:feed xmlns:a='x'>{prefixed}</a:feed>")), plain);
}

#[test]
fn what_is_no_feed() {
    for (body, expected) in [
        ("<rss><channel><item><title>x</title>", "the feed ends in the midst of it"),
        ("<opml><item/></opml>", "its first element is `opml`, not that of a feed"),
        ("only words", "it holds no element, and so is no feed"),
        (r#"{"error":403}"#, "it holds no element, and so is no feed"),
        ("<rss><a></b></rss>", "at byte 8: ill-formed document: expected `</a>`, but `</b>` was found"),
    ] {
        assert_eq!(drift(body), expected, "{body}");
    }
    assert!(matches!(read(&response(" ")), Err(Outcome::DoubtfulEmpty(_))));
    for page in ["<!doctype html><p>", "<?xml version='1.0'?><html><p/></html>"] {
        assert!(matches!(read(&response(page)), Err(Outcome::DoubtfulEmpty(_))), "{page}");
    }
    assert_eq!(feed("<rss/>"), Feed::default());
    assert_eq!(feed("<feed xml:lang='fr'></feed>").language, "fr");
}

#[test]
fn a_stranger_can_make_it_neither_deep_nor_long() {
    let deep = format!("<rss>{}", "<a>".repeat(DEEPEST));
    assert_eq!(drift(&deep), "elements nest deeper than 100");
    let many = format!("<rss>{}</rss>", "<item/>".repeat(MOST_ENTRIES + 1));
    assert_eq!(drift(&many), "more than 2000 entries");
    let long = format!("<rss><item><title>{}</title></item></rss>", "é".repeat(MOST_TEXT));
    assert_eq!(feed(&long).entries[0].title.len(), MOST_TEXT);
    let wide =
        format!("<feed><entry><link {}href='https://example.org/'/></entry></feed>", "a='' ".repeat(60));
    assert_eq!(feed(&wide).entries[0].link, "");
    let bomb = r#"<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><item><title>&b;</title></item></rss>"#;
    assert_eq!(feed(bomb).entries[0].title, "&b;");
}
