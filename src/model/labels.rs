//! A label set: sorted pairs of name and value that say which series this is.
//!
//! The whole set lives in one shared piece of text, each name and value behind its length, so that a set costs
//! one allocation, a clone costs a counter, and equality is one comparison of bytes:
//!
//! ```
//! use promqlite::Labels;
//!
//! let labels = Labels::from_pairs([("__name__", "up"), ("job", "node"), ("instance", "")]);
//! assert_eq!(labels.to_string(), r#"up{job="node"}"#);
//! assert_eq!(labels.get("job"), Some("node"));
//! assert_eq!(labels.get("instance"), None);
//! ```
//!
//! A label with an empty value is the same as no label, and is never stored.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::go_format::quote;
use super::nearby::fetch;

/// The label that holds the metric's name.
pub const METRIC_NAME: &str = "__name__";
/// The label that tells the metric's type, where type and unit labels are in use.
pub const METRIC_TYPE: &str = "__type__";
/// The label that tells the metric's unit, where type and unit labels are in use.
pub const METRIC_UNIT: &str = "__unit__";
/// The label that holds the upper bound of a classic histogram's bucket.
pub const BUCKET_BOUND: &str = "le";

/// Whether `name` describes the metric rather than the thing measured (`schema/labels.go`): the labels that
/// most functions and operators drop.
pub fn is_metadata(name: &str) -> bool {
    name == METRIC_NAME || name == METRIC_TYPE || name == METRIC_UNIT
}

/// An immutable set of labels, sorted by name.
///
/// Equality and hashing are by content. The order is Prometheus': pair by pair, bytewise, and a prefix comes
/// before what extends it.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Labels(Arc<str>);

impl Labels {
    /// The set without any label.
    pub fn empty() -> Self {
        Labels::default()
    }

    /// Has the processor fetch the labels, which will be looked at soon.
    pub(crate) fn fetch(&self) {
        fetch(self.0.as_bytes());
    }

    /// The labels of a metric that has nothing but its name; add to them with [`with`](Labels::with).
    ///
    /// ```
    /// use promqlite::Labels;
    ///
    /// let labels = Labels::metric("http_requests_total").with("code", "200");
    /// assert_eq!(labels, Labels::from([("__name__", "http_requests_total"), ("code", "200")]));
    /// ```
    pub fn metric(name: &str) -> Self {
        Labels::from_sorted([(METRIC_NAME, name)])
    }

