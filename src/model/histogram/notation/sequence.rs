//! Several histograms in one item: repeated, or each made from the one before it.

use super::error::{NotationError, NotationErrorKind};
use super::scanner::{SERIES_VALUES, Scanner};
use crate::model::histogram::Histogram;

/// Reads the item of a series' values at the beginning of `text` that begins with a histogram, and tells how many
/// bytes it takes: `{{..}}`, `{{..}}xN`, `{{..}}+{{..}}xN` or `{{..}}-{{..}}xN`.
pub fn parse_sequence(text: &str) -> Result<(Sequence, usize), NotationError> {
    let mut scanner = Scanner::new(text);
    let first = scanner.histogram()?;
    let mut sequence =
        Sequence { first: first.histogram, change: None, repeat: 0, hint_written: first.hint_written };
    match scanner.peek() {
        Some('x') => sequence.repeat = scanner.repetitions()?,
        Some(sign @ ('+' | '-')) => {
            scanner.at += 1;
            let change = scanner.histogram()?;
            sequence.hint_written = change.hint_written;
            sequence.change =
                Some(if sign == '+' { Change::Add(change.histogram) } else { Change::Sub(change.histogram) });
            if scanner.peek() != Some('x') {
                return Err(scanner.unexpected(scanner.at, SERIES_VALUES));
            }
            sequence.repeat = scanner.repetitions()?;
        }
        _ => {}
    }
    Ok((sequence, scanner.at))
}

/// A first histogram, and how others follow from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// The first value.
    pub first: Histogram,
    /// What leads from a value to the next; `None` when all are equal.
    pub change: Option<Change>,
    /// How many values follow the first one. Anybody can write a large number.
    pub repeat: u64,
    /// Whether a counter reset hint was written: with the change if there is one, else with the first value.
    pub hint_written: bool,
}

/// A step from one value of a [`Sequence`] to the next.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Adding this.
    Add(Histogram),
    /// Subtracting this.
    Sub(Histogram),
}

impl Sequence {
    /// The values, `repeat + 1` of them. The first error ends them.
    pub fn values(&self) -> impl Iterator<Item = Result<Histogram, NotationErrorKind>> + '_ {
        let first = Ok(self.first.clone());
        std::iter::successors(Some(first), |last| Some(self.following(last.as_ref().ok()?)))
            .take(usize::try_from(self.repeat).unwrap_or(usize::MAX).saturating_add(1))
    }

    fn following(&self, value: &Histogram) -> Result<Histogram, NotationErrorKind> {
        let mut next = value.clone();
        let combined = match &self.change {
            None => return Ok(next),
            Some(Change::Add(change) | Change::Sub(change)) if next.schema > change.schema => {
                return Err(NotationErrorKind::FinerThanChange { from: change.schema, to: next.schema });
            }
            Some(Change::Add(change)) => next.add(change),
            Some(Change::Sub(change)) => next.sub(change),
        };
        combined.map(|_| next).map_err(NotationErrorKind::Incompatible)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<Vec<String>, String> {
        let (sequence, consumed) = parse_sequence(text).map_err(|error| error.to_string())?;
        assert_eq!(consumed, text.len(), "{text}");
        let values = sequence.values().collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
        Ok(values.iter().map(Histogram::test_expression).collect())
    }

    #[test]
    fn values_of_sequences() {
        for (text, expected) in [
            ("{{sum:1}}", vec!["{{sum:1}}"]),
            ("{{sum:1}}x0", vec!["{{sum:1}}"]),
            ("{{sum:1}}x2", vec!["{{sum:1}}"; 3]),
            ("{{sum:1}}+{{sum:1}}x2", vec!["{{sum:1}}", "{{sum:2}}", "{{sum:3}}"]),
            ("{{buckets:[5 10]}}-{{buckets:[1 2]}}x1", vec!["{{buckets:[5 10]}}", "{{buckets:[4 8]}}"]),
            (
                "{{buckets:[5] schema:0}}+{{buckets:[1 2] schema:1}}x2",
                vec!["{{buckets:[5]}}", "{{buckets:[6 2]}}", "{{buckets:[7 4]}}"],
            ),
            ("{{schema:1}}+{{schema:0}}x0", vec!["{{schema:1}}"]),
        ] {
            assert_eq!(shown(text), Ok(expected.into_iter().map(str::to_owned).collect()), "{text}");
        }
    }

    #[test]
    fn a_sequence_ends_where_the_next_item_begins() {
        let (sequence, consumed) = parse_sequence("{{sum:1}}+{{sum:1}}x2 {{sum:2}}").unwrap();
        assert_eq!((sequence.repeat, consumed), (2, 21));
        let (_, consumed) = parse_sequence("{{}} _x3").unwrap();
        assert_eq!(consumed, 4);
    }

    #[test]
    fn the_hint_of_a_change_is_the_one_that_counts() {
        let written = |text| parse_sequence(text).unwrap().0.hint_written;
        assert!(written("{{counter_reset_hint:gauge}}x3"));
        assert!(!written("{{counter_reset_hint:gauge}}+{{sum:1}}x3"));
        assert!(written("{{sum:1}}+{{counter_reset_hint:gauge}}x3"));
    }

    #[test]
    fn errors() {
        for (text, message) in [
            (
                "{{buckets:[5 10 7] schema:1}}+{{buckets:[1 2 3] schema:0}}x2",
                "error combining histograms: cannot merge from schema 0 to 1",
            ),
            (
                "{{schema:-53}}+{{schema:0}}x2",
                "cannot apply this operation on histograms with a mix of exponential and custom bucket schemas",
            ),
            ("{{}}+{{}}", "histogram description incomplete unexpected: '\u{fffd}'"),
            (
                "{{}}x1.5",
                "invalid repetition in series values: strconv.ParseUint: parsing \"1.5\": invalid syntax",
            ),
        ] {
            assert_eq!(shown(text), Err(message.to_owned()), "{text}");
        }
    }
}
