//! Our sides of `cargo xtask peers`, and the inputs that all sides are given.
//!
//! `peer-assize inputs CONTEST` prints the inputs; `peer-assize TASKS REPETITIONS MILLISECONDS CONTEST FORM` measures.

#[path = "cache/assize.rs"]
mod cache;
#[path = "change-points/assize.rs"]
mod change_points;
#[path = "debate/assize.rs"]
mod debate;
#[path = "inputs.rs"]
mod inputs;
#[path = "prices/assize.rs"]
mod prices;
mod timing;
#[path = "tokens/assize.rs"]
mod tokens;

use std::io::Write as _;

use timing::Failure;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (contest, form) = match given[..] {
        ["inputs", contest] => {
            let inputs = match contest {
                "cache" => cache::inputs(),
                "change-points" => change_points::inputs(),
                "prices" => prices::inputs(),
                "tokens" => tokens::inputs()?,
                other => return Err(format!("{other:?} has no inputs").into()),
            };
            writeln!(std::io::stdout(), "{inputs}")?;
            return Ok(());
        }
        [_, _, _, contest, form] => (contest, form),
        _ => return Err("five arguments are needed: tasks, repetitions, milliseconds, contest, form".into()),
    };
    timing::measure(&arguments, |task| match contest {
        "cache" => cache::work(form, task),
        "change-points" => change_points::work(form, task),
        "debate" => debate::work(form, task),
        "prices" => prices::work(form, task),
        "tokens" => tokens::work(form, task),
        other => Err(format!("{other:?} is no contest").into()),
    })
}
