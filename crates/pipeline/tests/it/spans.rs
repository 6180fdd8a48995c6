//! The record of a run: every stage of every ticker, in order.

use std::time::Duration;

use crate::desk::{AS_OF, Desk, request};

const STAGES: [&str; 4] = ["prices", "evidence", "debate", "decision"];

#[tokio::test(start_paused = true)]
async fn stages_follow_each_other_and_cover_the_whole_way() {
    let tickers = ["RISE", "FALL", "WAVE", "SPLIT", "ADJ", "DIRTY", "EMPTY", "TEXT", "NONE"];
    for concurrency in [1, 3, 16] {
        let mut request = request(&tickers, AS_OF);
        request.concurrency = concurrency;
        let desk = Desk::with_fixtures().slow(Duration::from_millis(250));
        let (_, run) = desk.make(&request).await;
        assert_eq!(run.tickers.len(), tickers.len());
        for (ticker, name) in run.tickers.iter().zip(tickers) {
            assert_eq!(ticker.ticker.as_str(), name, "in the order of the request");
            let names: Vec<&str> = ticker.stages.iter().map(|span| span.stage).collect();
            assert_eq!(names, STAGES, "{name}");
            for span in &ticker.stages {
                assert!(span.start <= span.end && span.end <= run.elapsed, "{name}: {span:?}");
            }
            for pair in ticker.stages.windows(2) {
                assert!(pair[0].end <= pair[1].start, "{name}: {pair:?}");
            }
        }
        let totals = run.stage_totals();
        assert_eq!(totals.iter().map(|(stage, _)| *stage).collect::<Vec<_>>(), STAGES);
        // Eight of the nine are read; the ninth has no file. Only reading takes (virtual) time.
        assert_eq!(totals[0].1, Duration::from_millis(8 * 250));
        assert_eq!(run.elapsed, Duration::from_millis(250), "they are read all at once");
    }
}

#[tokio::test(start_paused = true)]
async fn the_record_counts_what_the_cut_took_away() {
    let (_, run) = Desk::with_fixtures().make(&request(&["RISE", "DIRTY", "NONE"], AS_OF)).await;
    let [rise, dirty, none] = &run.tickers[..] else { panic!("three tickers") };
    // 283 weekdays, of which 260 up to the as-of date.
    assert_eq!((rise.fetch.requests, rise.fetch.items, rise.fetch.removed.count), (1, 260, 23));
    assert_eq!(dirty.fetch.removed_findings.count, 1);
    assert!(dirty.findings.iter().all(|finding| finding.contains("line ")), "{:?}", dirty.findings);
    assert_eq!((none.fetch.requests, none.fetch.items), (0, 0));
    let json = run.to_json();
    assert_eq!(json["format_version"], 1);
    assert_eq!(json["tickers"][0]["fetch"]["removed_by_as_of"]["dates"][1], "2020-01-31");
    let markdown = run.to_document().to_markdown();
    assert!(STAGES.iter().all(|stage| markdown.contains(stage)), "{markdown}");
}
