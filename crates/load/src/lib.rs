//! Load from intended start times: schedules, users, scenarios, and what a service makes of them.
//!
//! A [`Schedule`] says when requests are to start, a [`Flow`] what each asks, a [`Target`] answers: the library, a service in this
//! process (also in paused time) or one behind a socket ([`HttpTarget`]). [`open`] applies such a [`Plan`] and counts latency from
//! the intended start, so that a service that stalls is charged for everyone whom it kept waiting; [`closed`] plays users who
//! wait, and says what that omits. A [`Report`] becomes a [`Run`](assize_perf::Run) like any other.
//!
//! ```
//! use assize_load::Scenario;
//!
//! let normal = Scenario::shipped("normal")?;
//! let plan = normal.plan()?;
//! assert_eq!(plan.users().map(f64::round), Some(100.0));
//! assert!((plan.schedule.peak() - 41.5).abs() < 1e-9);
//! # Ok::<(), assize_load::Error>(())
//! ```

mod capacity;
mod closed;
mod contest;
mod error;
mod flow;
mod http;
mod latencies;
mod number;
mod open;
mod pace;
mod plan;
mod report;
mod scenario;
mod schedule;
mod tally;
mod target;
mod watch;

pub use capacity::{Capacity, Limits, capacity};
pub use closed::{Users, closed};
pub use contest::{Contest, contest};
pub use error::{Error, ErrorKind};
pub use flow::{Flow, Order};
pub use http::HttpTarget;
pub use latencies::Latencies;
pub use open::open;
pub use pace::Pace;
pub use plan::{Plan, Settings};
pub use report::{Mode, Report};
pub use scenario::{SHIPPED, Scenario};
pub use schedule::{MAX_DURATION, MAX_RATE, Phase, Schedule, Spacing, Start, Starts};
pub use tally::{Block, Figures, Progress};
pub use target::{Call, Fault, Outcome, Step, Target, Think};
pub use watch::{Leak, LeakVerdict, Sample, Series, Watch, leak};
