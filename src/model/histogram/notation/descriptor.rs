//! One histogram between its braces: the fields, and what each of them takes.

use std::num::{IntErrorKind, ParseIntError};

use super::error::{NotationError, NotationErrorKind};
use super::scanner::{DESCRIPTION, SERIES_VALUES, Scanner, is_space};
use crate::model::go_format::{ParseFloatError, parse_float};
use crate::model::histogram::{BucketSpan, Buckets, CounterResetHint, Histogram};
use crate::model::sample::NORMAL_NAN_BITS;

/// Reads the histogram at the beginning of `text`, and tells how many bytes it takes.
///
/// # Errors
///
/// The first thing that is wrong, in Prometheus' words.
pub fn parse_histogram(text: &str) -> Result<(Histogram, usize), NotationError> {
    let (described, consumed) = parse_described(text)?;
    Ok((described.histogram, consumed))
}

/// As [`parse_histogram`], telling also whether the text has a counter reset hint: tests compare hints only where one
/// is written.
pub fn parse_described(text: &str) -> Result<(Described, usize), NotationError> {
    let mut scanner = Scanner::new(text);
    let described = scanner.histogram()?;
    Ok((described, scanner.at))
}

/// A histogram that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// The histogram.
    pub histogram: Histogram,
    /// Whether its counter reset hint was written, even if as `unknown`.
    pub hint_written: bool,
}

/// The fields, in the order of the bits that remember which were written.
const FIELDS: [(&str, Field); 11] = [
    ("schema", Field::Integer(|draft, value| draft.histogram.schema = value as i32)),
    ("count", Field::Number(|draft, value| draft.histogram.count = value)),
    ("sum", Field::Number(|draft, value| draft.histogram.sum = value)),
    ("z_bucket", Field::Number(|draft, value| draft.histogram.zero_count = value)),
    ("z_bucket_w", Field::UnsignedNumber(|draft, value| draft.histogram.zero_threshold = value)),
    ("custom_values", Field::List(|draft, values| draft.histogram.custom_values = values.into())),
    ("offset", Field::Integer(|draft, value| draft.offset = value as i32)),
    ("buckets", Field::List(|draft, values| draft.histogram.positive.counts = values)),
    ("n_offset", Field::Integer(|draft, value| draft.negative_offset = value as i32)),
    ("n_buckets", Field::List(|draft, values| draft.histogram.negative.counts = values)),
    ("counter_reset_hint", Field::Hint),
];

/// Whether a field has this name.
pub(super) fn is_field(word: &str) -> bool {
    FIELDS.iter().any(|(name, _)| word.eq_ignore_ascii_case(name))
}

/// What a field takes, and where it goes.
#[derive(Clone, Copy)]
enum Field {
    Integer(fn(&mut Draft, i64)),
    Number(fn(&mut Draft, f64)),
    UnsignedNumber(fn(&mut Draft, f64)),
    List(fn(&mut Draft, Vec<f64>)),
    Hint,
}

/// A histogram whose fields are being read.
#[derive(Default)]
struct Draft {
    histogram: Histogram,
    offset: i32,
    negative_offset: i32,
    written: u16,
    hint_written: bool,
}

impl Draft {
    fn finish(mut self) -> Described {
        fn span(buckets: &mut Buckets, offset: i32) {
            if let Ok(length @ 1..) = u32::try_from(buckets.counts.len()) {
                buckets.spans.push(BucketSpan { offset, length });
            }
        }
        span(&mut self.histogram.positive, self.offset);
        span(&mut self.histogram.negative, self.negative_offset);
        Described { histogram: self.histogram, hint_written: self.hint_written }
    }
}

impl<'t> Scanner<'t> {
    pub(super) fn histogram(&mut self) -> Result<Described, NotationError> {
        let mut draft = Draft::default();
        if !self.take("{{") {
            return Err(self.unexpected(self.at, SERIES_VALUES));
        }
        let open = self.at;
        self.spaces();
        if self.take("}}") {
            return Ok(draft.finish());
        }
        if self.at > open {
            return Err(self.unexpected(self.at, SERIES_VALUES));
        }
        loop {
            let context = if draft.written == 0 { SERIES_VALUES } else { DESCRIPTION };
            self.field(&mut draft, context)?;
            let spaces = self.spaces();
            if self.take("}}") {
                return Ok(draft.finish());
            }
            if !spaces {
                return Err(self.unexpected(self.at, DESCRIPTION));
            }
        }
    }

