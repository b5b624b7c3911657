//! From the text of a check to its tree.

use std::fmt;

/// How the two sides of a check must stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `=`
    Equal,
    /// `<=`
    AtMost,
    /// `<`
    Below,
    /// `>=`
    AtLeast,
    /// `>`
    Above,
}

impl Relation {
    /// Whether two numbers stand so, give or take `tolerance`. Numbers that are too large
    /// for 64 bits stand at their end, and what is added to them there changes nothing.
    #[must_use]
    #[inline]
    pub fn holds(self, left: i64, right: i64, tolerance: i64) -> bool {
        match self {
            Relation::Equal => left.abs_diff(right) <= tolerance.unsigned_abs(),
            Relation::AtMost => left <= right.saturating_add(tolerance),
            Relation::Below => left < right.saturating_add(tolerance),
            Relation::AtLeast => left.saturating_add(tolerance) >= right,
            Relation::Above => left.saturating_add(tolerance) > right,
        }
    }

    /// The smallest and the largest difference, left less right, of two numbers that
    /// stand so.
    pub(super) fn differences(self, tolerance: i64) -> (i64, i64) {
        match self {
            Relation::Equal => (-tolerance, tolerance),
            Relation::AtMost => (i64::MIN, tolerance),
            Relation::Below => (i64::MIN, tolerance - 1),
            Relation::AtLeast => (-tolerance, i64::MAX),
            Relation::Above => (1 - tolerance, i64::MAX),
        }
    }

    /// The relation that stands where this one is broken, for people: `228 ≠ 230`.
    #[must_use]
    pub fn broken_sign(self) -> &'static str {
        match self {
            Relation::Equal => "≠",
            Relation::AtMost => ">",
            Relation::Below => "≥",
            Relation::AtLeast => "<",
            Relation::Above => "≤",
        }
    }
}

/// A text that is not a check. `at` counts bytes from its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Syntax {
    /// What was expected or found.
    pub what: String,
    /// Where.
    pub at: usize,
}

impl fmt::Display for Syntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    Number(i64),
    Name {
        name: String,
        at: usize,
    },
    Add(Box<Expression>, Box<Expression>),
    Subtract(Box<Expression>, Box<Expression>),
    Times(i64, Box<Expression>),
    /// `ceil(expression / divisor)`
    Ceil(Box<Expression>, i64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) left: Expression,
    pub(super) relation: Relation,
    pub(super) right: Expression,
    pub(super) tolerance: i64,
}

pub(super) fn parse(text: &str) -> Result<Check, Syntax> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, end: text.len(), depth: 0 };
    let left = parser.sum()?;
    let relation = parser.relation()?;
    let right = parser.sum()?;
    let tolerance = if parser.take("+-") { parser.number()? } else { 0 };
    match parser.tokens.get(parser.next) {
        None => Ok(Check { left, relation, right, tolerance }),
        Some(token) => Err(token.unexpected("the end")),
    }
}

/// Brackets deeper than this are refused; nobody writes them, and it bounds the stack.
const MAX_DEPTH: usize = 16;

/// Most words and signs of a check: the sum of a long form's 490 lines, each by its name.
/// It bounds the stack too, for each term stands one deeper than the term before.
const MAX_TOKENS: usize = 1_000;

struct Token<'a> {
    text: &'a str,
    at: usize,
}

impl Token<'_> {
    fn unexpected(&self, wanted: &str) -> Syntax {
        Syntax { what: format!("expected {wanted}, found “{}”", self.text), at: self.at }
    }
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, Syntax> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
        let length = match first {
            c if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            _ if ["+-", "<=", ">="].iter().any(|sign| rest.starts_with(sign)) => 2,
            '+' | '-' | '*' | '/' | '(' | ')' | '=' | '<' | '>' => 1,
            other => return Err(Syntax { what: format!("“{other}” means nothing here"), at }),
        };
        if tokens.len() == MAX_TOKENS {
            return Err(Syntax { what: format!("more than {MAX_TOKENS} words and signs"), at });
        }
        tokens.push(Token { text: &rest[..length], at });
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    next: usize,
    end: usize,
    depth: usize,
}

