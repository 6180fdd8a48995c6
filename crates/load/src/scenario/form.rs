//! The form of a scenario in TOML.

use std::{collections::BTreeMap, fmt, ops::Range, time::Duration};

use assize_perf::{Quantity, Unit};
use serde::Deserialize;
use toml::Spanned;

use super::{Scenario, seeds};
use crate::{Error, ErrorKind, Flow, Order, Phase, Schedule, Spacing, Step, Think};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FileForm {
    format_version: Spanned<u32>,
    summary: String,
    #[serde(default)]
    requirement: Option<String>,
    #[serde(default)]
    per_user: Option<Spanned<String>>,
    #[serde(default)]
    timeout: Option<Spanned<String>>,
    #[serde(default)]
    at_once: Option<usize>,
    #[serde(default)]
    order: OrderForm,
    #[serde(default)]
    seed: u64,
    load: Vec<Spanned<LoadForm>>,
    step: Vec<StepForm>,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum OrderForm {
    #[default]
    Mixed,
    InTurn,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Shape {
    Constant,
    Poisson,
    Ramp,
    Steps,
    Burst,
    Soak,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct LoadForm {
    shape: Shape,
    #[serde(default)]
    rate: Option<Spanned<String>>,
    #[serde(default)]
    rates: Vec<Spanned<String>>,
    #[serde(default)]
    from: Option<Spanned<String>>,
    #[serde(default)]
    to: Option<Spanned<String>>,
    #[serde(default)]
    peak: Option<Spanned<String>>,
    lasts: Spanned<String>,
    #[serde(default)]
    warm_up: bool,
    #[serde(default)]
    by_chance: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct StepForm {
    name: String,
    #[serde(default)]
    weight: Option<f64>,
    #[serde(default)]
    method: Option<String>,
    path: Spanned<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    expect: Option<u16>,
    #[serde(default)]
    expect_text: Option<String>,
    #[serde(default)]
    think: Option<Spanned<String>>,
}

pub(super) fn read(name: &str, text: &str, file: &str) -> Result<Scenario, Error> {
    let place = Place { text, file };
    let form: FileForm = toml::from_str(text).map_err(|e| {
        place.error(e.span(), e.message()).hinted("`assize-perf load --show NAME` prints one that is shipped")
    })?;
    if *form.format_version.as_ref() != 1 {
        let what = format!("format-version is {}; this version reads 1", form.format_version.as_ref());
        return Err(place.error(Some(form.format_version.span()), what));
    }
    let per_user = form.per_user.as_ref().map(|time| place.time(time)).transpose()?;
    let (flow_seed, schedule_seed) = seeds(form.seed);
    let mut phases = Vec::new();
    let mut soaks = false;
    for load in &form.load {
        soaks |= load.as_ref().shape == Shape::Soak;
        phases.extend(place.phases(load, per_user)?);
    }
    let steps = form.step.into_iter().map(|step| place.step(step)).collect::<Result<_, _>>()?;
    let order = match form.order {
        OrderForm::Mixed => Order::Mixed,
        OrderForm::InTurn => Order::InTurn,
    };
    let planned = |e: Error| ErrorKind::InvalidScenario.error(format!("read {file}: could not {e}"));
    Ok(Scenario {
        name: name.to_owned(),
        summary: form.summary,
        requirement: form.requirement,
        per_user,
        timeout: form.timeout.map_or(Ok(Duration::from_secs(30)), |time| place.time(&time))?,
        at_once: form.at_once.unwrap_or(1_000),
        schedule: Schedule::new(phases, schedule_seed).map_err(planned)?,
        flow: Flow::new(steps, order, flow_seed).map_err(planned)?,
        soaks,
    })
}

/// Where in which file something stands.
struct Place<'a> {
    text: &'a str,
    file: &'a str,
}

impl Place<'_> {
    fn error(&self, span: Option<Range<usize>>, what: impl fmt::Display) -> Error {
        let start = span.map_or(0, |span| span.start.min(self.text.len()));
        let line = 1 + self.text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count();
        ErrorKind::InvalidScenario.error(format!("read {}, line {line}: {what}", self.file))
    }

    fn time(&self, text: &Spanned<String>) -> Result<Duration, Error> {
        self.duration(text.as_ref(), text.span())
    }

    fn duration(&self, text: &str, span: Range<usize>) -> Result<Duration, Error> {
        let quantity = Quantity::parse(text).ok().filter(|quantity| quantity.unit == Some(Unit::Nanoseconds));
        quantity
            .and_then(|quantity| Duration::try_from_secs_f64(quantity.value / crate::number::SECOND).ok())
            .filter(|time| *time <= crate::MAX_DURATION)
            .ok_or_else(|| {
                self.error(Some(span), format!("{text:?} is no time up to 31 days"))
                    .hinted("write a number and its unit: \"250 ms\", \"30 s\", \"10 min\"")
            })
    }

    /// Starts a second.
    fn rate(&self, text: &Spanned<String>, per_user: Option<Duration>) -> Result<f64, Error> {
        let written = text.as_ref().trim();
        let users = written.strip_suffix("users").or_else(|| written.strip_suffix("user"));
        if let Some(users) = users {
            let each = per_user.filter(|each| !each.is_zero()).ok_or_else(|| {
                self.error(Some(text.span()), "users are no rate by themselves")
                    .hinted("say per-user, the time from one request of a user to the next")
            })?;
            let users: Option<f64> = users.trim().parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0);
            let users = users
                .ok_or_else(|| self.error(Some(text.span()), format!("{written:?} is no number of users")))?;
            return Ok(users / each.as_secs_f64());
        }
        let quantity = Quantity::parse(written).ok().filter(|q| q.unit == Some(Unit::PerSecond));
        quantity.map(|quantity| quantity.value).ok_or_else(|| {
            self.error(Some(text.span()), format!("{written:?} is no rate"))
                .hinted("write \"41.5/s\", or \"100 users\" where per-user is given")
        })
    }

    fn phases(&self, load: &Spanned<LoadForm>, per_user: Option<Duration>) -> Result<Vec<Phase>, Error> {
        let form = load.as_ref();
        let lasts = self.time(&form.lasts)?;
        let of = |value: &Option<Spanned<String>>, key: &str| match value {
            Some(value) => self.rate(value, per_user),
            None => Err(self.error(Some(load.span()), format!("this shape needs `{key}`"))),
        };
        let phases = match form.shape {
            Shape::Constant | Shape::Poisson | Shape::Soak => {
                vec![Phase::constant(of(&form.rate, "rate")?, lasts)]
            }
            Shape::Ramp => {
                let from = form.from.as_ref().map_or(Ok(0.0), |from| self.rate(from, per_user))?;
                vec![Phase::ramp(from, of(&form.to, "to")?, lasts)]
            }
            Shape::Steps if form.rates.is_empty() => {
                return Err(self.error(Some(load.span()), "this shape needs `rates`"));
            }
            Shape::Steps => {
                let rates = form.rates.iter().map(|rate| self.rate(rate, per_user));
                rates.map(|rate| Ok(Phase::constant(rate?, lasts))).collect::<Result<_, Error>>()?
            }
            Shape::Burst => {
                let (rate, peak) = (of(&form.rate, "rate")?, of(&form.peak, "peak")?);
                [rate, peak, rate].map(|rate| Phase::constant(rate, lasts / 3)).to_vec()
            }
        };
        self.nothing_else(load)?;
        let by_chance = form.by_chance || form.shape == Shape::Poisson;
        let spacing = if by_chance { Spacing::Poisson } else { Spacing::Even };
        Ok(phases.into_iter().map(|phase| Phase { spacing, counts: !form.warm_up, ..phase }).collect())
    }

    /// A key that the shape does not have would be passed over in silence.
    fn nothing_else(&self, load: &Spanned<LoadForm>) -> Result<(), Error> {
        let form = load.as_ref();
        let known: &[&str] = match form.shape {
            Shape::Constant | Shape::Poisson | Shape::Soak => &["rate"],
            Shape::Ramp => &["from", "to"],
            Shape::Steps => &["rates"],
            Shape::Burst => &["rate", "peak"],
        };
        let given = [
            ("rate", form.rate.is_some()),
            ("rates", !form.rates.is_empty()),
            ("from", form.from.is_some()),
            ("to", form.to.is_some()),
            ("peak", form.peak.is_some()),
        ];
        match given.into_iter().find(|(key, is_given)| *is_given && !known.contains(key)) {
            Some((key, _)) => Err(self.error(Some(load.span()), format!("this shape has no `{key}`"))),
            None => Ok(()),
        }
    }

    fn step(&self, form: StepForm) -> Result<Step, Error> {
        let path = form.path.as_ref();
        if !path.starts_with('/') || path.contains(char::is_whitespace) {
            return Err(self.error(
                Some(form.path.span()),
                format!("{path:?} is no path: it begins with / and has no space"),
            ));
        }
        let method =
            form.method.unwrap_or_else(|| if form.body.is_some() { "POST" } else { "GET" }.to_owned());
        let think = form.think.map_or(Ok(Think::default()), |think| self.think(&think))?;
        Ok(Step {
            name: form.name,
            weight: form.weight.unwrap_or(1.0),
            method,
            path: form.path.into_inner(),
            headers: form.headers,
            body: form.body,
            expect: form.expect,
            expect_text: form.expect_text,
            think,
        })
    }

    fn think(&self, text: &Spanned<String>) -> Result<Think, Error> {
        let Some((least, most)) = text.as_ref().split_once("..") else {
            return Ok(Think::fixed(self.time(text)?));
        };
        let (least, most) = (self.duration(least, text.span())?, self.duration(most, text.span())?);
        if least > most {
            return Err(
                self.error(Some(text.span()), "the longest time to think is shorter than the shortest")
            );
        }
        Ok(Think { least, most })
    }
}
