//! Vendors, and the sites that tell of a market, as services in process, for trying and testing: their wire formats and
//! their faults, from a seed.
//!
//! A [`World`] plays OpenAI, Anthropic and Gemini. It answers from a seed, fails at the rates of its [`Faults`], takes the
//! time of its [`Latency`], enforces a [`Limit`] that its clients are not told of, and keeps books: its [`Truth`] is what a
//! client's own books are held against.
//!
//! An [`Exchange`] plays a market and the sites that tell of it: the SEC, Yahoo, Cboe, newspapers and others, each in its own
//! format and within its own limit. What it planted, and when anything became known, stands in its [`ExchangeTruth`].
//! [`Together`] has both on one address. All waiting is on tokio's time, so that a paused runtime plays hours in no time.

mod anthropic;
mod ask;
mod body;
mod embedding;
mod error;
mod exchange;
mod fault;
mod from_schema;
mod gemini;
mod latency;
mod limit;
mod openai;
mod play;
mod problem;
mod reply;
mod responder;
mod route;
#[cfg(feature = "serve")]
mod serve;
mod together;
mod truth;
mod vendor;
mod world;

pub use ask::{Ask, Form, Said};
pub use body::Body;
pub use error::{Error, ErrorKind};
pub use exchange::{
    BarTruth, Came, CompanyTruth, Exchange, ExchangeTruth, FilingTruth, HostTruth, ItemKind, ItemTruth,
    JumpTruth, QuarterTruth, Seen, Site, SiteFault, SiteFaults, TradeTruth, ValueTruth,
};
pub use fault::{Fault, Faults};
pub use latency::Latency;
pub use limit::Limit;
pub use problem::Refusal;
pub use reply::Tokens;
pub use responder::{Improviser, Responder};
#[cfg(feature = "serve")]
pub use serve::{Server, serve};
pub use together::Together;
pub use truth::{Billed, KeyTruth, Truth, VendorTruth};
pub use vendor::Vendor;
pub use world::{BODY_CAP, World};