impl Parser<'_> {
    fn take(&mut self, text: &str) -> bool {
        let found = self.tokens.get(self.next).is_some_and(|token| token.text == text);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, text: &str) -> Result<(), Syntax> {
        if self.take(text) { Ok(()) } else { Err(self.unexpected(&format!("“{text}”"))) }
    }

    fn unexpected(&self, wanted: &str) -> Syntax {
        match self.tokens.get(self.next) {
            Some(token) => token.unexpected(wanted),
            None => Syntax { what: format!("expected {wanted}, found the end"), at: self.end },
        }
    }

    fn number(&mut self) -> Result<i64, Syntax> {
        let token = self.tokens.get(self.next);
        let number = token.and_then(|token| token.text.parse::<u32>().ok());
        let number = number.ok_or_else(|| self.unexpected("a number"))?;
        self.next += 1;
        Ok(i64::from(number))
    }

    fn relation(&mut self) -> Result<Relation, Syntax> {
        let signs = [
            ("=", Relation::Equal),
            ("<=", Relation::AtMost),
            ("<", Relation::Below),
            (">=", Relation::AtLeast),
            (">", Relation::Above),
        ];
        let found = signs.into_iter().find(|(sign, _)| self.take(sign));
        found.map(|(_, relation)| relation).ok_or_else(|| self.unexpected("=, <=, <, >= or >"))
    }

    fn sum(&mut self) -> Result<Expression, Syntax> {
        let mut sum = self.product()?;
        loop {
            if self.take("+") {
                sum = Expression::Add(Box::new(sum), Box::new(self.product()?));
            } else if self.take("-") {
                sum = Expression::Subtract(Box::new(sum), Box::new(self.product()?));
            } else {
                return Ok(sum);
            }
        }
    }

    fn product(&mut self) -> Result<Expression, Syntax> {
        let first = self.atom()?;
        let Some(at) = self.tokens.get(self.next).map(|token| token.at) else { return Ok(first) };
        if !self.take("*") {
            return Ok(first);
        }
        match (first, self.product()?) {
            (Expression::Number(factor), other) | (other, Expression::Number(factor)) => {
                Ok(Expression::Times(factor, Box::new(other)))
            }
            _ => Err(Syntax { what: "one side of “*” must be a number".to_owned(), at }),
        }
    }

    fn atom(&mut self) -> Result<Expression, Syntax> {
        if self.take("ceil") {
            self.expect("(")?;
            let inner = self.nested()?;
            self.expect("/")?;
            let at = self.tokens.get(self.next).map_or(self.end, |token| token.at);
            let divisor = self.number()?;
            self.expect(")")?;
            if divisor == 0 {
                return Err(Syntax { what: "a division by zero".to_owned(), at });
            }
            return Ok(Expression::Ceil(Box::new(inner), divisor));
        }
        if self.take("(") {
            let inner = self.nested()?;
            self.expect(")")?;
            return Ok(inner);
        }
        match self.tokens.get(self.next) {
            Some(token) if token.text.starts_with(|c: char| c.is_ascii_digit()) => {
                self.number().map(Expression::Number)
            }
            Some(token) if token.text.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                let name = Expression::Name { name: token.text.to_owned(), at: token.at };
                self.next += 1;
                Ok(name)
            }
            _ => Err(self.unexpected("a line, a field or a number")),
        }
    }

    fn nested(&mut self) -> Result<Expression, Syntax> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.unexpected("fewer brackets"));
        }
        let inner = self.sum();
        self.depth -= 1;
        inner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_their_place() {
        for (text, at) in [
            ("", 0),
            ("A +", 3),
            ("A = ", 4),
            ("A = B C", 6),
            ("A ! B", 2),
            ("A * B = C", 2),
            ("ceil(A / 0) = B", 9),
            ("A = 99999999999", 4),
        ] {
            assert_eq!(parse(text).unwrap_err().at, at, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[A-Z0-9a-z.+*/()<>=é -]{0,60}") {
            drop(parse(&text));
        }
    }

    #[test]
    fn brackets_are_bounded() {
        let deep = format!("{}A{} = 1", "(".repeat(5_000), ")".repeat(5_000));
        assert!(parse(&deep).is_err());
    }

    #[test]
    fn the_length_of_a_check_is_bounded() {
        for term in ["A + ", "2 * ", "A - "] {
            let within = format!("{}A = 1", term.repeat(MAX_TOKENS / 2 - 2));
            assert!(parse(&within).is_ok(), "{term}");
            let beyond = format!("{}A = 1", term.repeat(200_000));
            assert_eq!(parse(&beyond).unwrap_err().at, MAX_TOKENS / 2 * term.len(), "{term}");
        }
    }

    #[test]
    fn relations_at_the_ends_of_numbers() {
        use Relation::{Above, AtLeast, AtMost, Below, Equal};
        for (relation, high, low) in [
            (Equal, false, false),
            (AtMost, false, true),
            (Below, false, true),
            (AtLeast, true, false),
            (Above, true, false),
        ] {
            for tolerance in [0, 1, i64::from(u32::MAX)] {
                assert_eq!(relation.holds(i64::MAX, i64::MIN, tolerance), high, "{relation:?}");
                assert_eq!(relation.holds(i64::MIN, i64::MAX, tolerance), low, "{relation:?}");
            }
        }
    }

    #[test]
    fn relations_at_their_borders() {
        use Relation::{Above, AtLeast, AtMost, Below, Equal};
        for (relation, below, same, above) in [
            (Equal, false, true, false),
            (AtMost, true, true, false),
            (Below, true, false, false),
            (AtLeast, false, true, true),
            (Above, false, false, true),
        ] {
            for (left, tolerance) in [(1, 0), (2, 0), (3, 0), (1, 2), (4, 2), (5, 2), (0, 2)] {
                let (low, high) = relation.differences(tolerance);
                let within = (low..=high).contains(&(left - 2));
                assert_eq!(within, relation.holds(left, 2, tolerance), "{relation:?} {left}");
            }
            assert_eq!(relation.holds(1, 2, 0), below, "{relation:?}");
            assert_eq!(relation.holds(2, 2, 0), same, "{relation:?}");
            assert_eq!(relation.holds(3, 2, 0), above, "{relation:?}");
        }
        assert!(Equal.holds(4, 2, 2) && !Equal.holds(5, 2, 2));
    }
}
