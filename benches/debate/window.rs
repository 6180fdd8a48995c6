//! D4: a window over a long history: what a debater is told after twenty rounds.

use std::{hint::black_box, sync::Arc, time::Duration};

use assize_benches::{handover::Handover, panels::restless_spec};
use assize_debate::{Ask, Debate, Debater, ScriptedDebater, SeatIndex, Utterance, Window};
use assize_perf::{Measurement, Run};

use crate::{
    figures::{interleaved, ratios, sampled, timed},
    machine,
};

const SEATS: usize = 4;
/// Statements of about 50 tokens, and the same ten times as long.
const SHORT: usize = 200;
const LONG: usize = 2_000;

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let usual = Window::default();
    let note = format!(
        "{SEATS} debaters; {} rounds and {} tokens are shown, the rest is summed up",
        usual.rounds, usual.tokens
    );
    for rounds in [5, 20, 45] {
        let id = format!("debate/window/{rounds}-rounds");
        if handover.wants(&id) {
            let (with, without) = (after(rounds, SHORT, Some(usual))?, after(rounds, SHORT, None)?);
            let times = interleaved(
                handover.profile,
                &mut [&mut |n: u32| told(&with, n), &mut |n: u32| told(&without, n)],
            )?;
            run.measurements.extend(of_window(&id, &times, &note)?);
        }
    }
    let id = "debate/window/known-counts";
    if handover.wants(id) {
        // Nothing falls out, so that both show as many statements.
        let wide = Some(Window { rounds: 5, tokens: 1_000_000 });
        let (long, short) = (after(20, LONG, wide)?, after(20, SHORT, wide)?);
        let times = interleaved(
            handover.profile,
            &mut [&mut |n: u32| told(&long, n), &mut |n: u32| told(&short, n)],
        )?;
        let growth = times[0].iter().zip(&times[1]).map(|(long, short)| long / short).collect();
        let note = "statements ten times as long beside short ones, as many of them: who counts them again takes longer";
        run.measurements.push(ratios(id, "text-growth", growth)?.with_note(note));
    }
    Ok(())
}

fn of_window(id: &str, times: &[Vec<f64>], note: &str) -> Result<[Measurement; 2], String> {
    let more = times[0].iter().zip(&times[1]).map(|(with, without)| with - without).collect();
    Ok([
        sampled(id, "time", times[0].clone())?.with_note(note).with_note("all that a debater is told"),
        sampled(id, "overhead", more)?.with_note(note).with_note("less the same without a window"),
    ])
}

/// A debate after so many rounds, with statements of so many bytes that cite other evidence each time.
fn after(rounds: u32, bytes: usize, window: Option<Window>) -> Result<Debate, String> {
    let mut spec = restless_spec(SEATS, rounds + 1);
    spec.window = window;
    let debater = |seat: usize| {
        let says = |round: u32| {
            let text = format!("In round {round} it was so. ");
            let text = text.repeat(bytes.div_ceil(text.len()));
            let id = format!("ev-{seat}-{round}");
            Ok(Utterance::new((seat + round as usize) % 2).because(text, [id.as_str()]))
        };
        Arc::new(ScriptedDebater::new((0..=rounds).map(says))) as Arc<dyn Debater>
    };
    let panel: Vec<_> = (0..SEATS).map(debater).collect();
    let (debate, _) = machine::hold(&Arc::new(spec), &panel, None, |debate| debate.round() == rounds)?;
    let shown = debate.turn(Ask { round: rounds, seat: SeatIndex(0) });
    let is_windowed = !shown.history().remarks.is_empty();
    match shown.peers().len() == SEATS - 1 && is_windowed == window.is_some() {
        true => Ok(debate),
        false => Err(format!("what is shown after {rounds} rounds is not what was expected")),
    }
}

fn told(debate: &Debate, n: u32) -> Result<Duration, String> {
    let ask = Ask { round: debate.round(), seat: SeatIndex(1) };
    let (time, ()) = timed(|| {
        for _ in 0..n {
            black_box(debate.turn(black_box(ask)));
        }
    });
    Ok(time)
}