    /// Sorts the pairs by name and drops those without a value. Of two pairs with one name the later counts.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut builder = LabelsBuilder::default();
        for (name, value) in pairs {
            builder.set(name.as_ref(), value.as_ref());
        }
        builder.build()
    }

    /// Encodes pairs that are sorted by name already, names distinct. Pairs without a value are left out.
    pub fn from_sorted<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut text = String::with_capacity(96);
        for (name, value) in pairs {
            if !value.is_empty() {
                push_piece(&mut text, name);
                push_piece(&mut text, value);
            }
        }
        Labels(text.into())
    }

    /// The pairs, sorted by name.
    pub fn iter(&self) -> LabelsIter<'_> {
        LabelsIter { rest: &self.0 }
    }

    /// How many labels there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is no label at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of the label `name`, if the set has it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// The value of the label `name`, or the empty string: what a matcher sees.
    pub fn value(&self, name: &str) -> &str {
        self.get(name).unwrap_or("")
    }

    /// The metric's name, or the empty string.
    pub fn metric_name(&self) -> &str {
        self.value(METRIC_NAME)
    }

    /// Only the labels for which `keep` holds. Shares the text when nothing is dropped.
    pub fn filter(&self, mut keep: impl FnMut(&str) -> bool) -> Labels {
        // What is kept is mostly one stretch of the text, which is copied once.
        let mut stretch = 0..0;
        let mut stretches_before = String::new();
        let mut rest: &str = &self.0;
        while !rest.is_empty() {
            let start = self.0.len() - rest.len();
            let name = take_piece(&mut rest);
            take_piece(&mut rest);
            if keep(name) {
                if stretch.end != start {
                    stretches_before.push_str(&self.0[stretch]);
                    stretch = start..start;
                }
                stretch.end = self.0.len() - rest.len();
            }
        }
        match (stretches_before.is_empty(), stretch.len()) {
            (true, 0) => Labels::empty(),
            (true, len) if len == self.0.len() => self.clone(),
            (true, _) => Labels(self.0[stretch].into()),
            (false, _) => Labels((stretches_before + &self.0[stretch]).into()),
        }
    }

    /// Without the labels that describe the metric: its name, type and unit.
    pub fn without_metadata(&self) -> Labels {
        self.filter(|name| !is_metadata(name))
    }

    /// Without the metric's name.
    pub fn without_name(&self) -> Labels {
        self.filter(|name| name != METRIC_NAME)
    }

    /// A copy that can be changed.
    pub fn builder(&self) -> LabelsBuilder {
        LabelsBuilder { pairs: self.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect() }
    }

    /// The set with `name` set to `value`, or without `name` when `value` is empty.
    pub fn with(&self, name: &str, value: &str) -> Labels {
        self.with_by(name, value, &mut String::with_capacity(self.0.len() + name.len() + value.len() + 10))
    }

    /// [`with`](Labels::with) by way of a buffer, for the one who makes very many sets.
    pub fn with_by(&self, name: &str, value: &str, buffer: &mut String) -> Labels {
        let mut after: &str = &self.0;
        let mut before = after;
        while !after.is_empty() {
            before = after;
            let at = take_piece(&mut after);
            if at >= name {
                if at == name {
                    take_piece(&mut after);
                } else {
                    after = before;
                }
                break;
            }
            take_piece(&mut after);
            before = after;
        }
        buffer.clear();
        buffer.push_str(&self.0[..self.0.len() - before.len()]);
        if !value.is_empty() {
            push_piece(buffer, name);
            push_piece(buffer, value);
        }
        buffer.push_str(after);
        Labels(buffer.as_str().into())
    }

    /// The 64-bit hash by which Prometheus' `limit_ratio` picks series (`labels_stringlabels.go`): xxHash64 over
    /// each piece behind its length, the length in one byte or, from 255 on, in 255 and three bytes.
    pub fn upstream_hash(&self) -> u64 {
        let mut bytes = Vec::with_capacity(self.0.len());
        for (name, value) in self.iter() {
            for piece in [name, value] {
                match u8::try_from(piece.len()) {
                    Ok(len) if len < 255 => bytes.push(len),
                    _ => {
                        bytes.push(255);
                        bytes.extend_from_slice(&(piece.len() as u32).to_le_bytes()[..3]);
                    }
                }
                bytes.extend_from_slice(piece.as_bytes());
            }
        }
        xxhash_rust::xxh64::xxh64(&bytes, 0)
    }

    /// As Prometheus writes a label set in its errors, the name in braces with the others:
    /// `{__name__="up", job="node"}`.
    pub fn in_braces(&self) -> String {
        let mut text = String::from("{");
        for (i, (name, value)) in self.iter().enumerate() {
            let separator = if i == 0 { "" } else { ", " };
            let name = if is_legacy_label_name(name) { Cow::Borrowed(name) } else { Cow::Owned(quote(name)) };
            text.push_str(&format!("{separator}{name}={}", quote(value)));
        }
        text.push('}');
        text
    }

    /// Name, value, name, value, and so on: what the order of two sets goes by.
    pub(super) fn pieces(&self) -> Pieces<'_> {
        Pieces { rest: self.0.as_bytes() }
    }

    /// Bytes of memory that the text of the set takes.
    pub fn size_bytes(&self) -> usize {
        self.0.len()
    }
}

/// Lengths below 127 are one character; longer ones are DEL and four characters of seven bits, highest first.
/// All of them are ASCII, so the encoded text is valid UTF-8 and cutting it at pieces never splits a character.
fn push_piece(text: &mut String, piece: &str) {
    let len = piece.len();
    if len < 127 {
        text.push(len as u8 as char);
    } else {
        text.push('\x7f');
        for shift in [21, 14, 7, 0] {
            text.push(((len >> shift) & 0x7f) as u8 as char);
        }
    }
    text.push_str(piece);
}

fn take_piece<'a>(rest: &mut &'a str) -> &'a str {
    let text: &'a str = rest;
    let piece = piece_of(text.as_bytes());
    *rest = &text[piece.end..];
    &text[piece]
}

