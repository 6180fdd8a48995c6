//! Strengths, weaknesses, opportunities and threats out of figures.

use super::{
    super::{
        Known, Measure, StoryNote, Unit,
        framework::{Cell, FrameworkKind, Point},
    },
    cells,
};
use crate::ShortfallKind;

/// From where a figure is good, and from where it is bad.
struct Mark {
    measure: &'static str,
    good: Bound,
    bad: Bound,
}

#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
    Never,
}

use Bound::{AtLeast, AtMost, Never};

impl Bound {
    fn is_met(self, value: f64) -> bool {
        match self {
            AtLeast(bound) => value >= bound,
            AtMost(bound) => value <= bound,
            Never => false,
        }
    }

    fn shown(self, unit: Unit) -> String {
        match self {
            AtLeast(bound) => format!("at least {}", unit.shown(bound)),
            AtMost(bound) => format!("at most {}", unit.shown(bound)),
            Never => String::new(),
        }
    }
}

const fn mark(measure: &'static str, good: Bound, bad: Bound) -> Mark {
    Mark { measure, good, bad }
}

/// What the company itself does well and badly. Declared thresholds, not estimated ones.
const OWN: [Mark; 17] = [
    mark("fin.gross-margin", AtLeast(0.40), AtMost(0.20)),
    mark("fin.operating-margin", AtLeast(0.15), AtMost(0.0)),
    mark("fin.net-margin", AtLeast(0.10), AtMost(0.0)),
    mark("fin.free-cash-margin", AtLeast(0.10), AtMost(0.0)),
    mark("fin.return-on-assets", AtLeast(0.08), AtMost(0.0)),
    mark("fin.return-on-equity", AtLeast(0.15), AtMost(0.0)),
    mark("fin.revenue-growth", AtLeast(0.10), AtMost(-0.02)),
    mark("fin.income-growth", AtLeast(0.10), AtMost(-0.10)),
    mark("fin.leverage", AtMost(0.40), AtLeast(0.75)),
    mark("fin.debt-to-equity", Never, AtLeast(1.5)),
    mark("fin.interest-cover", AtLeast(8.0), AtMost(2.0)),
    mark("fin.current-ratio", AtLeast(1.5), AtMost(1.0)),
    mark("fin.cash-conversion", AtLeast(1.1), AtMost(0.6)),
    mark("fin.dilution", AtMost(-0.01), AtLeast(0.03)),
    mark("fin.altman-z", AtLeast(3.0), AtMost(1.8)),
    mark("mkt.return-1y", AtLeast(0.20), AtMost(-0.20)),
    mark("mkt.volatility", Never, AtLeast(0.45)),
];

/// What around it could help and harm.
const AROUND: [Mark; 13] = [
    mark("res.insider-buyers", AtLeast(2.0), Never),
    mark("res.insider-net", Never, AtMost(-1e6)),
    mark("res.tone", AtLeast(0.2), AtMost(-0.2)),
    mark("res.bullish-share", AtLeast(0.75), AtMost(0.35)),
    mark("mkt.option-skew", Never, AtLeast(0.08)),
    mark("mkt.put-call", AtMost(0.4), AtLeast(1.2)),
    mark("mkt.short-share", Never, AtLeast(0.60)),
    mark("mac.policy-rate-change", AtMost(-0.5), AtLeast(0.5)),
    mark("mac.curve", Never, AtMost(0.0)),
    mark("mac.credit-spread-change", AtMost(-0.5), AtLeast(0.5)),
    mark("mac.fear", Never, AtLeast(25.0)),
    mark("mac.unemployment-change", Never, AtLeast(0.4)),
    mark("mac.inflation", Never, AtLeast(0.04)),
];

/// How good or bad the tone of a story must be to count.
const TONE: f64 = 0.15;
/// Categories of news that are about what may come, for better or worse.
const OF_NEWS: [&str; 9] =
    ["earnings", "guidance", "m_and_a", "analyst", "product", "capital", "legal", "credit", "management"];

