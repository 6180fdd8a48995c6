//! Profiles of Python's cProfile (`python -m cProfile -o FILE`, `Profile.dump_stats`).
//!
//! A file is a marshalled dict: `(file, line, function)` to `(primitive calls, calls, own time, time with calls, callers)`,
//! the callers a dict of the same keys to the same figures of the calls from there, in seconds. There are no whole
//! stacks in it: those that are kept are two frames deep, the caller and the function. The dict is the whole file, so of a
//! file that is cut the functions before the cut are read.

mod marshal;

use std::path::Path;

use self::marshal::{Decoder, Value};
use super::{
    FileReader, Head, Input,
    load::SECOND,
    stacks::{Function, figures},
};
use crate::{
    Error, ErrorKind, Unit,
    run::{Finding, Frame, Profile, Run},
};

/// Reads profiles of cProfile.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pstats;

impl FileReader for Pstats {
    fn name(&self) -> &'static str {
        "pstats"
    }

    fn reads(&self) -> &'static str {
        "profiles of Python's cProfile (marshalled pstats)"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        // A dict, with or without the flag of a reference, whose first key is a tuple of three.
        let mut text = head.text().chars();
        let begins = text.next().is_some_and(|c| matches!(c, '{' | '\u{fffd}'));
        begins && matches!((text.next(), text.next()), (Some('(' | ')' | '\u{fffd}'), Some('\u{3}')))
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let bytes = input.bytes(file)?;
        let name = file.display().to_string();
        let mut run = Run::new("pstats");
        let mut decoder = Decoder::new(&bytes);
        if !decoder.begins_dict() {
            let text = format!("read {name}: it is no marshalled dict");
            return Err(Error::new(ErrorKind::Malformed, text).hinted("write it with python -m cProfile -o"));
        }
        let mut functions = Vec::new();
        let mut stacks = Vec::new();
        loop {
            let before = decoder.position();
            match decoder.entry() {
                Ok(Some((key, value))) => match Entry::of(&key, &value) {
                    Some(entry) => entry.tell(&mut functions, &mut stacks),
                    None => {
                        let position = Some(format!("byte {before}"));
                        let text = "it is no function with its times: it was left out";
                        run.findings.push(Finding::new(name.as_str(), position, text));
                    }
                },
                Ok(None) => break,
                Err(why) => {
                    let position = Some(format!("byte {}", decoder.position()));
                    let text = format!("{why}: what follows was left out");
                    run.findings.push(Finding::new(name.as_str(), position, text));
                    break;
                }
            }
        }
        if !functions.is_empty() {
            let total = functions.iter().map(|function| function.own).sum();
            run.measurements = figures(&Unit::Nanoseconds, total, functions, &[]);
            let title = file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
            run.profiles.push(Profile::of(title, Unit::Nanoseconds, stacks));
        }
        Ok(run)
    }
}

/// A function with its times in nanoseconds.
struct Entry {
    frame: Frame,
    primitive: i64,
    calls: i64,
    own: f64,
    total: f64,
    /// The caller and the own time of the calls from there.
    callers: Vec<(Frame, f64)>,
}

impl Entry {
    fn of(key: &Value, value: &Value) -> Option<Self> {
        let frame = frame(key)?;
        let [primitive, calls, own, total, callers] = value.tuple()? else { return None };
        let callers = callers.dict()?.iter().filter_map(|(caller, told)| {
            let caller = self::frame(caller)?;
            // Before Python 2.5 only the number of calls was told.
            Some((caller, ns(told.tuple()?.get(2)?)?))
        });
        Some(Self {
            frame,
            primitive: primitive.integer()?,
            calls: calls.integer()?,
            own: ns(own)?,
            total: ns(total)?,
            callers: callers.collect(),
        })
    }

    fn tell(self, functions: &mut Vec<Function>, stacks: &mut Vec<(Vec<Frame>, f64)>) {
        // A caller that is the function itself is a recursion, and no frame more. Times that are told for callers leave
        // those of the calls from outside the profile.
        let mut rest = self.own;
        for (caller, own) in self.callers.into_iter().filter(|(caller, _)| *caller != self.frame) {
            rest -= own;
            stacks.push((vec![caller, self.frame.clone()], own));
        }
        // Not what rounding leaves over.
        if rest > 1e-6 * self.own {
            stacks.push((vec![self.frame.clone()], rest));
        }
        let calls = if self.primitive == self.calls {
            format!("{} calls", self.calls)
        } else {
            format!("{} calls, {} of them no recursion", self.calls, self.primitive)
        };
        functions.push(Function { frame: self.frame, own: self.own, total: self.total, note: Some(calls) });
    }
}

/// Nanoseconds, to the picosecond: beyond it are the traces of a float's seconds.
fn ns(seconds: &Value) -> Option<f64> {
    Some((seconds.seconds()? * SECOND * 1e3).round() / 1e3)
}

/// `('shop.py', 4, 'price')`; what is built in is in the file `~`.
fn frame(key: &Value) -> Option<Frame> {
    let [file, line, function] = key.tuple()? else { return None };
    let frame = Frame::new(function.text()?);
    Some(match (file.text()?, u32::try_from(line.integer()?).ok()?) {
        ("~" | "", _) => frame,
        (file, line) => frame.at(file, line),
    })
}
