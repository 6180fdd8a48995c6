//! Folded stacks, a line each: `main;parse;number 42` (`py-spy record -f raw`, `stackcollapse-*.pl`, inferno, bpftrace).
//!
//! The weights are numbers of samples, as far as the file tells. py-spy writes places: `price (shop.py:9)`.

use std::path::Path;

use super::{
    FileReader, Head, Input,
    lines::{Lines, shortened},
    load::number,
    stacks::tell,
};
use crate::{
    Error, Unit,
    run::{Folding, Frame, Run},
};

/// How long a name may be.
const NAME: usize = 400;

/// Reads folded stacks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Folded;

impl FileReader for Folded {
    fn name(&self) -> &'static str {
        "folded"
    }

    fn reads(&self) -> &'static str {
        "folded stacks (py-spy record -f raw, stackcollapse, inferno)"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        let text = head.text();
        // The last line may be cut.
        let whole = text.rfind('\n').map_or(text, |end| text.split_at(end).0);
        let mut lines = whole.lines().filter(|line| !line.trim().is_empty()).peekable();
        lines.peek().is_some()
            && !text.trim_start().starts_with(['{', '[', '#'])
            && whole.contains(';')
            && lines.all(|line| stack(line).is_some())
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let mut run = Run::new("folded");
        let mut lines = Lines::open(input, file)?;
        let name = file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let mut wrong: Option<(usize, usize)> = None;
        let mut folding = Folding::default();
        while let Some((at, line)) = lines.next() {
            if line.trim().is_empty() {
                continue;
            }
            if let Some((frames, weight)) = stack(line) {
                let stack = frames.split(';').map(|text| folding.number(frame(text))).collect();
                folding.add(stack, weight);
            } else {
                wrong = Some(wrong.map_or((at, 1), |(first, times)| (first, times + 1)));
            }
        }
        let profile = folding.profile(name, Unit::Count);
        if let Some((first, times)) = wrong {
            lines.find(
                &mut run,
                first,
                format!("{times} lines, this the first, are no stacks with a number: they were left out"),
            );
        }
        if !profile.stacks.is_empty() {
            let note = "in samples: how long one is the file does not tell".to_owned();
            tell(&mut run, vec![profile], &[note]);
        }
        lines.finish(&mut run)?;
        Ok(run)
    }
}

/// A line as its frames and its weight.
fn stack(line: &str) -> Option<(&str, f64)> {
    let (frames, weight) = line.trim_end().rsplit_once(' ')?;
    let weight = number(weight).filter(|weight| *weight >= 0.0)?;
    (!frames.trim().is_empty()).then_some((frames, weight))
}

/// `price (shop.py:9)`, or a name.
fn frame(text: &str) -> Frame {
    let text = text.trim();
    let place = text.strip_suffix(')').and_then(|text| {
        let (name, place) = text.rsplit_once(" (")?;
        let (file, line) = place.rsplit_once(':')?;
        Some(Frame::new(shortened(name, NAME)).at(shortened(file, NAME), line.parse().ok()?))
    });
    place.unwrap_or_else(|| Frame::new(shortened(text, NAME)))
}
