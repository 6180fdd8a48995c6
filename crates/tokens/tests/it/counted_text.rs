//! A text is counted once for each counter.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use assize_metering::{Exactness, TokenCounter};
use assize_tokens::{CountedText, cl100k, o200k};

/// Counts how often it counts.
#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl TokenCounter for Counting {
    fn name(&self) -> &str {
        "counting"
    }

    fn exactness(&self) -> Exactness {
        Exactness::Exact
    }

    fn count(&self, text: &str) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed);
        text.len() as u64
    }
}

#[test]
fn many_threads_count_a_text_once() {
    let (counter, text) = (Counting::default(), CountedText::new("ten letters"));
    thread::scope(|scope| {
        for _ in 0..8 {
            let (counter, text) = (&counter, text.clone());
            scope.spawn(move || {
                for _ in 0..50 {
                    assert_eq!(text.count(counter), 11);
                }
            });
        }
    });
    assert_eq!(text.clone().count(&counter), 11);
    assert_eq!(counter.0.into_inner(), 1);
}

#[test]
fn each_counter_has_its_own_count_and_a_joined_text_its_own_too() {
    let counter = Counting::default();
    let (left, right) = (CountedText::from("the prosec"), CountedText::from("ution rests"));
    assert_eq!(left.count(&counter) + right.count(&counter), 21);
    let whole = CountedText::joined([&left, &right]);
    assert_eq!(whole.as_str(), "the prosecution rests");
    assert_eq!(whole, CountedText::from("the prosecution rests".to_owned()));
    assert_eq!((whole.count(o200k()), whole.count(cl100k())), (3, 3));
    assert_ne!(left.count(o200k()) + right.count(o200k()), 3);
    assert_eq!(left.count(&counter), 10);
    assert_eq!(counter.0.into_inner(), 2);
}