    fn field(&mut self, draft: &mut Draft, context: &'static str) -> Result<(), NotationError> {
        let start = self.at;
        let word = self.word();
        if word.is_empty() {
            return Err(self.unexpected(start, context));
        }
        let lower = word.to_ascii_lowercase();
        let Some(position) = FIELDS.iter().position(|(name, _)| *name == lower) else {
            return Err(self.unexpected(start, context));
        };
        let (name, field) = FIELDS[position];
        if !self.take(":") {
            return Err(NotationError { at: start, kind: NotationErrorKind::MissingColon });
        }
        match field {
            Field::Integer(set) => set(draft, self.integer(context)?),
            Field::Number(set) => set(draft, self.number(true, context)?),
            Field::UnsignedNumber(set) => set(draft, self.number(false, context)?),
            Field::List(set) => set(draft, self.list(context)?),
            Field::Hint => {
                draft.histogram.counter_reset_hint = self.hint(context)?;
                draft.hint_written = true;
            }
        }
        let bit = 1 << position;
        if draft.written & bit != 0 {
            return Err(NotationError { at: start, kind: NotationErrorKind::DuplicateField(name) });
        }
        draft.written |= bit;
        Ok(())
    }

    fn integer(&mut self, context: &'static str) -> Result<i64, NotationError> {
        let negative = self.take("-");
        let value = self.unsigned(context)? as i64;
        Ok(if negative { value.wrapping_neg() } else { value })
    }

    pub(super) fn repetitions(&mut self) -> Result<u64, NotationError> {
        if !self.take("x") {
            return Err(self.unexpected(self.at, SERIES_VALUES));
        }
        self.unsigned(SERIES_VALUES)
    }

    fn unsigned(&mut self, context: &'static str) -> Result<u64, NotationError> {
        let start = self.at;
        if !self.peek().is_some_and(|c| c.is_ascii_digit()) {
            return Err(self.unexpected(start, context));
        }
        let digits = self.number_token()?;
        digits.parse().map_err(|error: ParseIntError| {
            let out_of_range = *error.kind() == IntErrorKind::PosOverflow;
            NotationError {
                at: start,
                kind: NotationErrorKind::BadInteger { text: digits.to_owned(), out_of_range },
            }
        })
    }

    fn number(&mut self, signed: bool, context: &'static str) -> Result<f64, NotationError> {
        let negative = signed && self.take("-");
        if signed && !negative && self.rest().get(..4).is_some_and(|text| text.eq_ignore_ascii_case("+inf")) {
            self.at += 1;
        }
        let start = self.at;
        let value = match self.peek() {
            Some(c) if c.is_ascii_digit() || c == '.' && negative => {
                read_number(self.number_token()?).map_err(|kind| NotationError { at: start, kind })?
            }
            _ => match self.word() {
                word if word.eq_ignore_ascii_case("inf") => f64::INFINITY,
                word if word.eq_ignore_ascii_case("nan") => f64::from_bits(NORMAL_NAN_BITS),
                _ => return Err(self.unexpected(start, context)),
            },
        };
        Ok(if negative { -value } else { value })
    }

    fn list(&mut self, context: &'static str) -> Result<Vec<f64>, NotationError> {
        if !self.take("[") {
            return Err(self.unexpected(self.at, context));
        }
        let mut values = Vec::new();
        if self.take("]") {
            return Ok(values);
        }
        loop {
            let start = self.at;
            match self.peek() {
                Some('-' | '+' | '0'..='9' | 'A'..='Z' | 'a'..='z' | '_') => {
                    values.push(self.number(true, context)?)
                }
                Some(c) if is_space(c) => return Err(self.unexpected(start, context)),
                c => return Err(NotationError { at: start, kind: NotationErrorKind::UnexpectedInList(c) }),
            }
            let spaces = self.spaces();
            if self.take("]") {
                return Ok(values);
            }
            if !spaces {
                return Err(match self.peek() {
                    c @ (Some('}') | None) => {
                        NotationError { at: self.at, kind: NotationErrorKind::UnexpectedInList(c) }
                    }
                    _ => self.unexpected(self.at, context),
                });
            }
        }
    }

