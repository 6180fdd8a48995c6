//! Targets: what a measurement has to reach, from a TOML file.
//!
//! ```toml
//! [[target]]
//! requirement = "D1"
//! measurement = "debate/turn/instant-debater/*"   # an id; `*` stands for any text
//! metric = "time"                                 # the default
//! floor = "10 ms"                                 # the least anyone accepts
//! goal = "4 us"                                   # what is built for
//! importance = 5                                  # 1 to 5, 3 by default
//! note = "per turn, with an instant model"
//!
//! [thresholds]                                    # what is a bottleneck by itself; these are the defaults
//! critical_time = "60 s"
//! high_time = "30 s"
//! critical_memory = "1 GB"
//! high_memory = "500 MB"
//! critical_multiple = 12                          # a floor missed by this factor
//! high_multiple = 6
//! medium_multiple = 3
//! speed_up = 1.1
//! unsteady = "5 %"
//! ```
//!
//! At least one of `floor` and `goal` is given. Which way is better is known by the measurement. A figure is written
//! with its unit (see [`Quantity::parse`]); a bare number is held against whatever the unit of the measurement is.

mod evaluation;
mod glob;
mod limits;

use std::{fmt, fs, io::Read as _, ops::Range, path::Path};

use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

pub use evaluation::{Bound, Row, Status, evaluate};

use crate::{Error, ErrorKind, Quantity, Thresholds};

/// The largest file of targets that is read, in bytes.
pub const MAX_TARGETS_BYTES: u64 = 4 * 1024 * 1024;

/// What one or several measurements have to reach.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The id of the requirement.
    pub requirement: String,
    /// The id of the measurement; `*` stands for any text, also none.
    pub measurement: String,
    /// Which metric of it.
    pub metric: String,
    /// The least that is accepted.
    pub floor: Option<Quantity>,
    /// What is aimed at.
    pub goal: Option<Quantity>,
    /// How much it matters, 1 (little) to 5 (most).
    pub importance: u8,
    /// A remark for readers of the report.
    pub note: Option<String>,
    /// The line in the file, from 1; 0 if it was not read from one.
    pub line: usize,
}

impl Target {
    /// Whether it speaks of this measurement.
    #[must_use]
    pub fn applies_to(&self, id: &str, metric: &str) -> bool {
        self.metric == metric && glob::matches(&self.measurement, id)
    }
}

/// Reads targets from a file.
///
/// # Errors
/// [`ErrorKind::Unreadable`] or [`ErrorKind::TooLarge`] for the file, and all errors of [`parse`].
pub fn load(path: &Path) -> Result<Vec<Target>, Error> {
    load_file(path).map(|file| file.targets)
}

/// What a file of targets says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TargetsFile {
    /// The targets, in the order of the file.
    pub targets: Vec<Target>,
    /// From where on a figure is a bottleneck: the defaults but for what the table `[thresholds]` says.
    pub thresholds: Thresholds,
}

/// Reads targets and thresholds from a file.
///
/// # Errors
/// [`ErrorKind::Unreadable`] or [`ErrorKind::TooLarge`] for the file, and all errors of [`parse_file`].
pub fn load_file(path: &Path) -> Result<TargetsFile, Error> {
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|e| Error::unreadable(path, e))?;
    file.take(MAX_TARGETS_BYTES + 1).read_to_string(&mut text).map_err(|e| Error::unreadable(path, e))?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > MAX_TARGETS_BYTES {
        return Err(Error::new(
            ErrorKind::TooLarge,
            format!("read {}: it holds more than 4 MiB", path.display()),
        )
        .hinted("give a file of targets, not one of results"));
    }
    parse_file(&text, &path.display().to_string())
}

/// Reads targets from text; `file` is named in errors.
///
/// # Errors
/// [`ErrorKind::InvalidTarget`], with file and line, for TOML that is not well formed, an unknown key, a figure that is
/// not understood, an importance outside 1 to 5, an empty text or neither floor nor goal.
///
/// ```
/// let text = r#"
/// [[target]]
/// requirement = "D5"
/// measurement = "debate/whole/4x5"
/// metric = "heap-peak"
/// floor = "100 MB"
/// goal = "96 KiB"
/// "#;
/// let targets = assize_perf::targets::parse(text, "targets.toml")?;
/// assert_eq!(targets[0].importance, 3);
///
/// let error = assize_perf::targets::parse("[[target]]\nrequirment = 'D5'", "targets.toml").unwrap_err();
/// assert!(error.to_string().contains("targets.toml, line 2"));
/// # Ok::<(), assize_perf::Error>(())
/// ```
pub fn parse(text: &str, file: &str) -> Result<Vec<Target>, Error> {
    parse_file(text, file).map(|file| file.targets)
}

