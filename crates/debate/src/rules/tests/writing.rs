//! Names of rules, in files and on the command line.

use super::*;

#[test]
fn every_rule_is_found_by_its_name_and_written_as_text() {
    for rule in Rule::ALL {
        assert_eq!(rule.name().parse::<Rule>().unwrap(), rule);
        assert_eq!(rule.to_string().parse::<Rule>().unwrap(), rule);
        assert_eq!(serde_json::to_string(&rule).unwrap(), format!("\"{rule}\""));
    }
    let names: std::collections::BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    assert_eq!(names.len(), Rule::ALL.len());
}

#[test]
fn tables_and_texts_are_the_same_rules() {
    for (written, rule) in [
        (r#""linear-pool""#, "linear-pool"),
        (r#"{"supermajority": {"threshold": 0.667}}"#, "supermajority:0.667"),
        (r#"{"supermajority": {"threshold": "2/3"}}"#, "supermajority:2/3"),
        (r#"{"supermajority": {"threshold": 1}}"#, "supermajority:1"),
        (r#"{"supermajority": {}}"#, "supermajority:2/3"),
        (r#""supermajority:4/6""#, "supermajority:2/3"),
        (r#""supermajority:0.750""#, "supermajority:0.75"),
        (r#"{"hybrid": {"few": 2}}"#, "hybrid:5:2:0.75"),
        (r#"{"hybrid": {"unanimous_before": 2, "few": 0, "threshold": 0.6}}"#, "hybrid:2:0:0.6"),
    ] {
        assert_eq!(serde_json::from_str::<Rule>(written).unwrap().to_string(), rule, "{written}");
    }
}

#[test]
fn what_is_no_rule_is_refused_with_what_would_be() {
    for (written, why) in [
        ("coin", "there are plurality, majority, supermajority, unanimity, hybrid"),
        ("Plurality", "there are plurality"),
        ("plurality:2", "takes no parameters"),
        ("supermajority:", "more than a half"),
        ("supermajority:0.5", "more than a half"),
        ("supermajority:1.1", "at most 1"),
        ("supermajority:0.6666667", "6 decimals"),
        ("supermajority:-0.7", "more than a half"),
        ("supermajority:7/0", "more than a half"),
        ("supermajority:+2/3", "more than a half"),
        ("supermajority:9999999999/9999999999", "more than a half"),
        ("supermajority:NaN", "more than a half"),
        ("hybrid:5", "hybrid:5:3:0.75"),
        ("hybrid:5:3:0.75:1", "hybrid:5:3:0.75"),
        ("hybrid:+5:3:0.75", "hybrid:5:3:0.75"),
        ("hybrid:5:3:0.2", "more than a half"),
    ] {
        let refused = written.parse::<Rule>().unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::BadSpec);
        assert!(refused.to_string().contains(why), "{written}: {refused}");
    }
    for written in [
        r#"{"plurality": {}}"#,
        r#"{"supermajority": {"share": 1}}"#,
        "{}",
        "3",
        r#"{"hybrid": {"threshold": 0.5}}"#,
    ] {
        assert!(serde_json::from_str::<Rule>(written).is_err(), "{written}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(numerator in any::<prop::sample::Index>(), denominator in 1_u32..=1_000_000, round in 0_u32..60, few in 0_u32..60) {
        // More than a half, and at most all.
        let upper_half = denominator - denominator / 2;
        let numerator = denominator - u32::try_from(numerator.index(upper_half as usize)).unwrap();
        let threshold = Threshold::new(numerator, denominator).unwrap();
        prop_assert_eq!(threshold.to_string().parse::<Threshold>().unwrap(), threshold);
        let hybrid = Hybrid { unanimous_before: round, few, threshold };
        for rule in [Rule::Supermajority { threshold }, Rule::Hybrid(hybrid)] {
            prop_assert_eq!(rule.to_string().parse::<Rule>().unwrap(), rule);
            prop_assert_eq!(serde_json::from_str::<Rule>(&serde_json::to_string(&rule).unwrap()).unwrap(), rule);
        }
        let needed = threshold.of(denominator);
        prop_assert_eq!(needed, numerator);
    }
}
