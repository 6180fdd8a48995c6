//! The American regulator's archive: which company a ticker means, what it filed, what its insiders did, what it reported.
//!
//! Four sources share one site, one budget of requests and one rule: who asks must say who they are ([`EdgarContact`]).
//! Without a contact each of them is a gap that says so.
//!
//! **When a filing became known.** The index gives an `acceptanceDateTime` that ends in `Z` and is Eastern time for some
//! filers. Which it is, is proved from the filer's own rows where they prove it; else the later reading counts. And what is
//! accepted after 17:30 Eastern under the next business day's date is put on the site in the morning of that day.

mod acceptance;
mod contact;
mod current;
mod facts;
mod feed;
mod filings;
mod form4;
mod form4_text;
mod index;
mod site;
mod tickers;

pub use acceptance::{IndexedFiling, acceptance_times};
pub use contact::EdgarContact;
pub use current::EdgarCurrent;
pub use facts::EdgarFacts;
pub use filings::EdgarFilings;
pub use tickers::EdgarTickers;
