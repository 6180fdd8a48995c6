//! Buckets: absence, addition, totals, the serialised form.

use proptest::prelude::*;

use super::*;

#[test]
fn absent_is_not_zero() {
    let stated = TokenUsage::default().with(Bucket::CacheRead, 0);
    assert!(TokenUsage::default().is_absent());
    assert!(!stated.is_absent());
    assert_ne!(stated, TokenUsage::default());
    assert_eq!(stated.iter().collect::<Vec<_>>(), [(Bucket::CacheRead, 0)]);
    let json = serde_json::to_string(&TokenUsage::of(3, 0).with(Bucket::CacheWrite1h, 7)).unwrap();
    assert_eq!(json, r#"{"input":3,"cache_write_1h":7,"output":0}"#);
}

#[test]
fn each_bucket_has_a_slot_of_its_own() {
    for bucket in Bucket::ALL {
        let usage = TokenUsage::default().with(bucket, 5);
        assert_eq!(usage.iter().collect::<Vec<_>>(), [(bucket, 5)]);
        assert_eq!(usage.get(bucket), Some(5));
        let side = if bucket.is_input() { (5, 0) } else { (0, 5) };
        assert_eq!((usage.total_input(), usage.total_output()), side);
        let json = serde_json::to_value(usage).unwrap();
        assert_eq!(json, serde_json::json!({ (bucket.key()): 5 }));
        assert_eq!(serde_json::from_value::<TokenUsage>(json).unwrap(), usage);
    }
}

#[test]
fn sums_stay_at_the_largest_count() {
    let most = TokenUsage::of(u64::MAX, u64::MAX).with(Bucket::CacheRead, 1);
    assert_eq!(most.total_input(), u64::MAX);
    assert_eq!(most.merged(&TokenUsage::of(1, 0)).input, Some(u64::MAX));
}

#[test]
fn the_least_firm_basis_wins() {
    let mut sum = Usage::simulated(TokenUsage::of(1, 1));
    sum.merge(&Usage::reported(TokenUsage::of(1, 1)));
    assert_eq!(sum.basis, UsageBasis::Simulated);
    assert_eq!(serde_json::to_value(sum.basis).unwrap(), "simulated");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn merging_is_addition_bucket_by_bucket(a in usages(), b in usages(), c in usages()) {
        prop_assert_eq!(a.merged(&b), b.merged(&a));
        prop_assert_eq!(a.merged(&b).merged(&c), a.merged(&b.merged(&c)));
        prop_assert_eq!(a.merged(&TokenUsage::default()), a);
        prop_assert_eq!(a.merged(&b).total_input(), a.total_input() + b.total_input());
        prop_assert_eq!(a.merged(&b).total_output(), a.total_output() + b.total_output());
        for bucket in Bucket::ALL {
            let absent = a.get(bucket).is_none() && b.get(bucket).is_none();
            prop_assert_eq!(a.merged(&b).get(bucket).is_none(), absent);
        }
    }
}

fn usages() -> impl Strategy<Value = TokenUsage> {
    let count = proptest::option::of(0_u64..1 << 40);
    proptest::collection::vec(count, Bucket::COUNT).prop_map(|counts| {
        Bucket::ALL
            .into_iter()
            .zip(counts)
            .filter_map(|(bucket, count)| Some((bucket, count?)))
            .fold(TokenUsage::default(), |usage, (bucket, count)| usage.with(bucket, count))
    })
}
