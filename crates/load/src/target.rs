//! What load is applied to.

use std::{collections::BTreeMap, fmt};

use async_trait::async_trait;

/// A step of a flow, as a target sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its name in reports.
    pub name: String,
    /// How often it is chosen beside the others, where a flow chooses; 1 by default.
    pub weight: f64,
    /// The method, in capitals.
    pub method: String,
    /// The path and query. `{n}` stands for the request's number.
    pub path: String,
    /// Headers, by name.
    pub headers: BTreeMap<String, String>,
    /// What is sent. `{n}` stands for the request's number.
    pub body: Option<String>,
    /// The status that is right; without one all from 200 to 299 are.
    pub expect: Option<u16>,
    /// The text that a right answer holds.
    pub expect_text: Option<String>,
    /// How long a user thinks after it.
    pub think: Think,
}

impl Step {
    /// A `GET` of a path, with nothing else asked.
    #[must_use]
    pub fn get(name: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            weight: 1.0,
            method: "GET".to_owned(),
            path: path.into(),
            headers: BTreeMap::new(),
            body: None,
            expect: None,
            expect_text: None,
            think: Think::default(),
        }
    }

    /// With another weight.
    #[must_use]
    pub const fn weighing(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }

    /// With a time to think after it.
    #[must_use]
    pub const fn thinking(mut self, think: Think) -> Self {
        self.think = think;
        self
    }
}

/// A time that a user thinks, uniform between two: both alike for one that is always the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Think {
    /// The shortest.
    pub least: std::time::Duration,
    /// The longest.
    pub most: std::time::Duration,
}

impl Think {
    /// Always the same.
    #[must_use]
    pub const fn fixed(time: std::time::Duration) -> Self {
        Self { least: time, most: time }
    }

    /// On average.
    #[must_use]
    pub fn mean(self) -> std::time::Duration {
        (self.least + self.most) / 2
    }
}

/// One call of a step.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Which step.
    pub step: &'a Step,
    /// The number of the request in the run, from 0.
    pub number: u64,
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    /// What was wrong with it; `None` if nothing was.
    pub fault: Option<Fault>,
    /// Bytes that were sent for it.
    pub sent: u64,
    /// Bytes that came for it.
    pub received: u64,
}

impl Outcome {
    /// A right answer of which no bytes are counted.
    pub const RIGHT: Self = Self { fault: None, sent: 0, received: 0 };

    /// A call that went wrong, of which no bytes are counted.
    #[must_use]
    pub const fn wrong(fault: Fault) -> Self {
        Self { fault: Some(fault), sent: 0, received: 0 }
    }
}

/// What can be wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// No connection came about.
    Connect,
    /// There was no whole answer in time.
    Timeout,
    /// The connection broke off.
    Broken,
    /// Another status than is right.
    Status(u16),
    /// The right status with other content than is right, or too much of it.
    Content,
    /// The request could not be written: a method, a path or a header that is none.
    Request,
    /// It was never sent: all places were taken until the run ended.
    Unsent,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection",
            Self::Timeout => "timeout",
            Self::Broken => "connection broken",
            Self::Status(status) => return write!(f, "status {status}"),
            Self::Content => "wrong content",
            Self::Request => "no request could be written",
            Self::Unsent => "never sent",
        })
    }
}

/// What load is applied to: the library, a service in this process, or one behind a socket.
///
/// A call may be dropped when its time is up.
#[async_trait]
pub trait Target: Send + Sync {
    /// Makes one call, and says what became of it.
    async fn call(&self, call: Call<'_>) -> Outcome;
}

#[async_trait]
impl<T: Target + ?Sized> Target for std::sync::Arc<T> {
    async fn call(&self, call: Call<'_>) -> Outcome {
        (**self).call(call).await
    }
}