/// Where the first piece of an encoded text lies.
#[inline]
fn piece_of(bytes: &[u8]) -> Range<usize> {
    match bytes[0] {
        127 => {
            let len = bytes[1..5].iter().fold(0, |len, b| len << 7 | usize::from(*b));
            5..5 + len
        }
        len => 1..1 + usize::from(len),
    }
}

/// The names and values of a label set as bytes.
#[derive(Clone, Debug)]
pub(super) struct Pieces<'a> {
    /// The encoded text from the next piece on.
    pub(super) rest: &'a [u8],
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let piece = piece_of(self.rest);
        let (head, rest) = self.rest.split_at(piece.end);
        self.rest = rest;
        Some(&head[piece.start..])
    }
}

/// The pairs of a label set, sorted by name.
#[derive(Clone, Debug)]
pub struct LabelsIter<'a> {
    rest: &'a str,
}

impl<'a> Iterator for LabelsIter<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let name = take_piece(&mut self.rest);
        let value = take_piece(&mut self.rest);
        Some((name, value))
    }
}

impl<'a> IntoIterator for &'a Labels {
    type Item = (&'a str, &'a str);
    type IntoIter = LabelsIter<'a>;

    fn into_iter(self) -> LabelsIter<'a> {
        self.iter()
    }
}

/// As [`Labels::from_pairs`].
impl<N: AsRef<str>, V: AsRef<str>, const COUNT: usize> From<[(N, V); COUNT]> for Labels {
    fn from(pairs: [(N, V); COUNT]) -> Self {
        Labels::from_pairs(pairs)
    }
}

/// As [`Labels::from_pairs`].
impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Labels {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Labels::from_pairs(pairs)
    }
}

impl From<&Labels> for Labels {
    fn from(labels: &Labels) -> Self {
        labels.clone()
    }
}

impl Ord for Labels {
    /// The first piece that differs decides; those before it are passed over without being compared one by one.
    fn cmp(&self, other: &Self) -> Ordering {
        let (own, others) = (self.0.as_bytes(), other.0.as_bytes());
        let same = common_prefix(own, others);
        if same == own.len() || same == others.len() {
            return own.len().cmp(&others.len());
        }
        let mut at = 0;
        loop {
            let (mine, theirs) = (&own[at..], &others[at..]);
            let piece = piece_of(mine);
            if at + piece.end > same {
                return mine[piece].cmp(&theirs[piece_of(theirs)]);
            }
            at += piece.end;
        }
    }
}

/// How many bytes both begin with.
fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let (a_words, b_words) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
    let words = a_words.iter().zip(b_words).take_while(|(a, b)| a == b).count() * 8;
    words + a[words..].iter().zip(&b[words..]).take_while(|(a, b)| a == b).count()
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// As Prometheus writes it: `name{label="value", other="value"}`; a name or a label that is no plain
/// identifier is quoted: `{"metric.name", "label.name"="value"}`.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.metric_name();
        let plain = is_legacy_metric_name(name);
        let mut quoted_name = !name.is_empty() && !plain;
        if plain {
            f.write_str(name)?;
        }
        let mut rest = self.iter().filter(|(n, _)| *n != METRIC_NAME).peekable();
        if plain && rest.peek().is_none() {
            return Ok(());
        }
        f.write_str("{")?;
        if quoted_name {
            f.write_str(&quote(name))?;
        }
        for (label, value) in rest {
            if std::mem::replace(&mut quoted_name, true) {
                f.write_str(", ")?;
            }
            if is_legacy_label_name(label) {
                write!(f, "{label}={}", quote(value))?;
            } else {
                write!(f, "{}={}", quote(label), quote(value))?;
            }
        }
        f.write_str("}")
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether `name` can stand in a query as a metric name without quotes: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
pub fn is_legacy_metric_name(name: &str) -> bool {
    let ok = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b':';
    !name.is_empty() && !name.as_bytes()[0].is_ascii_digit() && name.bytes().all(ok)
}

/// Whether `name` can stand in a query as a label name without quotes: `[a-zA-Z_][a-zA-Z0-9_]*`.
pub fn is_legacy_label_name(name: &str) -> bool {
    is_legacy_metric_name(name) && !name.contains(':')
}

/// A label set in the making. Setting a label to the empty string removes it.
#[derive(Clone, Debug, Default)]
pub struct LabelsBuilder {
    pairs: Vec<(String, String)>,
}

