//! The chat vocabulary, the models that need no vendor, and what is wrapped around models.
//!
//! A [`ChatModel`] takes a [`ChatRequest`] and gives a [`ChatReply`], whole or as a stream of [`ReplyDelta`]s.
//! Policies (retrying, limits, budgets …) are wrappers over the trait, never flags inside an adapter. Two models are
//! always at hand: [`ScriptedModel`] says what it was told to say, and [`SimulatedModel`] waits and fails as a real
//! vendor does, from a seed, on tokio's time, so that a paused runtime runs it in no time at all. A third, [`Replayed`],
//! says again what was [`Recorded`].
//!
//! # Wrappers
//!
//! In the order in which they belong around each other, the outermost first; each can be left out.
//!
//! | wrapper | what it does | why there |
//! |---|---|---|
//! | [`Observed`] | counts and times every call, in [`CallStatistics`] | it sees what the caller sees, and counts a call once |
//! | [`Recorded`] | writes calls down for [`Replayed`] | outside all that depends on time, so that a replay does not |
//! | [`Cached`] | serves a reply to the same request again | what it serves is neither booked nor limited |
//! | [`SemanticCached`] | serves a reply to a request that says the same in other words | the same request is served without an embedding |
//! | [`Hedged`] | asks a second time where a reply is slow | each request has its own retries, and its own booking |
//! | [`Fallback`] | asks another model where one fails | after the retries of the first are used up |
//! | [`Retrying`] | tries again what may succeed later | each attempt is booked and limited by itself |
//! | [`CircuitBroken`] | gives up at once while a vendor is down | its refusals wait for no limit and cost nothing |
//! | [`RateLimited`] | waits until a vendor's rates allow the call | its tokens are taken for calls that are made |
//! | [`ConcurrencyLimited`] | makes so many calls at once at most | its places are held by calls under way alone |
//! | [`Metered`] | books every call, and makes none that a budget forbids | who still waited, or was not let through, owes nothing |
//! | [`TimeLimited`] | gives up a call that takes too long | the clock runs for the vendor, not for our own queues |
//! | the vendor | | |
//!
//! There is no wrapper for budgets alone: a ledger's [budgets](assize_metering::Budget) bind whatever is [`Metered`] in it.
//! Models of a fallback or a hedge each have their own price, so the rows from [`Retrying`] down are built once for each.
//! [`Batch`] sends many requests through whatever was built, a few at once.

mod batched;
mod cached;
mod call_statistics;
mod circuit_broken;
mod concurrency_limited;
#[cfg(any(test, feature = "test-util"))]
pub mod conformance;
mod earlier;
mod error;
mod fallback;
mod hedged;
mod metered;
mod model;
mod observed;
mod opening;
mod rate_limited;
mod recorded;
mod replayed;
mod reply;
mod request;
mod retrying;
mod scripted;
mod semantic_cached;
mod simulated;
mod telemetry;
mod time_limited;

pub use batched::Batch;
pub use cached::Cached;
pub use call_statistics::{CallSeries, CallSnapshot, CallStatistics, Quantiles};
pub use circuit_broken::CircuitBroken;
pub use concurrency_limited::ConcurrencyLimited;
pub use error::{Error, ErrorKind};
pub use fallback::Fallback;
pub use hedged::{Hedged, Hedging};
pub use metered::Metered;
#[cfg(any(test, feature = "test-util"))]
pub use model::MockChatModel;
pub use model::{ChatModel, ModelId, ReplyStream};
pub use observed::Observed;
pub use rate_limited::RateLimited;
pub use recorded::{Recorded, Recorder};
pub use replayed::Replayed;
pub use reply::{ChatReply, FinishReason, PartialReply, ReplyDelta, ToolCall};
pub use request::{ChatRequest, Message, ResponseFormat, Reuse, ReuseScope, Role};
pub use retrying::Retrying;
pub use scripted::ScriptedModel;
pub use semantic_cached::{
    EntryId, Guard, Guards, Proportion, SameAnswer, SameWords, SemanticCache, SemanticCached, SemanticHit,
    SemanticOptions, SemanticStatistics, Verdict,
};
pub use simulated::{Failures, Latency, Responder, SimulatedModel};
pub use telemetry::{CacheOutcome, Telemetry};
pub use time_limited::{TimeLimited, TimeLimits};
