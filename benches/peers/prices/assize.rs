//! Pricing a call: the calls, and our price book.

use std::hint::black_box;

use assize_ambient::Timestamp;
use assize_metering::{Mode, PriceBook, TokenUsage, Usd};
use serde_json::{Value, json};

use crate::inputs;
use crate::timing::{Failure, Work};

/// The call of each task: a vendor, a model, tokens that were read from the vendor's cache and not, tokens of the reply.
pub(crate) fn inputs() -> Value {
    let call = |vendor: &str, model: &str| json!({ "vendor": vendor, "model": model, "fresh": 3_000, "cached": 9_000, "output": 800 });
    json!({
        "gpt-4o": call("openai", "gpt-4o"),
        "gpt-5-mini": call("openai", "gpt-5-mini"),
        "claude-sonnet-4-5": call("anthropic", "claude-sonnet-4-5"),
        "gemini-2.5-pro": call("google", "gemini-2.5-pro"),
    })
}

/// The work: the model is found by its name in each call.
pub(crate) fn work(form: &str, task: &str) -> Result<Work, Failure> {
    if form != "book" {
        return Err(format!("prices come from the book, not {form:?}").into());
    }
    let call = inputs::read()?[task].take();
    let number = |name: &str| call[name].as_u64().ok_or("the input has no such number");
    let usage = TokenUsage {
        cache_read: Some(number("cached")?),
        ..TokenUsage::of(number("fresh")?, number("output")?)
    };
    let text = |name: &str| call[name].as_str().ok_or("the input has no such text");
    let name = format!("{}/{}", text("vendor")?, text("model")?);
    let at: Timestamp = "2026-11-01T00:00:00Z".parse()?;
    let book = PriceBook::embedded();
    let price = move || -> Result<Usd, Failure> {
        Ok(book.find(black_box(&name), at)?.cost(black_box(&usage), Mode::Standard)?.total())
    };
    let first = price()?;
    let work = Work::new(move |n| {
        for _ in 0..n {
            black_box(price()?);
        }
        Ok(u64::from(n))
    });
    Ok(work.answering(first))
}
