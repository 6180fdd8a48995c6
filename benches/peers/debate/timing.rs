//! What the Rust sides share: what is said, the arguments, and how a repetition is timed.

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

/// What is said by turns: the same on every side.
pub(crate) const REPLIES: [&str; 2] = [
    r#"{"stance":"yes","probabilities":{"yes":0.7,"no":0.3},"reasons":[{"text":"so it is","cites":[]}]}"#,
    r#"{"stance":"no","probabilities":{"yes":0.3,"no":0.7},"reasons":[{"text":"so it is","cites":[]}]}"#,
];

/// Holds so many debates and gives the turns that were taken in them.
pub(crate) type Panel = Box<dyn FnMut(u32) -> Result<u64, Box<dyn Error>>>;

/// Measures a side. Arguments: the numbers of debaters (`2,4,8`), rounds, repetitions, milliseconds of a repetition.
///
/// # Errors
/// If the arguments are no such numbers, or a debate fails.
pub(crate) fn measure(
    arguments: &[String],
    make: impl Fn(u32, u32) -> Result<Panel, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let [panels, rounds, repetitions, milliseconds, ..] = arguments else {
        return Err("four arguments are needed: debaters (2,4,8), rounds, repetitions, milliseconds".into());
    };
    let (rounds, repetitions): (u32, u32) = (rounds.parse()?, repetitions.parse()?);
    let least = milliseconds.parse::<u64>()? * 1_000_000;
    for debaters in panels.split(',') {
        let debaters = debaters.parse()?;
        let mut hold = make(debaters, rounds)?;
        let debates = warm_up(&mut hold, least)?;
        for repetition in 0..repetitions {
            let (cpu, wall) = (cpu_ns(), Instant::now());
            let turns = hold(debates)?;
            let (cpu, wall) = (cpu_ns() - cpu, wall.elapsed().as_nanos());
            writeln!(
                std::io::stdout(),
                r#"{{"debaters":{debaters},"rounds":{rounds},"repetition":{repetition},"turns":{turns},"cpu_ns":{cpu},"wall_ns":{wall}}}"#
            )?;
        }
    }
    Ok(())
}

/// Finds how many debates fill a repetition. What is only done once is done in the first of two passes.
fn warm_up(hold: &mut Panel, least: u64) -> Result<u32, Box<dyn Error>> {
    let mut debates = 1;
    for _ in 0..2 {
        loop {
            let start = cpu_ns();
            hold(debates)?;
            if cpu_ns() - start >= least {
                break;
            }
            debates *= 2;
        }
    }
    Ok(debates)
}

/// The processor's time of this process, all its threads included.
fn cpu_ns() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap_or_default()
}
