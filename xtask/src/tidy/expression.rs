//! Licence expressions: `MIT`, `MIT OR Apache-2.0`, `(MIT OR Apache-2.0) AND Unicode-3.0`,
//! `Apache-2.0 WITH LLVM-exception`, and the old form `MIT/Apache-2.0`, where `/` means OR.
//!
//! As SPDX has it, WITH binds tighter than AND, and AND tighter than OR.

/// A licence expression, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    /// One licence, with its exception if it has one: `Apache-2.0 WITH LLVM-exception`.
    Licence(String),
    /// All of them hold at once.
    All(Vec<Expression>),
    /// One of them may be chosen.
    Any(Vec<Expression>),
}

impl Expression {
    /// Reads an expression, or says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let words = words(text)?;
        let mut reader = Reader { words: &words, at: 0 };
        let expression = reader.any()?;
        match reader.peek() {
            None => Ok(expression),
            Some(word) => Err(format!("`{word}` is not expected there")),
        }
    }

    /// Can it be satisfied with these licences alone? A licence "or later" (`X+`) may be taken as `X`.
    pub(super) fn is_satisfied_by(&self, allowed: &[&str]) -> bool {
        match self {
            Self::Licence(id) => allowed.iter().any(|allowed| {
                id.eq_ignore_ascii_case(allowed)
                    || id.strip_suffix('+').is_some_and(|id| id.eq_ignore_ascii_case(allowed))
            }),
            Self::All(parts) => parts.iter().all(|part| part.is_satisfied_by(allowed)),
            Self::Any(parts) => parts.iter().any(|part| part.is_satisfied_by(allowed)),
        }
    }
}

fn words(text: &str) -> Result<Vec<&str>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '+' | ':');
        let length = match first {
            '(' | ')' | '/' => 1,
            _ => rest.find(|c| !is_part(c)).unwrap_or(rest.len()),
        };
        if length == 0 {
            return Err(format!("`{first}` has no place in it"));
        }
        words.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    Ok(words)
}

struct Reader<'a> {
    words: &'a [&'a str],
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).copied()
    }

    fn take(&mut self, operators: &[&str]) -> bool {
        let found = self
            .peek()
            .is_some_and(|word| operators.iter().any(|operator| word.eq_ignore_ascii_case(operator)));
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.all()?];
        while self.take(&["OR", "/"]) {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) })
    }

    fn all(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.one()?];
        while self.take(&["AND"]) {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn one(&mut self) -> Result<Expression, String> {
        if self.take(&["("]) {
            let inside = self.any()?;
            return if self.take(&[")"]) { Ok(inside) } else { Err("a `(` is not closed".to_owned()) };
        }
        let licence = self.name("a licence")?;
        if self.take(&["WITH"]) {
            let exception = self.name("an exception")?;
            return Ok(Expression::Licence(format!("{licence} WITH {exception}")));
        }
        Ok(Expression::Licence(licence.to_owned()))
    }

    fn name(&mut self, what: &str) -> Result<&'a str, String> {
        let word = self.peek().ok_or_else(|| format!("it ends where {what} is expected"))?;
        let is_operator = ["(", ")", "/"].contains(&word)
            || ["OR", "AND", "WITH"].iter().any(|operator| word.eq_ignore_ascii_case(operator));
        if is_operator {
            return Err(format!("`{word}` stands where {what} is expected"));
        }
        self.at += 1;
        Ok(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_satisfied_as_spdx_has_it() {
        let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"];
        for (text, expected) in [
            ("MIT", true),
            ("GPL-3.0", false),
            ("GPL-3.0 OR MIT", true),
            ("GPL-3.0/MIT", true),
            ("MIT / Apache-2.0", true),
            ("GPL-3.0/MPL-2.0", false),
            ("GPL-3.0 AND MIT", false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND GPL-3.0", false),
            // AND binds tighter than OR.
            ("MIT OR GPL-3.0 AND MPL-2.0", true),
            ("MPL-2.0 AND GPL-3.0 OR MIT", true),
            ("GPL-3.0 AND (MPL-2.0 OR MIT)", false),
            ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true),
            ("Apache-2.0 WITH Classpath-exception-2.0", false),
            ("MIT AND Apache-2.0 WITH LLVM-exception", true),
            ("mit or apache-2.0", true),
            ("MIT+", true),
            ("((MIT))", true),
            ("LicenseRef-own", false),
        ] {
            let expression = Expression::parse(text).expect(text);
            assert_eq!(expression.is_satisfied_by(&allowed), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for (text, why) in [
            ("", "it ends where a licence is expected"),
            ("MIT OR", "it ends where a licence is expected"),
            ("MIT Apache-2.0", "`Apache-2.0` is not expected there"),
            ("(MIT", "a `(` is not closed"),
            ("MIT)", "`)` is not expected there"),
            ("OR MIT", "`OR` stands where a licence is expected"),
            ("MIT WITH", "it ends where an exception is expected"),
            ("MIT, Apache-2.0", "`,` has no place in it"),
            ("()", "`)` stands where a licence is expected"),
        ] {
            assert_eq!(Expression::parse(text), Err(why.to_owned()), "{text}");
        }
    }
}
