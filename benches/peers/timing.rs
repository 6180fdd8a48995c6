//! What the Rust sides share: the arguments, and how a repetition is timed.

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

pub(crate) type Failure = Box<dyn Error>;

/// Does so many passes of a task and gives the operations that were done in them.
pub(crate) type Passes = Box<dyn FnMut(u32) -> Result<u64, Failure>>;

/// A task that is ready to be timed.
pub(crate) struct Work {
    passes: Passes,
    answer: Option<String>,
}

impl Work {
    pub(crate) fn new(passes: impl FnMut(u32) -> Result<u64, Failure> + 'static) -> Self {
        Self { passes: Box::new(passes), answer: None }
    }

    /// With what comes of it, to be held against what comes of it elsewhere.
    #[expect(clippy::needless_pass_by_value, reason = "a number or a text that was made for this")]
    pub(crate) fn answering(self, answer: impl ToString) -> Self {
        Self { answer: Some(answer.to_string()), ..self }
    }
}

/// Measures a side. Arguments: the tasks (`2,4,8`), repetitions, milliseconds of a repetition.
///
/// # Errors
/// If the arguments are no such numbers, or a task fails.
pub(crate) fn measure(
    arguments: &[String],
    mut make: impl FnMut(&str) -> Result<Work, Failure>,
) -> Result<(), Failure> {
    let [tasks, repetitions, milliseconds, ..] = arguments else {
        return Err("three arguments are needed: tasks (2,4,8), repetitions, milliseconds".into());
    };
    let repetitions: u32 = repetitions.parse()?;
    let least = milliseconds.parse::<u64>()? * 1_000_000;
    for task in tasks.split(',') {
        let mut work = make(task)?;
        let n = warm_up(&mut work.passes, least)?;
        let answer = work.answer.as_ref().map_or(String::new(), |answer| format!(r#","answer":{answer:?}"#));
        for _ in 0..repetitions {
            let (cpu, wall) = (cpu_ns(), Instant::now());
            let operations = (work.passes)(n)?;
            let (cpu, wall) = (cpu_ns() - cpu, wall.elapsed().as_nanos());
            writeln!(
                std::io::stdout(),
                r#"{{"task":"{task}","operations":{operations},"cpu_ns":{cpu},"wall_ns":{wall}{answer}}}"#
            )?;
        }
    }
    Ok(())
}

/// Finds how many passes fill a repetition. What is only done once is done in the first of two rounds.
fn warm_up(passes: &mut Passes, least: u64) -> Result<u32, Failure> {
    let mut n = 1;
    for _ in 0..2 {
        loop {
            let start = cpu_ns();
            passes(n)?;
            if cpu_ns() - start >= least {
                break;
            }
            n *= 2;
        }
    }
    Ok(n)
}

/// The processor's time of this process, all its threads included.
fn cpu_ns() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap_or_default()
}
