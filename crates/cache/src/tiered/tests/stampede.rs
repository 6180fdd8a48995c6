//! Ten thousand callers at once.

use futures_util::FutureExt;

use super::*;

const CALLERS: u32 = 10_000;

/// Lets that many callers ask at once, and gives what they got.
async fn all_ask(house: &Arc<House>) -> Vec<Outcome<u32, Refused>> {
    let tasks: Vec<_> = (0..CALLERS)
        .map(|_| {
            let house = Arc::clone(house);
            tokio::spawn(async move { house.ask(&key("k"), &plain(), SECOND).await })
        })
        .collect();
    future::join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}

fn assert_all_landed(house: &House) {
    assert_eq!(house.cache.0.look_ups.len() + house.cache.0.computations.len(), 0, "a flight is left over");
}

#[tokio::test(start_paused = true)]
async fn compute_once() {
    let house = Arc::new(House::with_slow_tiers(Duration::from_millis(5)));
    let all = all_ask(&house).await;
    assert_eq!(house.computed(), 1);
    assert!(all.iter().all(|got| got.as_ref().is_ok_and(|served| served.value == 1)));
    let leaders =
        all.iter().filter(|got| matches!(got, Ok(served) if served.from == Origin::Computed)).count();
    assert_eq!(leaders, 1);
    house.settle().await;
    assert_eq!((house.second.calls(), house.third.calls()), (2, 2), "one look-up, one write");
    let statistics = house.cache.statistics().await;
    assert_eq!((statistics.requests, statistics.computed), (u64::from(CALLERS), 1));
    assert_eq!(statistics.coalesced, u64::from(CALLERS) - 1);
    assert_all_landed(&house);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn compute_once_on_many_threads() {
    let house = Arc::new(House::new());
    let tasks: Vec<_> = (0..CALLERS)
        .map(|_| {
            let house = Arc::clone(&house);
            tokio::spawn(async move { house.ask(&key("k"), &plain(), Duration::ZERO).await.unwrap().value })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 1);
    }
    assert_eq!(house.computed(), 1);
    assert_all_landed(&house);
}

#[tokio::test(start_paused = true)]
async fn survive_a_cancelled_leader() {
    let house = Arc::new(House::new());
    let leader = tokio::spawn({
        let house = Arc::clone(&house);
        async move { house.ask(&key("k"), &plain(), SECOND).await }
    });
    sleep(SECOND / 2).await;
    assert_eq!(house.computed(), 1, "the leader is computing");
    let (all, ()) = tokio::join!(all_ask(&house), async {
        sleep(SECOND / 4).await;
        leader.abort();
    });
    assert_eq!(house.computed(), 2);
    assert!(all.iter().all(|got| got.as_ref().is_ok_and(|served| served.value == 2)));
    assert_all_landed(&house);
}

#[tokio::test(start_paused = true)]
async fn survive_a_panicking_leader() {
    for panics in [1, u32::MAX] {
        let house = Arc::new(House::new());
        let tasks: Vec<_> = (0..CALLERS)
            .map(|_| {
                let house = Arc::clone(&house);
                tokio::spawn(async move {
                    let count = Arc::clone(&house.computed);
                    let compute = move || async move {
                        let n = count.fetch_add(1, Ordering::SeqCst) + 1;
                        sleep(SECOND).await;
                        // Unwinds as a panic does, without its message on the terminal.
                        if n <= panics {
                            std::panic::resume_unwind(Box::new("on purpose"));
                        }
                        Ok::<_, Refused>(n)
                    };
                    house.cache.get_or_compute(&key("k"), &plain(), compute).await
                })
            })
            .collect();
        let (mut panicked, mut values, mut refused) = (0, 0, 0);
        for task in tasks {
            match task.await {
                Err(_) => panicked += 1,
                Ok(Ok(served)) => values += u32::from(served.value == 2),
                Ok(Err(Failed::Panicked)) => refused += 1,
                Ok(Err(Failed::Computing(error))) => panic!("nobody failed with {error:?}"),
            }
        }
        assert_eq!(house.computed(), 2);
        let expected = if panics == 1 { (1, CALLERS - 1, 0) } else { (2, 0, CALLERS - 2) };
        assert_eq!((panicked, values, refused), expected);
        assert_all_landed(&house);
        let after = house.ask(&key("other"), &plain(), SECOND).await.unwrap();
        assert_eq!(after.value, 3, "another key is not affected");
    }
}

#[tokio::test(start_paused = true)]
async fn share_a_failure() {
    let house = Arc::new(House::with_slow_tiers(Duration::from_millis(5)));
    let asks = (0..CALLERS).map(|_| {
        let house = Arc::clone(&house);
        tokio::spawn(async move { house.ask_in_vain(&key("k"), &plain(), Refused(0)).await })
    });
    for got in future::join_all(asks.collect::<Vec<_>>()).await {
        let Err(Failed::Computing(error)) = got.unwrap() else { panic!("a failure is shared") };
        assert_eq!(*error, Refused(0));
    }
    assert_eq!(house.computed(), 1);
    assert!(house.ask(&key("k"), &plain(), SECOND).await.is_ok(), "it is not remembered");
    assert_all_landed(&house);
}

#[tokio::test(start_paused = true)]
async fn leave_nothing_behind_when_all_go() {
    let house = House::new();
    for _ in 0..3 {
        assert!(house.ask(&key("k"), &plain(), SECOND).now_or_never().is_none());
    }
    assert_eq!(house.computed(), 3);
    assert_all_landed(&house);
}

#[tokio::test(start_paused = true)]
async fn ask_for_two_types_apart() {
    let (house, key, policy) = (House::new(), key("k"), plain());
    let text = house.cache.get_or_compute(&key, &policy, || async {
        sleep(SECOND).await;
        Ok::<_, Refused>("text".to_owned())
    });
    let (number, text) = tokio::join!(house.ask(&key, &policy, SECOND), text);
    assert_eq!((number.unwrap().value, text.unwrap().value.as_str()), (1, "text"));
}
