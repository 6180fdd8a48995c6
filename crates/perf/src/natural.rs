//! The order of names as people count: `turn/2` before `turn/16`.

use std::cmp::Ordering;

/// Compares texts with runs of digits taken as numbers of any length; what differs in nothing else is in the order of
/// its characters.
pub(crate) fn order(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    while let (Some(x), Some(y)) = (left.chars().next(), right.chars().next()) {
        let order = if x.is_ascii_digit() && y.is_ascii_digit() {
            let (m, n) = (number(&mut left), number(&mut right));
            m.len().cmp(&n.len()).then_with(|| m.cmp(n))
        } else {
            left = &left[x.len_utf8()..];
            right = &right[y.len_utf8()..];
            x.cmp(&y)
        };
        if order.is_ne() {
            return order;
        }
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

/// Takes the digits from the beginning of a text, and answers with those that count.
fn number<'a>(text: &mut &'a str) -> &'a str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    *text = rest;
    digits.trim_start_matches('0')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_in_names_are_counted() {
        let sorted = [
            "",
            "debate/heap/4x5",
            "debate/heap/4x50",
            "debate/turn",
            "debate/turn/02",
            "debate/turn/2",
            "debate/turn/2/b",
            "debate/turn/16",
            "debate/turn/16a",
            "debate/turn/99999999999999999999999999",
            "debate/turn/100000000000000000000000000",
            "debate/turn/x",
            "é1",
            "é2",
        ];
        for pair in sorted.windows(2) {
            assert_eq!(order(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(a in "[0-2a/é]{0,5}", b in "[0-2a/é]{0,5}", c in "[0-2a/é]{0,5}") {
            prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
            prop_assert_eq!(order(&a, &b).is_eq(), a == b);
            if order(&a, &b).is_le() && order(&b, &c).is_le() {
                prop_assert!(order(&a, &c).is_le());
            }
        }
    }
}
