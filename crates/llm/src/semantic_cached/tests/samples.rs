//! Hits that are not served but compared.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_sample_is_asked_and_compared() {
    let bench = Bench::new(options().with_shadow(1.0));
    let model = bench.saying(["Paris.", " paris. ", "Lyon."]);
    for expected in ["Paris.", " paris. ", "Lyon."] {
        let reply = model.complete(asking(CAPITAL)).await.unwrap();
        assert_eq!((&*reply.text, reply.telemetry.cache), (expected, Some(CacheOutcome::Miss)));
    }
    let seen = bench.cache.statistics();
    assert_eq!((seen.hits, seen.shadowed, seen.shadow_differed), (0, 2, 1));
    let share = seen.false_hit_rate.unwrap();
    assert_eq!((share.count, share.of), (1, 2));
    assert!(share.low > 0.0 && share.high < 1.0);
    assert_eq!(seen.stored, 2, "what says the same is not stored twice");
}

#[tokio::test(start_paused = true)]
async fn a_streamed_sample_is_compared_when_it_is_done() {
    let bench = Bench::new(options().with_shadow(1.0));
    let model = bench.saying(["Paris.", "Lyon.", "Paris."]);
    model.complete(asking(CAPITAL)).await.unwrap();
    drop(model.stream(asking(CAPITAL)).await.unwrap());
    assert_eq!(bench.cache.statistics().shadowed, 0);
    let deltas: Vec<_> = model.stream(asking(CAPITAL)).await.unwrap().collect().await;
    assert_eq!(deltas.len(), 2);
    assert_eq!((bench.cache.statistics().shadowed, bench.cache.statistics().shadow_differed), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_sample_that_fails_is_served_after_all() {
    let bench = Bench::new(options().with_shadow(1.0));
    let overloaded = || Err(Error::new(ErrorKind::Overloaded, "ask m: overloaded"));
    let script = [Ok("Paris.".to_owned()), overloaded(), overloaded(), overloaded()];
    let model = bench.around(ScriptedModel::new("m", script));
    model.complete(asking(CAPITAL)).await.unwrap();
    let served = model.complete(asking(CAPITAL)).await.unwrap();
    assert_eq!((&*served.text, served.telemetry.attempts), ("Paris.", 1));
    assert!(served.telemetry.semantic.is_some());
    let deltas: Vec<_> = model.stream(asking(CAPITAL)).await.unwrap().collect().await;
    assert!(matches!(&deltas[1], Ok(ReplyDelta::Done(done)) if done.text == "Paris."));
    // Without anything to serve, the failure is the caller's.
    let error = model.complete(asking("What is a lion?")).await.unwrap_err();
    assert_eq!((error.kind(), error.telemetry().cache), (ErrorKind::Overloaded, Some(CacheOutcome::Miss)));
    let seen = bench.cache.statistics();
    assert_eq!((seen.hits, seen.shadowed, seen.false_hit_rate), (2, 0, None));
}

#[tokio::test(start_paused = true)]
async fn the_share_of_samples_is_what_was_asked_for_and_the_same_each_time() {
    let run = async || {
        let bench = Bench::new(options().with_shadow(0.1));
        let model = bench.around(ScriptedModel::saying("m", ["Paris."]).repeating_the_last());
        let mut samples = Vec::new();
        for n in 0..1_000 {
            if model.complete(asking(CAPITAL)).await.unwrap().telemetry.semantic.is_none() {
                samples.push(n);
            }
        }
        assert_eq!(bench.cache.statistics().shadowed, samples.len() as u64 - 1, "the first is a miss");
        samples
    };
    let samples = run().await;
    assert!((70..130).contains(&samples.len()), "{}", samples.len());
    assert_eq!(samples, run().await);
}

/// Finds all replies alike.
#[derive(Debug)]
struct Lenient;

impl SameAnswer for Lenient {
    fn is_same(&self, _: &ChatReply, _: &ChatReply) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn another_judge_can_be_given() {
    let bench = Bench::new(options().with_shadow(1.0).with_same_answer(Arc::new(Lenient)));
    let model = bench.saying(["Paris.", "It is Paris."]);
    for _ in 0..2 {
        model.complete(asking(CAPITAL)).await.unwrap();
    }
    assert_eq!((bench.cache.statistics().shadowed, bench.cache.statistics().shadow_differed), (1, 0));
}
