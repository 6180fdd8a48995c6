//! What other stores are put through.

use std::hint::black_box;

use bytes::Bytes;

use crate::inputs;
use crate::timing::{Failure, Work};

/// A store as it is by itself.
pub(crate) trait Store: 'static {
    fn get(&self, key: &str) -> Option<Bytes>;
    fn put(&self, key: &str, value: Bytes);
}

/// The work of a task.
///
/// # Errors
/// If the inputs are not there, or the store loses what it was given.
pub(crate) fn work(store: impl Store, task: &str) -> Result<Work, Failure> {
    let mut given = inputs::read()?;
    let mut texts = |name: &str| serde_json::from_value::<Vec<String>>(given[name].take());
    let (there, absent, values) = (texts("keys")?, texts("absent")?, texts("values")?);
    let order: Vec<usize> = serde_json::from_value(given["order"].take())?;
    let values: Vec<Bytes> = values.into_iter().map(Bytes::from).collect();
    for (n, key) in there.iter().enumerate() {
        store.put(key, values[n % values.len()].clone());
    }
    let (asked, is_put) = match task {
        "hit" => (there, false),
        "miss" => (absent, false),
        "put" => (there, true),
        other => return Err(format!("{other:?} is no task").into()),
    };
    let is_hit = task == "hit";
    let mut at = 0;
    Ok(Work::new(move |n| {
        for _ in 0..n {
            let which = order[at];
            at = (at + 1) % order.len();
            if is_put {
                store.put(&asked[which], values[which % values.len()].clone());
            } else if black_box(store.get(&asked[which])).is_some() != is_hit {
                return Err("an entry was lost, or one was there that had not been put".into());
            }
        }
        Ok(u64::from(n))
    }))
}
