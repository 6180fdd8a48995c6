//! Profiles in speedscope's JSON (`py-spy record -f speedscope`, and many others).
//!
//! After speedscope's `file-format-spec.ts`: frames stand in `shared`, and each profile is `sampled` (stacks with weights, the
//! root first) or `evented` (frames that open and close at times).

use std::path::Path;

use serde::Deserialize;

use super::{FileReader, Head, Input, stacks::tell, whole_json};
use crate::{
    Error, Unit,
    run::{Finding, Folding, Frame, Run},
};

/// How deep a stack of events is followed.
const DEPTH: usize = 256;

/// Reads speedscope profiles.
#[derive(Debug, Clone, Copy, Default)]
pub struct Speedscope;

impl FileReader for Speedscope {
    fn name(&self) -> &'static str {
        "speedscope"
    }

    fn reads(&self) -> &'static str {
        "speedscope profiles (py-spy record -f speedscope, and others)"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        head.is_object()
            && (head.text().contains("speedscope.app/file-format-schema")
                || head.has("shared") && head.has_at(2, "frames")
                || head.has("profiles") && head.has_at(3, "startValue"))
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let mut run = Run::new("speedscope");
        let form: Form = whole_json::read(input, file, &mut run)?;
        let name = file.display().to_string();
        let frames: Vec<Frame> = form.shared.frames.into_iter().map(FrameForm::into_frame).collect();
        let mut profiles = Vec::new();
        for (place, profile) in form.profiles.into_iter().enumerate() {
            let title = profile.name.clone().unwrap_or_else(|| format!("profile {place}"));
            let (unit, factor) = unit(&profile.unit);
            let mut lost = 0_usize;
            let mut folding = Folding::default();
            let numbers: Vec<u32> = frames.iter().map(|frame| folding.number(frame.clone())).collect();
            profile.each_stack(&mut lost, |stack, weight, lost| {
                let named: Option<Vec<u32>> =
                    stack.iter().map(|frame| numbers.get(*frame).copied()).collect();
                match named {
                    Some(stack) => folding.add(stack, weight * factor),
                    None => *lost += 1,
                }
            });
            let profile = folding.profile(title.as_str(), unit);
            if lost > 0 {
                let text = format!(
                    "{lost} stacks name frames that are not there, or close what is not open: they were left out"
                );
                run.findings.push(Finding::new(name.as_str(), Some(format!("profile {title}")), text));
            }
            profiles.push(profile);
        }
        if profiles.iter().any(|profile| !profile.stacks.is_empty()) {
            tell(&mut run, profiles, &[]);
        }
        Ok(run)
    }
}

#[derive(Debug, Deserialize)]
struct Form {
    #[serde(default)]
    shared: Shared,
    #[serde(default)]
    profiles: Vec<ProfileForm>,
}

#[derive(Debug, Deserialize, Default)]
struct Shared {
    frames: Vec<FrameForm>,
}

#[derive(Debug, Deserialize)]
struct FrameForm {
    name: String,
    file: Option<String>,
    line: Option<u32>,
}

impl FrameForm {
    fn into_frame(self) -> Frame {
        Frame { function: self.name, file: self.file.filter(|file| !file.is_empty()), line: self.line }
    }
}

#[derive(Debug, Deserialize)]
struct ProfileForm {
    name: Option<String>,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    samples: Vec<Vec<usize>>,
    #[serde(default)]
    weights: Vec<f64>,
    #[serde(default)]
    events: Vec<Event>,
}

#[derive(Debug, Deserialize)]
struct Event {
    r#type: String,
    frame: usize,
    at: f64,
}

impl ProfileForm {
    /// Goes over the stacks with their weights, of either kind of profile, and counts what makes no sense.
    fn each_stack(self, lost: &mut usize, mut take: impl FnMut(&[usize], f64, &mut usize)) {
        let unweighted = self.weights.is_empty();
        *lost += if unweighted { 0 } else { self.samples.len().abs_diff(self.weights.len()) };
        let rest = if unweighted { self.samples.len() } else { 0 };
        let weights = self.weights.into_iter().chain(std::iter::repeat_n(1.0, rest));
        for (stack, weight) in self.samples.iter().zip(weights) {
            take(stack, weight, lost);
        }
        let mut open: Vec<usize> = Vec::new();
        let mut since = None;
        for event in self.events {
            if let Some(since) = since
                && event.at > since
                && !open.is_empty()
            {
                // Beyond some depth a recursion tells nothing new.
                take(open.get(..DEPTH).unwrap_or(&open), event.at - since, lost);
            }
            since = Some(event.at);
            match event.r#type.as_str() {
                "O" => open.push(event.frame),
                "C" if open.last() == Some(&event.frame) => drop(open.pop()),
                _ => *lost += 1,
            }
        }
    }
}

fn unit(name: &str) -> (Unit, f64) {
    match name {
        "nanoseconds" => (Unit::Nanoseconds, 1.0),
        "microseconds" => (Unit::Nanoseconds, 1e3),
        "milliseconds" => (Unit::Nanoseconds, 1e6),
        "seconds" => (Unit::Nanoseconds, 1e9),
        "bytes" => (Unit::Bytes, 1.0),
        _ => (Unit::Count, 1.0),
    }
}
