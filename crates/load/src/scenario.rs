//! Scenarios: a plan of load as a file.
//!
//! ```toml
//! format-version = 1
//! summary = "100 users of the service"
//! requirement = "B13"                 # what it belongs to
//! per-user = "2.4 s"                  # from one request of a user to the next: makes users of a rate
//! timeout = "30 s"                    # the default
//! at-once = 1000                      # requests (or sessions) under way at once; the default
//! order = "mixed"                     # each start asks one step, by weight; or "in-turn": all of them, a session
//! seed = 0                            # of choices and of starts by chance; the default
//!
//! [[load]]                            # one after the other
//! shape = "ramp"                      # constant, poisson, ramp, steps, burst or soak
//! from = "0 users"                    # a rate: "41.5/s", or users where per-user is given
//! to = "100 users"
//! lasts = "10 s"
//! warm-up = true                      # does not count
//!
//! [[step]]
//! name = "status"
//! weight = 3                          # 1 by default
//! method = "GET"                      # the default, POST where there is a body
//! path = "/api/debates/{n}/status"    # {n} is the number of the request
//! headers = { accept = "application/json" }
//! expect = 200                        # without it, 200 to 299
//! think = "1 s .. 3 s"                # after it, in sessions and in a closed loop
//! ```
//!
//! `constant`, `poisson` and `soak` have a `rate` and `lasts`; `steps` has `rates`, each of which lasts so long; `burst` has a
//! `rate`, in whose middle third `peak` takes over. `by-chance = true` makes the starts of any shape come by chance.

mod form;

use std::{fs, io::Read as _, path::Path, time::Duration};

use assize_ambient::Seed;

use crate::{Error, ErrorKind, Flow, Plan, Schedule, Settings};

/// The largest scenario file, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// The scenarios that are shipped, by name, with their text.
pub const SHIPPED: [(&str, &str); 9] = [
    ("burst", include_str!("../scenarios/burst.toml")),
    ("debate-users", include_str!("../scenarios/debate-users.toml")),
    ("endpoint-stress", include_str!("../scenarios/endpoint-stress.toml")),
    ("fifty-users", include_str!("../scenarios/fifty-users.toml")),
    ("long-sessions", include_str!("../scenarios/long-sessions.toml")),
    ("no-analysis", include_str!("../scenarios/no-analysis.toml")),
    ("normal", include_str!("../scenarios/normal.toml")),
    ("single-user", include_str!("../scenarios/single-user.toml")),
    ("sustained", include_str!("../scenarios/sustained.toml")),
];

/// A plan of load as a file says it.
///
/// ```
/// let text = r#"
/// format-version = 1
/// summary = "one address, ten times a second"
/// [[load]]
/// shape = "constant"
/// rate = "10/s"
/// lasts = "1 min"
/// [[step]]
/// name = "home"
/// path = "/"
/// "#;
/// let scenario = assize_load::Scenario::parse("home", text, "home.toml")?;
/// assert_eq!(scenario.schedule.starts().count(), 600);
///
/// let error = assize_load::Scenario::parse("home", &text.replace("10/s", "10 ms"), "home.toml").unwrap_err();
/// assert!(error.to_string().contains("home.toml, line 6"), "{error}");
/// # Ok::<(), assize_load::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its name: that of the file, without its ending.
    pub name: String,
    /// What it is, in a sentence.
    pub summary: String,
    /// The id of the requirement that it belongs to.
    pub requirement: Option<String>,
    /// From one request of a user to the next.
    pub per_user: Option<Duration>,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// How many requests or sessions may be under way at once.
    pub at_once: usize,
    /// When there is a start.
    pub schedule: Schedule,
    /// What it sets off.
    pub flow: Flow,
    /// Whether the process under load is watched for a leak.
    pub soaks: bool,
}

impl Scenario {
    /// One that is shipped.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidScenario`] if there is none of this name; the hint has the names.
    pub fn shipped(name: &str) -> Result<Self, Error> {
        let Some((name, text)) = SHIPPED.iter().find(|(known, _)| *known == name) else {
            let names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
            let error = ErrorKind::InvalidScenario.error(format!("find a scenario named {name:?}"));
            return Err(error.hinted(format!("give a file, or one of {}", names.join(", "))));
        };
        Self::parse(name, text, name)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] for the file, and all errors of [`parse`](Self::parse).
    pub fn load(path: &Path) -> Result<Self, Error> {
        let mut text = String::new();
        let file = fs::File::open(path).map_err(|e| Error::unreadable(path, e))?;
        file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(|e| Error::unreadable(path, e))?;
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or("scenario");
        Self::parse(name, &text, &path.display().to_string())
    }

    /// Reads text; `file` is named in errors.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidScenario`], with file and line, for anything that is no scenario.
    pub fn parse(name: &str, text: &str, file: &str) -> Result<Self, Error> {
        if u64::try_from(text.len()).unwrap_or(u64::MAX) > MAX_BYTES {
            return Err(ErrorKind::InvalidScenario.error(format!("read {file}: it holds more than 1 MiB")));
        }
        form::read(name, text, file)
    }

    /// The plan of it, with the settings that it names.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidPlan`] for settings that make no sense.
    pub fn plan(&self) -> Result<Plan, Error> {
        let settings = Settings { timeout: self.timeout, at_once: self.at_once, ..Settings::default() };
        let plan = Plan {
            per_user: self.per_user,
            ..Plan::new(&*self.name, self.flow.clone(), self.schedule.clone())
        };
        let plan = plan.with(settings);
        plan.check()?;
        Ok(plan)
    }

    /// The same with the highest rate at this, and all others in proportion.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidPlan`] for a rate that makes no sense.
    pub fn at_rate(mut self, rate: f64) -> Result<Self, Error> {
        self.schedule = self.schedule.times(rate / self.schedule.peak())?;
        Ok(self)
    }

    /// The same with so many users at the highest.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidPlan`] for a scenario without `per-user`, or a number that makes no sense.
    pub fn of_users(self, users: f64) -> Result<Self, Error> {
        let each = self.per_user.ok_or_else(|| {
            ErrorKind::InvalidPlan.error(format!("give {} users: it says no per-user", self.name)).hinted(
                "add per-user = \"2 s\", the time from one request of a user to the next, or give --rate",
            )
        })?;
        self.at_rate(users / each.as_secs_f64())
    }

    /// The same, so long in all.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidPlan`] for a time that makes no sense.
    pub fn lasting(mut self, total: Duration) -> Result<Self, Error> {
        self.schedule = self.schedule.lasting(total)?;
        Ok(self)
    }
}

/// The seed of a scenario's choices and of its starts.
fn seeds(seed: u64) -> (Seed, Seed) {
    let seed = Seed::new(seed).child("load");
    (seed.child("flow"), seed.child("schedule"))
}

#[cfg(test)]
mod tests;
