//! What the run shows, in words and with its intervals: where a debate beats a vote, where it does not, and from where on it
//! pays.

use assize_benches::quality::Arm;
use assize_report::{Document, Text};

use crate::{
    MATTERS,
    crossings::{Advantage, Crossing},
    marks::{Figure, points},
    worlds::{Found, Meaning, Tested},
};

pub(crate) const DEBATES: [Arm; 3] = [Arm::Debate, Arm::DebateFacts, Arm::GatedDebate];

/// What follows for a debate in a world from its two contrasts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Better than one vote each and than as many calls.
    Beats,
    /// Better than one vote each, and not shown to be better than as many calls.
    OnlyByCalls,
    /// Better than as many calls, and not shown to be better than one vote each.
    OnlyOverCalls,
    /// Worse than one of them.
    Worse,
    /// Certainly not better than one vote each by an amount that matters.
    NoBetter,
    /// None of these.
    Unknown,
}

impl Class {
    const ALL: [Self; 6] =
        [Self::Beats, Self::OnlyByCalls, Self::OnlyOverCalls, Self::Worse, Self::NoBetter, Self::Unknown];

    fn of(vote: &Tested, calls: &Tested) -> Self {
        let cannot_matter = vote.difference.interval.as_ref().is_some_and(|within| within.high < MATTERS);
        match (vote.meaning, calls.meaning) {
            (Meaning::Better, Meaning::Better) => Self::Beats,
            (Meaning::Worse, _) | (_, Meaning::Worse) => Self::Worse,
            (Meaning::Better, _) => Self::OnlyByCalls,
            (_, Meaning::Better) => Self::OnlyOverCalls,
            _ if cannot_matter => Self::NoBetter,
            _ => Self::Unknown,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Beats => "Better than both votes",
            Self::OnlyByCalls => {
                "Better than one vote each, but not shown to be better than as many calls without a word between them"
            }
            Self::OnlyOverCalls => {
                "Better than as many calls without a word, but not shown to be better than one vote each, which takes fewer"
            }
            Self::Worse => "Worse than one of the votes",
            Self::NoBetter => "Certainly no better than one vote each by an amount that matters",
            Self::Unknown => "Nothing shown: the questions are too few to tell",
        }
    }
}

pub(crate) fn of(found: &Found, a: Arm, b: Arm) -> Option<&Tested> {
    found.contrasts.iter().find(|tested| tested.a == a && tested.b == b)
}

/// Every debate of every world, by what is shown of it.
pub(crate) fn by_world(doc: &mut Document, worlds: &[Found]) {
    let classed = worlds.iter().flat_map(|found| {
        DEBATES.into_iter().filter_map(move |debate| {
            let (vote, calls) = (of(found, debate, Arm::Confidence)?, of(found, debate, Arm::EqualCalls)?);
            Some((found, Class::of(vote, calls), sentence(found, debate, vote, calls)))
        })
    });
    let classed: Vec<(&Found, Class, Text)> = classed.collect();
    doc.paragraph(summary(worlds, &classed));
    for class in Class::ALL {
        let of_class: Vec<Text> =
            classed.iter().filter(|(_, known, _)| *known == class).map(|(.., words)| words.clone()).collect();
        let many = if of_class.is_empty() { ": nowhere." } else { ":" };
        doc.paragraph(Text::new().strong(class.words()).plain(many));
        if !of_class.is_empty() {
            doc.list(of_class);
        }
    }
}

