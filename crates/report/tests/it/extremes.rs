//! Figures at the edge of what a float can hold, empty parts, long documents.

use assize_report::{
    Bar, BarChart, Chart, Column, Document, Flame, Lane, LineChart, Marker, Reference, Scale, Series, Span,
    Stack, Table, TerminalStyle, Timeline, XAxis,
};
use proptest::prelude::*;

const WIDE: TerminalStyle = TerminalStyle { width: 80, colour: false };

fn anything() -> impl Strategy<Value = f64> {
    prop_oneof![3 => prop::num::f64::ANY, 2 => -1e6..1e6_f64, 1 => Just(0.0), 1 => Just(f64::NAN), 1 => Just(f64::MAX)]
}

fn bars(scale: Scale, values: &[f64]) -> Chart {
    let bar = |pair: &[f64]| Bar { value: pair[0], interval: Some((pair[1], pair[0])), ..Bar::default() };
    let reference = vec![Reference { label: "r".to_owned(), value: values[0] }];
    BarChart { scale, bars: values.windows(2).map(bar).collect(), reference, ..BarChart::default() }.into()
}

fn lines(x_axis: XAxis, values: &[f64]) -> Chart {
    let pairs: Vec<_> = values.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let series = Series { label: "s".to_owned(), points: pairs.clone(), band: Some(pairs) };
    let markers = vec![Marker { x: values[0], label: "m".to_owned() }];
    LineChart { x_axis, series: vec![series.clone(), series], markers, ..LineChart::default() }.into()
}

fn timeline(values: &[f64]) -> Chart {
    let span = |pair: &[f64]| Span { label: "s".to_owned(), start: pair[0], end: pair[1], ..Span::default() };
    let lane = Lane { label: "l".to_owned(), spans: values.windows(2).map(span).collect() };
    Timeline { lanes: vec![lane], ..Timeline::default() }.into()
}

fn flame(values: &[f64]) -> Chart {
    let stack = |(at, weight): (usize, &f64)| Stack {
        frames: (0..=at).map(|frame| format!("f{frame}")).collect(),
        weight: *weight,
    };
    Flame { stacks: values.iter().enumerate().map(stack).collect(), ..Flame::default() }.into()
}

