//! The chat vocabulary, and the models that need no vendor.
//!
//! A [`ChatModel`] takes a [`ChatRequest`] and gives a [`ChatReply`], whole or as a stream of [`ReplyDelta`]s.
//! Policies (retrying, limits, budgets …) are wrappers over the trait, never flags inside an adapter. Two models are
//! always at hand: [`ScriptedModel`] says what it was told to say, and [`SimulatedModel`] waits and fails as a real
//! vendor does, from a seed, on tokio's time, so that a paused runtime runs it in no time at all. [`Metered`] books every
//! call of a model in a ledger, and makes none that a budget forbids.

mod batched;
mod call_statistics;
#[cfg(any(test, feature = "test-util"))]
pub mod conformance;
mod error;
mod fallback;
mod hedged;
mod metered;
mod model;
mod observed;
mod opening;
mod recorded;
mod replayed;
mod reply;
mod request;
mod scripted;
mod simulated;
mod telemetry;
mod time_limited;

pub use batched::Batch;
pub use call_statistics::{CallSeries, CallSnapshot, CallStatistics, Quantiles};
pub use error::{Error, ErrorKind};
pub use fallback::Fallback;
pub use hedged::{Hedged, Hedging};
pub use metered::Metered;
#[cfg(any(test, feature = "test-util"))]
pub use model::MockChatModel;
pub use model::{ChatModel, ModelId, ReplyStream};
pub use observed::Observed;
pub use recorded::{Recorded, Recorder};
pub use replayed::Replayed;
pub use reply::{ChatReply, FinishReason, PartialReply, ReplyDelta, ToolCall};
pub use request::{ChatRequest, Message, ResponseFormat, Role};
pub use scripted::ScriptedModel;
pub use simulated::{Failures, Latency, Responder, SimulatedModel};
pub use telemetry::{CacheOutcome, Telemetry};
pub use time_limited::{TimeLimited, TimeLimits};
