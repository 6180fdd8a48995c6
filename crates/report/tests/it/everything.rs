//! One document that uses everything.

use assize_report::{
    Bar, BarChart, Cell, Column, Document, Flame, Lane, LineChart, Marker, Reference, Scale, Series, Span,
    Stack, Table, Text, Timeline, Tone, XAxis,
};

pub(crate) fn document() -> Document {
    let mut doc = Document::new("Nightly run of the panel");
    doc.meta("generated", "2026-03-14T05:00:00Z").meta("commit", "28224db").meta("profile", "default");
    doc.paragraph(
        Text::new()
            .plain("One target of three is ")
            .strong("missed")
            .plain("; the slowest stage is ")
            .emphasis("debate")
            .plain(". Run ")
            .code("cargo xtask bench --only 'debate/*'")
            .plain(" to measure it again, and see ")
            .link("the targets", "#targets")
            .plain(" or ")
            .link("the method", "https://example.org/method?a=1&b=2")
            .plain("."),
    );
    doc.callout(Tone::Bad, "K6 is below its floor: 41 % of repeated queries hit, 50 % are wanted.");
    doc.callout(Tone::Warn, "The run used 2 cores; the baseline used 8.");
    doc.callout(Tone::Note, Text::new().plain("Figures marked ").code("virtual").plain(" are exact."));
    doc.callout(Tone::Good, "No allocation grew.").callout(Tone::Plain, "Nothing else changed.");
    targets(&mut doc);
    comparison(&mut doc);
    trend(&mut doc);
    stages(&mut doc);
    doc.heading(2, "What to do");
    doc.numbered(["Warm the cache from the key list.", "Raise its size to 64 MB."]);
    doc.list([
        Text::from("Text from outside: <script>alert(1)</script> [x](javascript:alert(1)) | # - 1."),
        "b".into(),
    ]);
    doc.list(["another list", "日本語 and e\u{301}"]);
    doc.details("Raw data", |inner: &mut Document| {
        inner.heading(2, "Samples").code("{\n  \"ns\": [11.9, 12.1],\n\t\"fence\": \"```\"\n}");
        inner.table(Table::new([Column::left("empty")]).captioned("Outliers"));
    });
    doc
}

fn targets(doc: &mut Document) {
    doc.heading(2, "Targets");
    let columns = [
        Column::left("id"),
        Column::left("what"),
        Column::right("floor"),
        Column::right("actual"),
        Column::centre("state"),
    ];
    doc.table(
        Table::new(columns)
            .captioned("Targets of this run")
            .row([
                Cell::from("D1"),
                "a round, four debaters".into(),
                "10 ms".into(),
                "23.6 µs".into(),
                Cell::toned(Tone::Good, "pass"),
            ])
            .row([
                Cell::from("K6"),
                "hit rate | repeated queries".into(),
                "50 %".into(),
                "41 %".into(),
                Cell::toned(Tone::Bad, "fail"),
            ])
            .row([
                Cell::from(Text::new().code("P1|x")),
                "fifteen tickers".into(),
                "5 min".into(),
                "4 min 12 s".into(),
                Cell::toned(Tone::Warn, "close"),
            ])
            .row(["P2", "stage times"]),
    );
}

fn comparison(doc: &mut Document) {
    doc.heading(2, "Comparison");
    let bar = |label: &str, value: f64, interval, display: &str, tone| Bar {
        label: label.to_owned(),
        value,
        interval,
        display: display.to_owned(),
        tone,
    };
    doc.chart(BarChart {
        title: "Time of a round by number of debaters".to_owned(),
        unit: "µs".to_owned(),
        scale: Scale::Linear,
        bars: vec![
            bar("2 debaters", 11.9, Some((11.2, 12.9)), "11.9 µs", Tone::Good),
            bar("4 debaters", 23.6, Some((22.0, 26.5)), "23.6 µs", Tone::Good),
            bar("8 debaters", 48.2, Some((44.1, 55.0)), "48.2 µs", Tone::Warn),
            bar(
                "16 debaters, with a label that is far too long for its column",
                97.0,
                None,
                "97.0 µs",
                Tone::Bad,
            ),
            bar("32 debaters", f64::NAN, None, "", Tone::Plain),
        ],
        reference: vec![
            Reference { label: "goal".to_owned(), value: 64.0 },
            Reference { label: "floor".to_owned(), value: 70.0 },
        ],
    });
    doc.chart(BarChart {
        title: "Against others".to_owned(),
        unit: "ns".to_owned(),
        scale: Scale::Log10,
        bars: vec![
            bar("assize", 3_900.0, Some((3_700.0, 4_200.0)), "3.9 µs", Tone::Plain),
            bar("heartbit-core", 5_100.0, Some((4_000.0, 7_000.0)), "5.1 µs", Tone::Plain),
            bar("LangGraph", 1_400_000.0, Some((1_300_000.0, 1_600_000.0)), "1.40 ms", Tone::Note),
            bar("nothing", 0.0, None, "0 ns", Tone::Plain),
        ],
        reference: Vec::new(),
    });
    doc.chart(BarChart { title: "Nothing yet".to_owned(), ..BarChart::default() });
}

