//! What is late, and what is known of it.

use assize_ambient::{Chance, Seed};

use super::*;
use crate::{Failures, Latency, SimulatedModel, conformance, conformance::Allowances};

const SECOND: Duration = Duration::from_secs(1);

/// A first token after 600 ms, then 16 tokens each 200 ms; 320 characters are 80 tokens, in five deltas.
fn model(failures: Failures) -> Arc<SimulatedModel> {
    let latency = Latency { first_token_sigma: 0.0, straggler_rate: 0.0, ..Latency::HOSTED };
    let say = |_: &ChatRequest, _: &mut Chance| "word ".repeat(64);
    Arc::new(SimulatedModel::new("sim", Seed::new(1), say).with_latency(latency).with_failures(failures))
}

async fn streamed(limits: TimeLimits) -> (usize, Option<Error>) {
    let model = TimeLimited::new(model(Failures::default()), limits);
    let mut deltas = match model.stream(ChatRequest::new("hello")).await {
        Ok(deltas) => deltas,
        Err(error) => return (0, Some(error)),
    };
    let mut n = 0;
    while let Some(delta) = deltas.next().await {
        match delta {
            Ok(ReplyDelta::Done(_)) => return (n, None),
            Ok(_) => n += 1,
            Err(error) => {
                assert!(deltas.next().await.is_none());
                return (n, Some(error));
            }
        }
    }
    panic!("a stream ends with a reply or an error")
}

#[tokio::test(start_paused = true)]
async fn it_keeps_the_contract() {
    for limits in [TimeLimits::NONE, TimeLimits::NONE.with_total(60 * SECOND).with_between_deltas(SECOND)] {
        conformance::wrapper(Allowances::NONE, |model| TimeLimited::new(model, limits)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_hangs_ends_at_its_limit() {
    let hanging = Failures { hang: 1.0, ..Failures::default() };
    let model = TimeLimited::new(model(hanging), TimeLimits::NONE.with_total(30 * SECOND));
    let start = Instant::now();
    let error = model.complete(ChatRequest::new("hello")).await.unwrap_err();
    assert_eq!((error.kind(), error.possibly_billed(), error.partial()), (ErrorKind::TimedOut, true, None));
    assert_eq!(error.to_string(), "ask sim: no whole reply came within 30s");
    assert!(start.elapsed() >= 30 * SECOND && start.elapsed() < 31 * SECOND, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_cut_where_it_is_late_and_keeps_what_came() {
    let ms = Duration::from_millis;
    let (n, error) = streamed(TimeLimits::NONE.with_first_delta(ms(900)).with_between_deltas(ms(300))).await;
    assert!(n == 5 && error.is_none(), "within every limit: {n} {error:?}");

    let (n, error) = streamed(TimeLimits::NONE.with_first_delta(ms(700))).await;
    let error = error.unwrap();
    assert_eq!((n, error.partial()), (0, None));
    assert_eq!(error.to_string(), "ask sim: nothing came within 700ms");

    let (n, error) = streamed(TimeLimits::NONE.with_between_deltas(ms(100))).await;
    let error = error.unwrap();
    assert_eq!(n, 1);
    assert_eq!(error.to_string(), "ask sim: nothing more came within 100ms");

    let (n, error) = streamed(TimeLimits::NONE.with_total(ms(1_300)).with_between_deltas(ms(500))).await;
    let error = error.unwrap();
    let partial = error.partial().unwrap();
    assert_eq!(n, 3, "at 800, 1,000 and 1,200 ms");
    assert_eq!(partial.text, "word ".repeat(64)[..3 * 64]);
    assert_eq!(partial.usage.basis, assize_metering::UsageBasis::Simulated);
    assert!(partial.usage.tokens.total_output() > 0 && partial.usage.tokens.total_input() > 0);
    assert!(error.possibly_billed());
}