/// In which worlds a debate beats both votes, in which none certainly does.
fn summary(worlds: &[Found], classed: &[(&Found, Class, Text)]) -> Text {
    let named = |is: &dyn Fn(&[Class]) -> bool| {
        let of_world = |found: &&Found| {
            let here = classed.iter().filter(|(other, ..)| other.world == found.world);
            is(&here.map(|(_, class, _)| *class).collect::<Vec<_>>())
        };
        let names: Vec<String> = worlds.iter().filter(of_world).map(|found| found.world.name()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    let wins = named(&|classes| classes.contains(&Class::Beats));
    let in_vain =
        named(&|classes| classes.iter().all(|class| matches!(class, Class::Worse | Class::NoBetter)));
    Text::new()
        .plain("Worlds in which a debate decides better than both votes: ")
        .strong(wins)
        .plain(". Worlds in which every debate is worse than a vote, or certainly no better: ")
        .strong(in_vain)
        .plain(". In the others it is not shown that talking is worth more than asking each voice again.")
}

fn sentence(found: &Found, debate: Arm, vote: &Tested, calls: &Tested) -> Text {
    let of_arm = |arm: Arm| found.arms.iter().find(|shown| shown.arm == arm);
    let price = match (of_arm(debate), of_arm(Arm::Confidence)) {
        (Some(debate), Some(vote)) => format!(
            "; {:.1} calls instead of {:.1}, {:.1} times the price of a right decision",
            debate.calls,
            vote.calls,
            debate.cost_per_right / vote.cost_per_right
        ),
        _ => String::new(),
    };
    Text::new().code(found.world.name()).plain(", ").code(debate.name()).plain(format!(
        ": {} points over one vote each, {} over as many calls{price}.",
        points(&vote.difference),
        points(&calls.difference)
    ))
}

/// From where on each debate pays along a row of worlds.
pub(crate) fn by_sweep(advantages: &[&Advantage]) -> Vec<Text> {
    advantages.iter().map(|advantage| pays(advantage)).collect()
}

fn pays(advantage: &Advantage) -> Text {
    let Advantage { sweep, of, over, points: along, crossing } = advantage;
    let letter = sweep.letter();
    let at = |(place, figure): &(f64, Figure)| format!("{} points at {letter} = {place:.1}", points(figure));
    let ends = match (along.first(), along.last()) {
        (Some(first), Some(last)) => format!("{}, {}", at(first), at(last)),
        _ => String::new(),
    };
    let said = Text::new().code(of.name()).plain(" against ").code(over.name());
    let lowest_place = along.first().map_or(f64::NAN, |(place, _)| *place);
    match crossing {
        Crossing { at: None, .. } => {
            let best = along.iter().max_by(|(_, one), (_, other)| one.value.total_cmp(&other.value));
            let best = best.map(at).unwrap_or_default();
            said.strong(" is nowhere shown to pay").plain(format!("; at best it gains {best} ({ends})."))
        }
        Crossing { at: Some(place), interval, found_in } => {
            let lowest = if *place <= lowest_place { ", the lowest that was tried" } else { "" };
            let within = match interval {
                None => "no interval: too few resamples cross".to_owned(),
                Some(within) if within.high <= lowest_place => format!("95 %: {:.3} in all", within.high),
                Some(within) => format!("95 %: {:.3} to {:.3}", within.low, within.high),
            };
            let share = if *found_in < 0.999 {
                format!("; {:.0} % of resamples cross at all", 100.0 * found_in)
            } else {
                String::new()
            };
            let until = ends_again(along, *place).map_or_else(String::new, |place| {
                format!("; at {letter} = {place:.1} and beyond it is not shown any more")
            });
            said.strong(format!(" pays from {letter} = {place:.3} on"))
                .plain(format!("{lowest} ({within}{share}{until}; {ends})."))
        }
    }
}

/// The first place from which on to the end no gain that matters is shown, though one was before.
fn ends_again(along: &[(f64, Figure)], crossed: f64) -> Option<f64> {
    let is_shown = |figure: &Figure| {
        figure.value >= MATTERS && figure.interval.as_ref().is_some_and(|within| within.low > 0.0)
    };
    let last = along.iter().rposition(|(place, figure)| *place >= crossed && is_shown(figure))?;
    along.get(last + 1).map(|(place, _)| *place)
}
