//! Replies to requests that say the same in other words.

mod guards;

pub use self::guards::{Guard, Guards};
