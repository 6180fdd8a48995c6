//! Polite access to files and sites: the request vocabulary and its transports.
//!
//! A [`Request`] names what is wanted, a [`Transport`] gets it, a [`RawResponse`] is what came back, byte for byte.
//! Nothing here knows a vendor or a source, and nothing here tries twice: whoever reads the answer decides that,
//! because an error can hide in a status of 200.
//!
//! Three transports live here:
//!
//! - [`FileTransport`] reads files below one folder;
//! - [`RecordingTransport`] wraps another and writes down what it was told;
//! - [`ReplayTransport`] answers from such a recording and refuses everything else.
//!
//! Secrets are marked when a request is built ([`Request::with_secret_header`], [`Request::with_secret_query`]) and
//! appear in no `Debug` output, key, error or recording.
//!
//! ```
//! use std::sync::Arc;
//! use assize_ambient::{FixedClock, Timestamp};
//! use assize_transport::{FileTransport, Request, Transport, Url};
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # let folder = std::env::temp_dir().join(format!("assize-transport-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # std::fs::write(folder.join("KO daily.csv"), "Date,Close\n")?;
//!
//! let files = FileTransport::new(&folder, Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH)))?;
//! assert_eq!(files.list()?, ["KO daily.csv"]);
//! let response = runtime.block_on(files.send(Request::get(Url::file("KO daily.csv")?)))?;
//! assert_eq!(response.body(), "Date,Close\n".as_bytes());
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod breaker;
#[cfg(any(test, feature = "test-util"))]
pub mod conformance;
mod error;
mod file;
mod gate;
mod hex;
mod hints;
mod incoming;
mod limit_report;
mod limiter;
mod limiters;
mod recording;
mod replay;
mod request;
mod response;
mod retry;
mod retry_budget;
mod send;
mod url;

pub use breaker::{Breaker, BreakerOptions, BreakerState, CircuitOpen, Ticket};
pub use error::{Error, ErrorKind};
pub use file::{DEFAULT_FILE_LIMIT, FileTransport};
pub use gate::{Gate, GateState, Pass};
pub use hints::RetryHints;
pub use incoming::{Body, Incoming};
pub use limit_report::{LimitReport, LimitWindow};
pub use limiter::{Limiter, LimiterOptions, LimiterState, Pace, Permit};
pub use limiters::Limiters;
pub use recording::{FORMAT_VERSION, RecordingTransport};
pub use replay::ReplayTransport;
pub use request::{Method, Request, RequestKey, Secret};
pub use response::{Headers, RawResponse};
pub use retry::{Failed, GiveUp, RetryPolicy, Verdict};
pub use retry_budget::RetryBudget;
#[cfg(any(test, feature = "test-util"))]
pub use send::MockTransport;
pub use send::Transport;
pub use url::Url;
