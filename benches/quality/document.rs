//! The report: every figure in it is of this run.

use assize_benches::quality::{Arm, World};
use assize_perf::Unit;
use assize_report::{Bar, BarChart, Cell, Column, Document, LineChart, Reference, Series, Table, Tone};

use crate::{
    MATTERS, Size,
    behaviours::Varied,
    controls::{Control, LEVEL},
    crossings::{Advantage, Sweep},
    findings::{self, DEBATES, of},
    marks::{Figure, percent, points},
    vendors::{Strained, VENDORS},
    worlds::{Found, Meaning, assumptions},
};

pub(crate) fn write(
    size: &Size,
    controls: &[Control],
    worlds: &[Found],
    crossings: &[Advantage],
    behaviours: &[Varied],
    vendors: &[Strained],
) -> Document {
    let mut doc = Document::new("The quality of decisions");
    doc.meta("questions", format!("{} a world, {} a step of a sweep", size.questions, size.swept));
    doc.meta("seed", format!("{:016x}", size.seed.value()));
    doc.meta("intervals", "95 % unless it says otherwise");
    doc.paragraph(format!(
        "Worlds with a known truth, declared minds that answer through the real prompts, streams and JSON, and {} ways to come \
         to a decision. A difference matters from {:.0} points on; that was fixed before anything was measured.",
        Arm::ALL.len(),
        100.0 * MATTERS
    ));
    doc.list(assumptions());
    doc.heading(2, "Where a debate beats a vote, and where it does not");
    answer(&mut doc, worlds, size);
    doc.heading(2, "From where on it pays");
    doc.paragraph(format!(
        "A debate pays from the place on at which it comes to decide better by {:.0} points or more, by a straight line between two \
         places; the crossing is that which leads to the first place at which its interval leaves out nought. In the intervals of \
         the crossings whole questions are drawn again, each in all places at once.",
        100.0 * MATTERS
    ));
    for sweep in Sweep::ALL {
        pays(&mut doc, sweep, crossings);
    }
    doc.heading(2, "The worlds one by one");
    for found in worlds {
        world(&mut doc, found);
    }
    doc.heading(2, "Other behaviours");
    doc.paragraph("What the debates gain over a vote of as many calls, in points of right decisions.");
    doc.table(varied(behaviours));
    doc.heading(2, "Vendors that let one wait");
    doc.list(VENDORS);
    doc.table(strained(vendors));
    doc.heading(2, "Controls");
    if controls.is_empty() {
        doc.callout(Tone::Warn, "No control was made: only a part of the benchmark was asked for.");
    } else {
        doc.paragraph(format!(
            "All {} passed, or there were no report: each expected share lies within the {:.2} % interval of what was found, with \
             the chance of two streams. With permuted truth a way that is shown every other truth was tried, too, and found out; \
             and that the short way by which the controls were made decides as the whole way does.",
            controls.len(),
            100.0 * LEVEL
        ));
        let twice: Vec<&str> = controls.iter().filter_map(|control| control.at_first.as_deref()).collect();
        if twice.is_empty() {
            doc.paragraph("None had to be made again.");
        } else {
            doc.paragraph(
                "Of so many some fail by chance. These did, and held when they were made again with chance of their own and four \
                 times the questions:",
            );
            doc.list(twice);
        }
        doc.details("Every control", |inner: &mut Document| {
            inner.table(passed(controls));
        });
    }
    doc.heading(2, "The ways to decide");
    doc.paragraph(
        "Brier score, log loss and calibration error are those of the probabilities in the verdict: the mean of what the voters state, \
         by the weights of their seats; the judge's scores where a judge decides.",
    );
    let mut ways = Table::new([Column::left("way"), Column::left("what it is")]);
    for arm in Arm::ALL {
        ways = ways.row([Cell::from(arm.name()), Cell::from(arm.description())]);
    }
    doc.table(ways.row([
        Cell::from("oracle"),
        Cell::from(
            "the most probable option for who knows all facts and impressions, and how the world makes them",
        ),
    ]));
    doc
}