    fn hint(&mut self, context: &'static str) -> Result<CounterResetHint, NotationError> {
        use CounterResetHint as Hint;
        let start = self.at;
        let word = self.word();
        [Hint::Unknown, Hint::CounterReset, Hint::NotCounterReset, Hint::Gauge]
            .into_iter()
            .find(|hint| word.eq_ignore_ascii_case(hint.keyword()))
            .ok_or_else(|| self.unexpected(start, context))
    }
}

/// The value of a number's text. Whole numbers that begin with 0 are octal, as in Go.
fn read_number(text: &str) -> Result<f64, NotationErrorKind> {
    let octal =
        text.len() > 1 && text.starts_with('0') && text.bytes().all(|b| matches!(b, b'0'..=b'7' | b'_'));
    if octal
        && !text.ends_with('_')
        && let Ok(value) = i64::from_str_radix(&text.replace('_', ""), 8)
    {
        return Ok(value as f64);
    }
    parse_float(text).map_err(|error| NotationErrorKind::BadNumber {
        text: text.to_owned(),
        out_of_range: error == ParseFloatError::Range,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Histogram {
        let (histogram, consumed) = parse_histogram(text).unwrap();
        assert_eq!(consumed, text.len(), "{text}");
        histogram
    }

    fn buckets(offset: i32, counts: &[f64]) -> Buckets {
        let length = counts.len() as u32;
        Buckets { spans: vec![BucketSpan { offset, length }], counts: counts.to_vec() }
    }

    #[test]
    fn every_field() {
        assert_eq!(parse("{{}}"), Histogram::default());
        assert_eq!(parse("{{ }}"), Histogram::default());
        let expected = Histogram {
            counter_reset_hint: CounterResetHint::Gauge,
            schema: 1,
            sum: -0.3,
            count: 3.1,
            zero_count: 7.1,
            zero_threshold: 0.05,
            positive: buckets(-3, &[5.1, 10.0, -7.0]),
            negative: buckets(5, &[4.1, 5.0]),
            ..Histogram::default()
        };
        for text in [
            "{{schema:1 sum:-0.3 count:3.1 z_bucket:7.1 z_bucket_w:0.05 buckets:[5.1 10 -7] offset:-3 \
             n_buckets:[4.1 5] n_offset:5 counter_reset_hint:gauge}}",
            "{{n_offset:5  schema:1\tsum:-0.3  count:3.1  z_bucket:7.1 z_bucket_w:0.05 offset:-3 \
             buckets:[5.1 10  -7  ] counter_reset_hint:gauge n_buckets:[4.1 5]  }}",
            "{{SCHEMA:1 Sum:-0.3 COUNT:3.1 z_Bucket:7.1 z_bucket_W:0.05 Buckets:[5.1 10 -7] Offset:-3 \
             N_buckets:[4.1 5] n_offseT:5 counter_reset_hint:GAUGE}}",
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
        let custom = parse("{{schema:-53 custom_values:[5 10] buckets:[1 2 3]}}");
        assert_eq!(custom.custom_values[..], [5.0, 10.0]);
        assert!(custom.uses_custom_buckets());
    }

    #[test]
    fn hints() {
        for (word, hint) in [
            ("unknown", CounterResetHint::Unknown),
            ("reset", CounterResetHint::CounterReset),
            ("not_reset", CounterResetHint::NotCounterReset),
            ("gauge", CounterResetHint::Gauge),
        ] {
            let (described, _) = parse_described(&format!("{{{{counter_reset_hint:{word}}}}}")).unwrap();
            assert_eq!(described.histogram.counter_reset_hint, hint);
            assert!(described.hint_written);
        }
        assert!(!parse_described("{{sum:1}}").unwrap().0.hint_written);
    }

    #[test]
    fn numbers() {
        for (text, expected) in [
            ("{{sum:010}}", 8.0),
            ("{{sum:08}}", 8.0),
            ("{{sum:1_000}}", 1000.0),
            ("{{sum:1e3}}", 1000.0),
            ("{{sum:1.5e-3}}", 0.0015),
            ("{{sum:5.}}", 5.0),
            ("{{sum:inf}}", f64::INFINITY),
            ("{{sum:-Inf}}", f64::NEG_INFINITY),
            ("{{sum:+Inf}}", f64::INFINITY),
        ] {
            assert_eq!(parse(text).sum, expected, "{text}");
        }
        assert_eq!(parse("{{sum:NaN}}").sum.to_bits(), NORMAL_NAN_BITS);
        assert_eq!(
            parse("{{buckets:[1 Inf -.5 +Inf]}}").positive.counts,
            [1.0, f64::INFINITY, -0.5, f64::INFINITY]
        );
        assert_eq!(parse("{{buckets:[]}}"), Histogram::default());
    }

    #[test]
    fn errors() {
        const KEY: &str = "histogram description, expected histogram description key, e.g. buckets:[5 10 7]";
        for (text, at, message) in [
            ("{{schema:1 schema:1}}", 11, "duplicate key \"schema\" in histogram".to_owned()),
            ("{{foo:1}}", 2, "bad histogram descriptor found: \"foo\"".to_owned()),
            ("{{schema :1}}", 2, "missing `:` for histogram descriptor".to_owned()),
            ("{{schema: 1}}", 9, "unexpected \" \" in series values".to_owned()),
            ("{{buckets:[ 1]}}", 11, "unexpected \" \" in series values".to_owned()),
            ("{{counter_reset_hint:foo}}", 21, "bad histogram descriptor found: \"foo\"".to_owned()),
            ("{{sum:1 schema: 1}}", 15, format!("unexpected \" \" in {KEY}")),
            ("{{sum:1 2}}", 8, format!("unexpected number \"2\" in {KEY}")),
            ("{{sum:1 nan}}", 8, format!("unexpected number \"nan\" in {KEY}")),
            ("{{sum:1 12345678901}}", 8, format!("unexpected number \"1234567890\"... in {KEY}")),
            ("{{sum:1 -}}", 8, format!("unexpected <op:-> in {KEY}")),
            ("{{sum:}}", 6, "unexpected \"}}\" in series values".to_owned()),
            ("{{sum:reset}}", 6, "unexpected \"reset\" in series values".to_owned()),
            ("{{z_bucket_w:-1}}", 13, "unexpected <op:-> in series values".to_owned()),
            ("{{sum:1", 7, "histogram description incomplete unexpected: '\u{fffd}'".to_owned()),
            ("{{sum:1}", 7, "histogram description incomplete unexpected: '}'".to_owned()),
            ("{{sum:1 '", 8, r"histogram description incomplete unexpected: '\''".to_owned()),
            ("{{sum:1 \"", 8, "histogram description incomplete unexpected: '\"'".to_owned()),
            ("{{sum:1 é", 8, "histogram description incomplete unexpected: 'é'".to_owned()),
            ("{{buckets:[1 ;]}}", 13, "invalid character in buckets description: ';'".to_owned()),
            ("{{buckets:[1 2", 14, "invalid character in buckets description: '\u{fffd}'".to_owned()),
            ("{{sum:1m}}", 6, "bad number syntax: \"1\"".to_owned()),
            ("{{sum:1e_}}", 6, "bad number syntax: \"1e_\"".to_owned()),
            (
                "{{sum:1e}}",
                6,
                "error parsing number: strconv.ParseFloat: parsing \"1e\": invalid syntax".to_owned(),
            ),
            ("{{sum:1..}}", 6, "bad number syntax: \"1..\"".to_owned()),
            ("{{sum:1__}}", 6, "bad number syntax: \"1__\"".to_owned()),
            (
                "{{schema:1.5}}",
                9,
                "invalid repetition in series values: strconv.ParseUint: parsing \"1.5\": invalid syntax"
                    .to_owned(),
            ),
            (
                "{{offset:99999999999999999999}}",
                9,
                "invalid repetition in series values: strconv.ParseUint: parsing \"99999999999999999999\": \
                 value out of range"
                    .to_owned(),
            ),
            (
                "{{sum:1e999}}",
                6,
                "error parsing number: strconv.ParseFloat: parsing \"1e999\": value out of range".to_owned(),
            ),
        ] {
            let error = parse_histogram(text).unwrap_err();
            assert_eq!((error.to_string(), error.at), (message, at), "{text}");
        }
    }
}