/// Reads targets and thresholds from text; `file` is named in errors.
///
/// # Errors
/// Those of [`parse`], and [`ErrorKind::InvalidTarget`] for a threshold that is not above zero, of another unit, or where
/// what is critical would be less than what is high.
///
/// ```
/// use assize_perf::targets;
///
/// let file = targets::parse_file("[thresholds]\nhigh_time = '5 s'", "targets.toml")?;
/// assert_eq!((file.thresholds.high_ns, file.thresholds.critical_ns), (5e9, 60e9));
/// assert!(targets::parse_file("[thresholds]\nhigh_tme = '5 s'", "targets.toml").is_err());
/// # Ok::<(), assize_perf::Error>(())
/// ```
pub fn parse_file(text: &str, file: &str) -> Result<TargetsFile, Error> {
    let place = Place { text, file };
    let form: FileForm = toml::from_str(text).map_err(|e| {
        let error = place.error(e.span(), e.message());
        error
            .hinted(
                "a target has the keys requirement, measurement, metric, floor, goal, importance and note; \
                 [thresholds] has critical_time, high_time, critical_memory, high_memory, critical_multiple, \
                 high_multiple, medium_multiple, speed_up and unsteady",
            )
            .caused_by(e)
    })?;
    let thresholds = form.thresholds.map_or_else(|| Ok(Thresholds::default()), |form| form.read(&place))?;
    let targets = form.target.into_iter().map(|target| target.read(&place)).collect::<Result<_, _>>()?;
    Ok(TargetsFile { targets, thresholds })
}

/// Where in which file something stands.
struct Place<'a> {
    text: &'a str,
    file: &'a str,
}

impl Place<'_> {
    fn line(&self, span: Option<Range<usize>>) -> usize {
        let start = span.map_or(0, |span| span.start.min(self.text.len()));
        1 + self.text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count()
    }

    fn error(&self, span: Option<Range<usize>>, what: impl fmt::Display) -> Error {
        let line = self.line(span);
        Error::new(ErrorKind::InvalidTarget, format!("read {}, line {line}: {what}", self.file))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileForm {
    #[serde(default)]
    target: Vec<Spanned<TargetForm>>,
    #[serde(default)]
    thresholds: Option<limits::Form>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetForm {
    requirement: Spanned<String>,
    measurement: Spanned<String>,
    #[serde(default)]
    metric: Option<Spanned<String>>,
    #[serde(default)]
    floor: Option<Spanned<Figure>>,
    #[serde(default)]
    goal: Option<Spanned<Figure>>,
    #[serde(default)]
    importance: Option<Spanned<i64>>,
    #[serde(default)]
    note: Option<String>,
}

trait Read {
    fn read(self, place: &Place<'_>) -> Result<Target, Error>;
}

impl Read for Spanned<TargetForm> {
    fn read(self, place: &Place<'_>) -> Result<Target, Error> {
        let span = self.span();
        let form = self.into_inner();
        if form.floor.is_none() && form.goal.is_none() {
            return Err(place
                .error(Some(span), "a target has neither a floor nor a goal")
                .hinted("give it a floor, a goal or both"));
        }
        let text = |value: Spanned<String>, key: &str| {
            let at = value.span();
            let value = value.into_inner();
            if value.trim().is_empty() {
                Err(place.error(Some(at), format!("{key} is empty")))
            } else {
                Ok(value)
            }
        };
        let importance = match form.importance {
            None => 3,
            Some(value) => u8::try_from(*value.as_ref())
                .ok()
                .filter(|importance| (1..=5).contains(importance))
                .ok_or_else(|| place.error(Some(value.span()), "importance is not between 1 and 5"))?,
        };
        Ok(Target {
            requirement: text(form.requirement, "requirement")?,
            measurement: text(form.measurement, "measurement")?,
            metric: form.metric.map_or_else(|| Ok("time".to_owned()), |metric| text(metric, "metric"))?,
            floor: form.floor.map(|figure| quantity(figure, place)).transpose()?,
            goal: form.goal.map(|figure| quantity(figure, place)).transpose()?,
            importance,
            note: form.note,
            line: place.line(Some(span)),
        })
    }
}

fn quantity(figure: Spanned<Figure>, place: &Place<'_>) -> Result<Quantity, Error> {
    let span = figure.span();
    Quantity::parse(&figure.into_inner().0).map_err(|e| {
        let error = place.error(Some(span), format!("could not {e}"));
        match e.hint() {
            Some(hint) => error.hinted(hint),
            None => error,
        }
    })
}

/// A figure as text or as a bare number of TOML.
struct Figure(String);

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Figure;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a figure with its unit, such as \"10 ms\", or a bare number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Figure, E> {
                Ok(Figure(text.to_owned()))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Figure, E> {
                Ok(Figure(number.to_string()))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Figure, E> {
                Ok(Figure(number.to_string()))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests;