const fn tone(meaning: Meaning) -> Tone {
    match meaning {
        Meaning::Better => Tone::Good,
        Meaning::Worse => Tone::Bad,
        Meaning::Alike | Meaning::Unknown => Tone::Plain,
    }
}

fn answer(doc: &mut Document, worlds: &[Found], size: &Size) {
    doc.paragraph(format!(
        "Points of right decisions that each debate gains over one vote each (by confidence), and over a vote of as many calls, in \
         {} questions of each world. Better and worse: shown by McNemar's test after Holm's adjustment, and of a size that matters.",
        size.questions
    ));
    findings::by_world(doc, worlds);
    let mut table = Table::new([
        Column::left("world"),
        Column::left("debate"),
        Column::right("over one vote each"),
        Column::left(""),
        Column::right("over as many calls"),
        Column::left(""),
    ]);
    for found in worlds {
        for debate in DEBATES {
            let (Some(vote), Some(calls)) =
                (of(found, debate, Arm::Confidence), of(found, debate, Arm::EqualCalls))
            else {
                continue;
            };
            table = table.row([
                Cell::from(found.world.name()),
                Cell::from(debate.name()),
                Cell::from(points(&vote.difference)),
                Cell::toned(tone(vote.meaning), vote.meaning.words()),
                Cell::from(points(&calls.difference)),
                Cell::toned(tone(calls.meaning), calls.meaning.words()),
            ]);
        }
    }
    doc.table(table);
}

fn pays(doc: &mut Document, sweep: Sweep, crossings: &[Advantage]) {
    let of_sweep: Vec<&Advantage> = crossings.iter().filter(|advantage| advantage.sweep == sweep).collect();
    if of_sweep.is_empty() {
        return;
    }
    doc.heading(3, format!("By the {}", sweep.words()));
    doc.list(findings::by_sweep(&of_sweep));
    let line = |advantage: &&&Advantage| Series {
        label: advantage.of.name().to_owned(),
        points: advantage.points.iter().map(|(place, figure)| (*place, 100.0 * figure.value)).collect(),
        band: advantage
            .points
            .iter()
            .map(|(_, figure)| figure.interval.as_ref().map(|i| (100.0 * i.low, 100.0 * i.high)))
            .collect(),
    };
    let against_calls = of_sweep.iter().filter(|advantage| advantage.over == Arm::EqualCalls);
    doc.chart(LineChart {
        title: "Points of right decisions over a vote of as many calls".to_owned(),
        x_label: sweep.words().to_owned(),
        y_label: "points".to_owned(),
        series: against_calls.map(|advantage| line(&advantage)).collect(),
        ..LineChart::default()
    });
}

fn world(doc: &mut Document, found: &Found) {
    doc.heading(3, found.world.name());
    doc.paragraph(format!(
        "{}. The oracle is right in {}.",
        capital(&found.world.description()),
        percent(&found.oracle)
    ));
    let mut quality = Table::new([
        Column::left("way"),
        Column::right("right"),
        Column::right("Brier"),
        Column::right("log loss"),
        Column::right("calibration error"),
        Column::right("regret, points"),
    ]);
    for shown in &found.arms {
        quality = quality.row([
            Cell::from(shown.arm.name()),
            Cell::from(percent(&shown.accuracy)),
            Cell::from(with_interval(&shown.brier)),
            Cell::from(with_interval(&shown.log_loss)),
            Cell::from(percent(&shown.calibration_error)),
            Cell::from(points(&shown.regret)),
        ]);
    }
    doc.table(quality);
    let bar = |(label, figure): (&str, &Figure)| Bar {
        label: label.to_owned(),
        value: 100.0 * figure.value,
        interval: figure.interval.as_ref().map(|i| (100.0 * i.low, 100.0 * i.high)),
        display: format!("{:.1} %", 100.0 * figure.value),
        tone: Tone::Plain,
    };
    doc.chart(BarChart {
        title: format!("Right decisions, {}", found.world.name()),
        unit: "%".to_owned(),
        bars: found.arms.iter().map(|shown| bar((shown.arm.name(), &shown.accuracy))).collect(),
        reference: vec![Reference { label: "oracle".to_owned(), value: 100.0 * found.oracle.value }],
        ..BarChart::default()
    });
    doc.table(course(found));
}

