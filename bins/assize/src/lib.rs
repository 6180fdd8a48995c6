//! The `assize` command: arguments, progress, exit codes. The work is done by the crates below.

mod analyze;
mod arguments;
mod ask;
mod backtest;
mod brief;
mod cache;
mod cost;
mod debate;
mod doctor;
mod exit;
mod fetch;
mod input;
mod models;
mod portfolio;
mod score;
mod screen;
mod tokens;
mod world;

use std::process::ExitCode;

use crate::{
    arguments::{Arguments, Command},
    exit::{Failure, Outcome},
    screen::Screen,
};

/// Runs the command that the process was called with, and gives its exit code: 0 done; 1 done, and the answer is no; 2
/// the request is wrong; 3 something outside did not answer; 4 stopped by a budget or a deadline with no result.
#[must_use]
pub fn main_impl() -> ExitCode {
    let arguments = match Arguments::from_command_line() {
        Ok(arguments) => arguments,
        Err(refused) => {
            // clap knows which of help, version and usage error goes where.
            let _ = refused.print();
            return if refused.use_stderr() { Outcome::BadRequest } else { Outcome::Done }.into();
        }
    };
    let screen = Screen::new(arguments.json());
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return screen.fail(&Failure::outside(format!("start the runtime: {e}"))),
    };
    let outcome = match arguments.command {
        Command::Brief(options) => runtime.block_on(brief::run(*options, &screen)),
        Command::Analyze(options) => runtime.block_on(analyze::run(*options, &screen)),
        Command::Backtest(options) => runtime.block_on(backtest::run(*options, &screen)),
        Command::Debate(options) => runtime.block_on(debate::run(*options, &screen)),
        Command::Fetch(options) => runtime.block_on(fetch::run(*options, &screen)),
        Command::Score(options) => score::run(&options, &screen),
        Command::Ask(options) => runtime.block_on(ask::run(*options, &screen)),
        Command::Cache(options) => runtime.block_on(cache::run(options.command, &screen)),
        Command::Cost(options) => cost::run(&options, &screen),
        Command::Tokens(options) => tokens::run(&options, &screen),
        Command::Models(options) => models::run(&options, &screen),
        Command::Doctor(_) => runtime.block_on(doctor::run(&screen)),
        Command::Portfolio(options) => runtime.block_on(portfolio::run(options.command, &screen)),
        Command::World(options) => runtime.block_on(world::run(&options, &screen)),
    };
    // A read that hangs on a blocking thread must not keep a process alive whose work is done.
    runtime.shutdown_background();
    match outcome {
        Ok(code) => code,
        Err(failure) => screen.fail(&failure),
    }
}