impl LabelsBuilder {
    /// Sets `name` to `value`, in place of an earlier value.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        match self.pairs.iter_mut().find(|(n, _)| n == name) {
            Some(pair) => value.clone_into(&mut pair.1),
            None => self.pairs.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// Removes `name` if it is there.
    pub fn remove(&mut self, name: &str) -> &mut Self {
        self.pairs.retain(|(n, _)| n != name);
        self
    }

    /// The value set for `name` so far.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The finished set.
    pub fn build(&mut self) -> Labels {
        self.pairs.sort_by(|a, b| a.0.cmp(&b.0));
        Labels::from_sorted(self.pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_pieces_survive() {
        let long = "é".repeat(5000);
        let labels =
            Labels::from_pairs([("b", long.as_str()), ("a", &"x".repeat(126)), ("c", &"y".repeat(127))]);
        assert_eq!(labels.get("b"), Some(long.as_str()));
        assert_eq!(labels.get("a").map(str::len), Some(126));
        assert_eq!(labels.get("c").map(str::len), Some(127));
        assert_eq!(labels.filter(|n| n != "b").len(), 2);
    }

    proptest! {
        /// What is done on the encoded text is what would be done on pairs.
        #[test]
        fn text_stands_for_pairs(a in pairs(), b in pairs(), name in "[a-c]", value in "(|x|[yé]{0,200})") {
            let (left, right) = (Labels::from_pairs(a), Labels::from_pairs(b));
            prop_assert_eq!(left.cmp(&right), left.iter().cmp(right.iter()));
            let with = left.iter().chain([(name.as_str(), value.as_str())]);
            prop_assert_eq!(left.with(&name, &value), Labels::from_pairs(with));
            let kept = left.iter().filter(|(n, _)| *n != name);
            prop_assert_eq!(left.filter(|n| n != name), Labels::from_pairs(kept));
        }
    }

    fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
        proptest::collection::vec(("[a-d]{1,2}", "([a-b]{1,3}|é{1,100})"), 0..5)
    }

    #[test]
    fn one_label_is_set_replaced_or_removed() {
        let long = "x".repeat(300);
        let mut buffer = String::from("of an earlier one");
        for (before, name, value, after) in [
            (vec![], "b", "1", vec![("b", "1")]),
            (vec![], "b", "", vec![]),
            (vec![("a", "1"), ("c", "3")], "b", "2", vec![("a", "1"), ("b", "2"), ("c", "3")]),
            (vec![("a", "1"), ("c", "3")], "A", "2", vec![("A", "2"), ("a", "1"), ("c", "3")]),
            (vec![("a", "1"), ("c", "3")], "d", "2", vec![("a", "1"), ("c", "3"), ("d", "2")]),
            (vec![("a", "1"), ("c", "3")], "a", &long, vec![("a", &long), ("c", "3")]),
            (vec![("a", &long), ("c", "3")], "a", "b", vec![("a", "b"), ("c", "3")]),
            (vec![("a", "1"), ("c", "3")], "c", "", vec![("a", "1")]),
            (vec![("a", "1"), ("c", "3")], "b", "", vec![("a", "1"), ("c", "3")]),
        ] {
            let labels = Labels::from_pairs(before.clone());
            let expected = Labels::from_pairs(after);
            assert_eq!(labels.with(name, value), expected, "{before:?} {name}");
            assert_eq!(labels.with_by(name, value, &mut buffer), expected, "{before:?} {name}");
        }
    }

    #[test]
    fn order_is_by_pairs() {
        let of = |pairs: &[(&str, &str)]| Labels::from_pairs(pairs.iter().copied());
        assert!(of(&[("a", "1")]) < of(&[("a", "1"), ("b", "1")]));
        assert!(of(&[("a", "10")]) < of(&[("a", "9")]));
        assert!(of(&[("a", "2")]) < of(&[("b", "1")]));
    }

    #[test]
    fn display_quotes_what_needs_it() {
        let labels = Labels::from_pairs([("__name__", "my.metric"), ("a.b", "x\"y"), ("c", "1")]);
        assert_eq!(labels.to_string(), r#"{"my.metric", "a.b"="x\"y", c="1"}"#);
        assert_eq!(Labels::empty().to_string(), "{}");
        assert_eq!(Labels::from_pairs([("__name__", "up")]).to_string(), "up");
    }
}