/// How it went, and what it took.
fn course(found: &Found) -> Table {
    let mut table = Table::new([
        Column::left("way"),
        Column::right("turned to right, %"),
        Column::right("turned to wrong, %"),
        Column::right("unshared facts told"),
        Column::right("calls"),
        Column::right("tokens"),
        Column::right("cost"),
        Column::right("per right decision"),
        Column::right("p50"),
        Column::right("p95"),
        Column::right("degraded"),
    ]);
    for shown in &found.arms {
        let told = if shown.coverage.is_finite() {
            format!("{:.0} %", 100.0 * shown.coverage)
        } else {
            "–".to_owned()
        };
        table = table.row([
            Cell::from(shown.arm.name()),
            Cell::from(format!("{:.1}", shown.to_right)),
            Cell::from(format!("{:.1}", shown.to_wrong)),
            Cell::from(told),
            Cell::from(format!("{:.2}", shown.calls)),
            Cell::from(format!("{:.0}", shown.tokens)),
            Cell::from(Unit::Usd.show(shown.cost)),
            Cell::from(Unit::Usd.show(shown.cost_per_right)),
            Cell::from(Unit::Nanoseconds.show(shown.median_ns)),
            Cell::from(Unit::Nanoseconds.show(shown.p95_ns)),
            Cell::from(format!("{:.1} %", 100.0 * shown.degraded)),
        ]);
    }
    table
}

fn varied(behaviours: &[Varied]) -> Table {
    let mut table = Table::new([
        Column::left("world"),
        Column::left("behaviour"),
        Column::right("debate"),
        Column::right("debate-facts"),
    ]);
    for varied in behaviours {
        table = table.row([
            Cell::from(World::name(varied.world)),
            Cell::from(&*varied.behaviour),
            Cell::from(points(&varied.debate)),
            Cell::from(points(&varied.facts)),
        ]);
    }
    table
}

fn strained(vendors: &[Strained]) -> Table {
    let mut table = Table::new([
        Column::left("vendor"),
        Column::left("way"),
        Column::right("p50"),
        Column::right("p95"),
        Column::right("degraded verdicts"),
        Column::right("right"),
    ]);
    for strained in vendors {
        table = table.row([
            Cell::from(strained.vendor),
            Cell::from(strained.arm.name()),
            Cell::from(Unit::Nanoseconds.show(strained.median_ns)),
            Cell::from(Unit::Nanoseconds.show(strained.p95_ns)),
            Cell::from(format!("{:.1} %", 100.0 * strained.degraded)),
            Cell::from(percent(&strained.accuracy)),
        ]);
    }
    table
}

fn passed(controls: &[Control]) -> Table {
    let mut table = Table::new([
        Column::left("control"),
        Column::right("expected, %"),
        Column::right("found, %"),
        Column::right("interval"),
        Column::right("questions"),
    ]);
    for control in controls {
        let within = control.found.interval.as_ref().map_or_else(
            || "–".to_owned(),
            |interval| format!("{:.2} to {:.2}", 100.0 * interval.low, 100.0 * interval.high),
        );
        table = table.row([
            Cell::from(format!("{}, {}", control.name, control.stream)),
            Cell::from(format!("{:.2}", 100.0 * control.expected)),
            Cell::from(format!("{:.2}", 100.0 * control.found.value)),
            Cell::from(within),
            Cell::from(control.questions.to_string()),
        ]);
    }
    table
}

fn with_interval(figure: &Figure) -> String {
    match &figure.interval {
        Some(i) => format!("{:.3} ({:.3} to {:.3})", figure.value, i.low, i.high),
        None => format!("{:.3}", figure.value),
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
