//! What rules fill in, and what the documents say.

use assize_pipeline::{Framework, FrameworkKind, ShortfallKind, Status, Writer};

use super::company::World;

fn texts<'a>(framework: &'a Framework, key: &str) -> Vec<&'a str> {
    let cell = framework.cells.iter().find(|cell| cell.key == key).unwrap_or_else(|| panic!("{key}"));
    cell.points.iter().map(|point| point.text.as_str()).collect()
}

#[test]
fn rules_fill_in_what_figures_can_say() {
    let analysis = World::full().by_rules();
    let of = |kind: FrameworkKind| {
        analysis.frameworks.iter().find(|framework| framework.name == kind.name()).expect("it was asked for")
    };
    let swot = of(FrameworkKind::Swot);
    assert_eq!((swot.status, swot.writer), (Status::Full, Some(Writer::Rules)));
    for (key, said) in [
        ("strengths", "gross margin 50.0 %"),
        ("strengths", "9 of 9 of Piotroski's tests"),
        ("opportunities", "insiders who bought 2:"),
        ("opportunities", "change of the policy rate -1.00 points"),
        ("opportunities", "beats estimates"),
        ("threats", "slope of the yield curve -0.20"),
        ("threats", "sued by investors"),
        ("threats", "warns"),
    ] {
        assert!(
            texts(swot, key).iter().any(|text| text.contains(said)),
            "{key}: {said}: {:?}",
            texts(swot, key)
        );
    }
    assert!(texts(swot, "weaknesses").is_empty(), "{:?}", texts(swot, "weaknesses"));
    assert!(swot.points().all(|point| point.is_supported && !point.cites.is_empty()));
    let pestel = of(FrameworkKind::Pestel);
    assert_eq!(pestel.status, Status::Degraded);
    for cell in &pestel.cells {
        let is_filled = ["economic", "technological", "legal"].contains(&cell.key);
        assert_eq!(cell.missing.is_none(), is_filled, "{}", cell.key);
        assert!(cell.missing.iter().all(|lack| lack.kind == ShortfallKind::NeedsModel));
    }
    for kind in [FrameworkKind::Porter, FrameworkKind::BlueOcean, FrameworkKind::Bcg, FrameworkKind::Ansoff] {
        let framework = of(kind);
        assert_eq!((framework.status, framework.writer), (Status::Missing, None), "{kind}");
        assert_eq!(framework.shortfalls[0].kind, ShortfallKind::NeedsModel, "{kind}");
    }
    assert!(of(FrameworkKind::Bcg).shortfalls[0].detail.contains("segments"));
    let synthesis = &analysis.synthesis;
    assert_eq!(synthesis.writer, Some(Writer::Rules));
    assert!(
        synthesis.summary.as_ref().unwrap().contains("Health of its finances A"),
        "{:?}",
        synthesis.summary
    );
    assert!(texts(synthesis, "risks").len() >= 3 && texts(synthesis, "supports").len() == 5);
}

/// The same input gives the same documents, to the last byte; and they show text from outside as text.
#[test]
fn documents_are_the_same_each_time_and_harmless() {
    let hostile = "Acme Rockets <script>alert(1)</script> | beats | estimates\n# as profits soar";
    let make = || {
        let day = jiff::civil::date(2025, 3, 28);
        let analysis = World::full().with_news(hostile, "reuters.com", day).by_rules();
        let doc = analysis.to_document();
        (analysis.to_json().to_string(), doc.to_markdown(), doc.to_html())
    };
    let (json, markdown, html) = make();
    assert_eq!((json.clone(), markdown.clone(), html.clone()), make());
    assert!(json.contains("\"format_version\":1") && html.contains("Acme Rockets"));
    assert!(!html.contains("<script>alert") && !markdown.contains("\n# as profits"));
    for said in ["Health A", "SWOT", "not filled in", "unsupported", "Piotroski", "ev-"] {
        assert!(markdown.contains(said), "{said}: {markdown}");
    }
}
