//! Stories: which items tell of the same event, found as they come in, and which of them the press is suddenly full of.
//!
//! One pass, after the way of topic detection and tracking (Allan and others, "On-line new event detection and tracking",
//! SIGIR 1998): an item joins the story that is most like it if the cosine of their TF-IDF vectors is at least 0.5, they
//! have an entity in common, and at most 48 hours lie between them; otherwise it begins one of its own. A term's weight is
//! ln((1 + N) / (1 + n)) + 1, where N stories are alive and n of them hold it: counted by stories, not by items, so that an
//! event does not devalue its own words by being told often. A story's vector is the mean of its items'.
//!
//! A story **bursts** if z = (n − μ) / √(μ + 1) is at least 3 and at least 3 domains tell it: n counts its items within the
//! last six hours, μ is how many items about its entity (of several the busiest) six hours had on average in the week before,
//! which is what a company always in the news needs. The same words from the same domain count once.
//!
//! **Bounds.** A story leaves when nothing has been added for twice the gap, or when there are more than the most allowed: the
//! one that has been quiet longest first. A story keeps its 48 heaviest terms; an item reads 256 words; an inverted index
//! proposes at most 64 candidates, from the 256 youngest stories of each of an item's eight rarest terms; it remembers 4,096
//! items to tell repetitions, and counts no more than these. A story of a headline takes about a kilobyte. How many there
//! may be, and how long, is in [`StoryOptions`]. An item from a false future makes all others old: check times before.
//!
//! **Order.** Items may come late by as much as the gap. [`Stories::insert_all`] sorts what it is given by time, text and
//! domain: items of the same second lead to the same stories in whatever order they came.
//!
//! ```
//! use assize_signals::story::{Stories, StoryItem};
//!
//! let mut stories = Stories::default();
//! let mut told = |at: &str, domain, text| {
//!     let at = at.parse().expect("a time");
//!     stories.insert(&StoryItem { at, domain, text, entities: &["CLX"] })
//! };
//! let first = told("2026-07-24T12:00:00Z", "a.example", "Clorox cuts outlook after cyberattack");
//! let second = told("2026-07-24T13:00:00Z", "b.example", "After cyberattack, Clorox cuts its outlook");
//! let other = told("2026-07-24T13:00:00Z", "b.example", "Clorox names new finance chief");
//! assert!(first.is_new && !second.is_new && other.is_new);
//! assert_eq!(first.story, second.story);
//! ```

mod burst;
mod entities;
mod index;
mod interner;
mod stories;
mod terms;

pub use burst::Burst;
pub use entities::entities_of;
pub use stories::{Assigned, Stories, StoryId, StoryItem, StoryOptions, StoryView};