/// Every number in every attribute of the drawing, checked to be one and to lie in the drawing.
fn check_coordinates(html: &str) {
    let Some(from) = html.find("<svg") else { return };
    let svg = &html[from..html.find("</svg>").expect("a drawing ends")];
    for tag in svg.split('<').filter_map(|part| part.split_once('>').map(|(tag, _)| tag)) {
        for (name, value) in tag.split('"').collect::<Vec<_>>().chunks_exact(2).map(|pair| (pair[0], pair[1]))
        {
            let name = name.trim_end_matches('=').rsplit(' ').next().unwrap_or_default();
            if ["x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height", "d", "viewBox"]
                .contains(&name)
            {
                for number in value.split(|c: char| "MLZ ".contains(c)).filter(|number| !number.is_empty()) {
                    let number: f64 = number.parse().unwrap_or(f64::NAN);
                    assert!((-1.0..=60_000.0).contains(&number), "{name}={value} in <{tag}>");
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn any_figures_can_be_drawn(values in prop::collection::vec(anything(), 2..9)) {
        let charts = [
            bars(Scale::Linear, &values),
            bars(Scale::Log10, &values),
            lines(XAxis::Number, &values),
            lines(XAxis::Date, &values),
            timeline(&values),
            flame(&values),
        ];
        for chart in charts {
            let mut doc = Document::new("t");
            doc.chart(chart);
            let html = doc.to_html();
            check_coordinates(&html);
            for text in [html, doc.to_markdown(), doc.to_terminal(&WIDE), doc.to_json().to_string()] {
                prop_assert!(!text.contains("NaN") && !text.contains("inf"), "{}", text);
            }
        }
    }
}

#[test]
fn what_is_not_finite_is_named() {
    let mut doc = Document::new("t");
    doc.chart(bars(Scale::Linear, &[f64::NAN, 1.0]));
    doc.chart(lines(XAxis::Number, &[f64::NAN, f64::INFINITY]));
    doc.chart(timeline(&[f64::NAN, 1.0]));
    doc.chart(flame(&[f64::NAN, 1.0]));
    let html = doc.to_html();
    assert!(html.contains(">n/a</text>") && html.contains("every figure is n/a"));
    assert!(doc.to_markdown().contains("s: 1 of 1 points n/a."));
    assert!(doc.to_markdown().contains("1 stacks have no weight."));
    assert!(doc.to_json()["blocks"][0]["bars"][0]["value"].is_null());
}

#[test]
fn empty_parts_are_sentences() {
    let mut doc = Document::new("");
    doc.table(Table::new([])).table(Table::new([Column::left("a")]));
    doc.chart(BarChart::default()).chart(LineChart::default()).chart(Timeline::default());
    doc.chart(Flame::default());
    doc.paragraph("").list([""; 0]);
    for text in [doc.to_markdown(), doc.to_html(), doc.to_terminal(&WIDE)] {
        for sentence in
            ["No rows.", "No bars to draw.", "No points to draw.", "No spans to draw.", "No stacks to draw."]
        {
            assert!(text.contains(sentence), "{sentence} in {text}");
        }
    }
}

#[test]
fn rows_of_any_length_keep_all_their_cells() {
    let mut doc = Document::new("t");
    doc.table(
        Table::new([Column::left("a"), Column::right("b")]).row(["1"]).row(["2", "3", "4"]).row([""; 0]),
    );
    for text in [doc.to_markdown(), doc.to_html(), doc.to_terminal(&WIDE)] {
        assert!(text.contains('4') && text.contains("3 rows have another number of cells"), "{text}");
    }
    assert_eq!(doc.to_json()["blocks"][0]["irregular_rows"], 3);
}

#[test]
fn a_page_has_contents_from_four_sections_on() {
    let mut doc = Document::new("t");
    for section in ["Same", "Same", "<i>"] {
        doc.heading(2, section);
    }
    assert!(!doc.to_html().contains("<nav"));
    let html = doc.heading(9, "deep").heading(2, "Größe").to_html();
    assert!(
        html.contains("<li><a href=\"#same-1\">Same</a></li>")
            && html.contains("<h2 id=\"same-1\">Same</h2>")
    );
    assert!(html.contains("<a href=\"#größe\">Größe</a>") && html.contains("<h4 id=\"deep\">"));
}

/// The document of `rows` rows in all its forms: how many bytes it takes.
fn size_with(rows: u32) -> [usize; 4] {
    let heads = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut table = Table::new(heads.map(Column::right));
    for row in 0..rows {
        table.push(heads.map(|_| format!("{:08}", row % 1_000)));
    }
    let mut doc = Document::new("t");
    doc.table(table);
    let json = doc.to_json().to_string();
    [doc.to_markdown(), doc.to_html(), json, doc.to_terminal(&WIDE)].map(|text| text.len())
}

#[test]
fn ten_thousand_rows_take_ten_times_what_a_thousand_take() {
    for (small, large) in size_with(1_000).into_iter().zip(size_with(10_000)) {
        assert!(large <= small * 10, "{small} {large}");
    }
}

#[test]
fn one_long_cell_does_not_widen_every_row() {
    let mut table = Table::new([Column::left("a")]).row(["x".repeat(50_000)]);
    for _ in 0..1_000 {
        table.push(["y"]);
    }
    let mut doc = Document::new("t");
    doc.table(table);
    assert!(doc.to_markdown().len() < 100_000 && doc.to_terminal(&WIDE).len() < 200_000);
}

#[test]
fn large_charts_are_cut_and_say_so() {
    let bars = vec![Bar { value: 1.0, ..Bar::default() }; 5_000];
    let points = |n: u32| (0..n).map(|x| (f64::from(x), f64::from(x % 97))).collect();
    let series = vec![Series { label: "s".to_owned(), points: points(200_000), band: Some(points(200_000)) }];
    let mut doc = Document::new("t");
    doc.chart(LineChart { series, ..LineChart::default() });
    assert!(doc.to_html().len() < 200_000);
    doc.chart(BarChart { bars, ..BarChart::default() });
    assert!(doc.to_html().contains("4800 more bars are in the figures below."));
}