/// The cells, each with its points, the figures before the news.
pub(super) fn filled(known: &Known) -> Vec<Cell> {
    let has_own = OWN.iter().any(|mark| known.measure(mark.measure).is_some());
    let has_around = AROUND.iter().any(|mark| known.measure(mark.measure).is_some())
        || known.research.found.as_ref().is_some_and(|research| !research.stories.is_empty());
    cells(FrameworkKind::Swot, |cell| match cell.key {
        "strengths" | "weaknesses" if !has_own => {
            Err((ShortfallKind::TooLittle, "neither statements nor prices are there".to_owned()))
        }
        "opportunities" | "threats" if !has_around => Err((
            ShortfallKind::TooLittle,
            "neither news, insiders, options nor figures of the economy are there".to_owned(),
        )),
        "strengths" => Ok([marked(known, &OWN, |mark| mark.good), tests(known, true)].concat()),
        "weaknesses" => Ok([marked(known, &OWN, |mark| mark.bad), tests(known, false)].concat()),
        "opportunities" => {
            Ok([marked(known, &AROUND, |mark| mark.good), news(known, |tone| tone >= TONE)].concat())
        }
        _ => {
            let bad = [marked(known, &AROUND, |mark| mark.bad), news(known, |tone| tone <= -TONE)];
            Ok([bad.concat(), warnings(known)].concat())
        }
    })
}

fn marked(known: &Known, marks: &[Mark], bound: impl Fn(&Mark) -> Bound) -> Vec<Point> {
    let met = |mark: &Mark| {
        let measure = known.measure(mark.measure)?;
        let bound = bound(mark);
        bound.is_met(measure.value).then(|| point(measure, bound))
    };
    marks.iter().filter_map(met).collect()
}

fn point(measure: &Measure, bound: Bound) -> Point {
    let text = format!("{} (threshold: {})", measure.text, bound.shown(measure.unit));
    Point::resting_on(text, vec![measure.id.clone()])
}

/// Seven of Piotroski's nine tests passed are a strength, three a weakness; with fewer tests in proportion.
fn tests(known: &Known, good: bool) -> Vec<Point> {
    const FEWEST: usize = 6;
    let Some(financial) = &known.financial.found else { return Vec::new() };
    let found = &financial.piotroski;
    if found.held < FEWEST {
        return Vec::new();
    }
    let counts = if good { 9 * found.passed >= 7 * found.held } else { 9 * found.passed <= 3 * found.held };
    let mut rests_on: Vec<_> = found.tests.iter().filter_map(|test| test.rests_on.first().cloned()).collect();
    rests_on.dedup();
    let text = format!("{} of {} of Piotroski's tests are passed", found.passed, found.held);
    if counts { vec![Point::resting_on(text, rests_on)] } else { Vec::new() }
}

fn news(known: &Known, counts: impl Fn(f64) -> bool) -> Vec<Point> {
    let Some(research) = &known.research.found else { return Vec::new() };
    let told = |story: &&StoryNote| OF_NEWS.contains(&story.category) && counts(story.tone);
    let point = |story: &StoryNote| {
        let text = format!(
            "news, {}: {} ({} articles, tone {:+.2})",
            story.category, story.headline, story.articles, story.tone
        );
        Point::resting_on(text, story.cites.clone())
    };
    research.stories.iter().filter(told).map(point).collect()
}

fn warnings(known: &Known) -> Vec<Point> {
    let Some(research) = &known.research.found else { return Vec::new() };
    let point = |filing: &super::super::FilingNote| {
        let text = format!("a {} of {} warns: {}", filing.form, filing.filed_on, filing.about.join("; "));
        Point::resting_on(text, vec![filing.id.clone()])
    };
    research.filings.iter().filter(|filing| filing.is_warning).map(point).collect()
}
