//! Taking secrets out of what the other side said.

use bytes::Bytes;

use crate::Request;

const MARK: &[u8] = b"[secret]";

/// `bytes` with each secret of the request replaced, should the other side have repeated one; and where the pieces that
/// they came in end then. A secret that was cut in two goes to the first piece whole.
pub(crate) fn withhold(asked: &Request, bytes: &Bytes, ends: &[usize]) -> (Bytes, Vec<usize>) {
    let secrets = asked.secret_forms();
    if secrets.is_empty() {
        return (bytes.clone(), ends.to_vec());
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut new_ends = Vec::with_capacity(ends.len());
    let mut ends = ends.iter().peekable();
    let mut at = 0;
    // Once through, the longest form first, so that no part of a secret is left beside the mark of another.
    while at < bytes.len() {
        while ends.next_if(|end| **end <= at).is_some() {
            new_ends.push(out.len());
        }
        let rest = &bytes[at..];
        if let Some(secret) = secrets.iter().find(|secret| rest.starts_with(secret)) {
            out.extend_from_slice(MARK);
            at += secret.len();
        } else {
            out.push(rest[0]);
            at += 1;
        }
    }
    new_ends.extend(ends.map(|_| out.len()));
    (out.into(), new_ends)
}

/// The same of a text.
pub(crate) fn withhold_in_text(asked: &Request, text: &str) -> String {
    let (bytes, _) = withhold(asked, &Bytes::copy_from_slice(text.as_bytes()), &[]);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn asked(secret: &str) -> Request {
        Request::get("https://example.org/".parse().expect("an address"))
            .with_secret_header("authorization", secret)
            .expect("a header")
    }

    proptest! {
        /// However a text is cut, the same stays of it, and its pieces lie where they were but for whole secrets.
        #[test]
        fn cuts_do_not_matter(parts in prop::collection::vec("(sk-1|Bearer sk-1|s|k|-1|x){0,4}", 0..8)) {
            let asked = asked("Bearer sk-1");
            let whole = Bytes::from(parts.concat());
            let ends: Vec<usize> = parts.iter().scan(0, |at, part| { *at += part.len(); Some(*at) }).collect();
            let (out, new_ends) = withhold(&asked, &whole, &ends);
            prop_assert_eq!(&out, &withhold(&asked, &whole, &[]).0);
            prop_assert_eq!(new_ends.len(), ends.len());
            prop_assert!(new_ends.is_sorted());
            prop_assert_eq!(new_ends.last().copied().unwrap_or_default(), if parts.is_empty() { 0 } else { out.len() });
            prop_assert!(!String::from_utf8_lossy(&out).contains("sk-1"));
        }
    }

    #[test]
    fn a_secret_cut_in_two_goes_to_the_first_piece() {
        let (out, ends) = withhold(&asked("sk-1234"), &Bytes::from("a sk-1234 b"), &[4, 11]);
        assert_eq!((&out[..], &ends[..]), (&b"a [secret] b"[..], &[10, 12][..]));
    }
}
