//! JSON with nothing lost: the order and the duplicates of an object's keys.

use std::fmt;

use saksi_proto::count::{Count, ILLEGIBLE, NOT_WRITTEN};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::mistake::NotACount;

/// A JSON value, as far as a form may have one.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Object(Vec<(String, Node)>),
    Array,
    Text(String),
    Number(serde_json::Number),
    Truth(bool),
    Null,
}

impl Node {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The count that stands here.
    pub(super) fn count(&self) -> Result<Count, NotACount> {
        match self {
            Node::Null => Ok(Count::NotWritten),
            Node::Text(text) if text == NOT_WRITTEN => Ok(Count::NotWritten),
            Node::Text(text) if text == ILLEGIBLE => Ok(Count::Illegible),
            Node::Number(number) => whole(number),
            _ => Err(NotACount::Other),
        }
    }
}

fn whole(number: &serde_json::Number) -> Result<Count, NotACount> {
    match (number.as_u64(), number.as_f64()) {
        (Some(whole), _) => match u32::try_from(whole) {
            Ok(whole) if whole <= Count::MAX => Ok(Count::Written(whole)),
            _ => Err(NotACount::TooLarge),
        },
        (None, Some(number)) if number < 0.0 => Err(NotACount::Negative),
        (None, Some(number)) if number > f64::from(Count::MAX) => Err(NotACount::TooLarge),
        (None, _) => Err(NotACount::Fraction),
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::Object(_) => f.write_str("{…}"),
            Node::Array => f.write_str("[…]"),
            Node::Text(text) => write!(f, "\"{text}\""),
            Node::Number(number) => number.fmt(f),
            Node::Truth(truth) => truth.fmt(f),
            Node::Null => f.write_str("null"),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Node::Object(pairs))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        while list.next_element::<Node>()?.is_some() {}
        Ok(Node::Array)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Number(number.into()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Node, E> {
        let number = serde_json::Number::from_f64(number);
        number.map(Node::Number).ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Node, E> {
        Ok(Node::Truth(truth))
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }
}