fn trend(doc: &mut Document) {
    doc.heading(2, "Trend").heading(3, "By day");
    let days = || (0..12_u32).map(f64::from);
    let points =
        |base: f64, slope: f64| days().map(|day| (20_514.0 + day, base + slope * day)).collect::<Vec<_>>();
    let mut p99 = points(31.0, 0.8);
    p99[5].1 = f64::NAN;
    doc.chart(LineChart {
        title: "Latency of a debate".to_owned(),
        x_label: "day".to_owned(),
        y_label: "latency (ms)".to_owned(),
        x_axis: XAxis::Date,
        series: vec![
            Series {
                label: "p50".to_owned(),
                points: points(12.0, 0.1),
                band: Some(days().map(|day| (11.0 + 0.1 * day, 13.5 + 0.1 * day)).collect()),
            },
            Series { label: "p95".to_owned(), points: points(22.0, -0.3), band: None },
            Series { label: "p99".to_owned(), points: p99, band: None },
        ],
        markers: vec![
            Marker { x: 20_518.0, label: "cache on".to_owned() },
            Marker { x: 20_519.0, label: "tokens counted exactly".to_owned() },
        ],
    });
    doc.chart(LineChart {
        title: "Throughput".to_owned(),
        x_label: "users".to_owned(),
        y_label: "requests per second".to_owned(),
        series: vec![Series {
            label: "requests".to_owned(),
            points: vec![(1.0, 950.0), (64.0, 41_000.0), (8.0, 7_400.0), (32.0, 29_000.0)],
            band: None,
        }],
        ..LineChart::default()
    });
}

fn stages(doc: &mut Document) {
    doc.heading(2, "Stages");
    let span = |label: &str, start, end, tone| Span { label: label.to_owned(), start, end, tone };
    let lane = |label: &str, from: f64, tone| Lane {
        label: label.to_owned(),
        spans: vec![
            span("research", from, from + 120.0, Tone::Plain),
            span("options", from, from + 60.0, Tone::Plain),
            span("debate", from + 120.0, from + 400.0, tone),
            span("checks", from + 400.0, from + 407.0, Tone::Plain),
            span("report", from + 407.0, from + 470.0, Tone::Plain),
        ],
    };
    let mut lanes = vec![
        lane("ACME", 0.0, Tone::Plain),
        lane("GLOBEX", 40.0, Tone::Warn),
        lane("INITECH", 80.0, Tone::Bad),
        Lane { label: "HOOLI".to_owned(), spans: Vec::new() },
    ];
    lanes[1].spans.push(span("paper trade", f64::INFINITY, 500.0, Tone::Plain));
    doc.chart(Timeline { title: "Stages of each ticker".to_owned(), unit: "ms".to_owned(), lanes });
    let stack =
        |frames: &str, weight| Stack { frames: frames.split(' ').map(str::to_owned).collect(), weight };
    let stacks = vec![
        stack("main brief::run debate::turn prompt::write", 220.0),
        stack("main brief::run debate::turn json::read", 410.0),
        stack("main brief::run fetch::decode json::read", 190.0),
        stack("main brief::run", 12.0),
        stack("main report::html", 95.0),
    ];
    doc.chart(Flame { title: "Where the time went".to_owned(), unit: "samples".to_owned(), stacks });
}
