//! An `eval` command: a query, when to run it, and what has to come out.

use super::expect::{Expectation, ExpectedResult, ExpectedSeries, Steps, TextMatch};
use super::script::{Lines, ScriptProblem};
use crate::ingest::load::parse_line;
use crate::model::Timestamp;
use crate::model::go_format::parse_float;
use crate::syntax::{parse_duration, string_ahead};

/// An `eval` command.
#[derive(Clone, Debug)]
pub struct Eval {
    pub(super) query: String,
    pub(super) time: EvalTime,
    pub(super) expected: Expectation,
}

/// When a query is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvalTime {
    /// At one time, in ms.
    Instant(Timestamp),
    /// At steps of a range.
    Range {
        /// Time of the first step in ms.
        start: Timestamp,
        /// No step lies after this time, in ms.
        end: Timestamp,
        /// Distance of the steps in ms.
        step: i64,
    },
}

impl Eval {
    /// The text of the query.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// When it is run.
    pub fn time(&self) -> EvalTime {
        self.time
    }

    /// Reads the command whose first line is `text`; the lines that say what is expected are taken from `lines`.
    pub(super) fn parse(text: &str, lines: &mut Lines<'_>) -> Result<Eval, ScriptProblem> {
        let header = Header::parse(text)?;
        let mut block = Block::new(header.time);
        block.legacy(header.mode)?;
        while let Some((number, line)) = lines.next_of_block() {
            if block.line(line, number)? == Ends::Here {
                break;
            }
        }
        let (time, expected) = block.finish();
        Ok(Eval { query: header.query.to_owned(), time, expected })
    }
}

/// `eval_fail instant at 5m QUERY`: the words before the query.
struct Header<'a> {
    mode: &'a str,
    time: EvalTime,
    query: &'a str,
}

impl<'a> Header<'a> {
    fn parse(text: &'a str) -> Result<Self, ScriptProblem> {
        let mut words = Words(text.trim());
        let mode = match words.next()? {
            "eval" => "",
            word => word.strip_prefix("eval_").ok_or(ScriptProblem::EvalForm)?,
        };
        let time = match words.next()? {
            "instant" => {
                words.keyword("at")?;
                EvalTime::Instant(duration(words.next()?)?)
            }
            "range" => {
                words.keyword("from")?;
                let start = words.next()?;
                words.keyword("to")?;
                let end = words.next()?;
                words.keyword("step")?;
                let Steps { start, end, step } = steps(start, end, words.next()?)?;
                EvalTime::Range { start, end, step }
            }
            _ => return Err(ScriptProblem::EvalForm),
        };
        match words.0 {
            "" => Err(ScriptProblem::EvalForm),
            query => Ok(Header { mode, time, query }),
        }
    }
}

/// The words of a line, and what is left of it.
struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    fn next(&mut self) -> Result<&'a str, ScriptProblem> {
        let end = self.0.find(|c: char| c.is_ascii_whitespace()).ok_or(ScriptProblem::EvalForm)?;
        let (word, rest) = self.0.split_at(end);
        self.0 = rest.trim_start();
        Ok(word)
    }

    fn keyword(&mut self, keyword: &str) -> Result<(), ScriptProblem> {
        if self.next()? == keyword { Ok(()) } else { Err(ScriptProblem::EvalForm) }
    }
}

fn duration(text: &str) -> Result<i64, ScriptProblem> {
    parse_duration(text).map_err(ScriptProblem::Duration)
}

fn steps(start: &str, end: &str, step: &str) -> Result<Steps, ScriptProblem> {
    let steps = Steps { start: duration(start)?, end: duration(end)?, step: duration(step)? };
    if steps.end < steps.start {
        Err(ScriptProblem::EndBeforeStart)
    } else if steps.step == 0 {
        Err(ScriptProblem::ZeroStep)
    } else {
        Ok(steps)
    }
}

#[derive(PartialEq)]
enum Ends {
    Here,
    Later,
}

/// The lines below `eval`, while they are read.
struct Block {
    time: EvalTime,
    may_fail_by_name: bool,
    expected: Expectation,
    series: Vec<ExpectedSeries>,
    result: Option<ExpectedResult>,
}

impl Block {
    fn new(time: EvalTime) -> Self {
        Block {
            time,
            may_fail_by_name: false,
            expected: Expectation::default(),
            series: Vec::new(),
            result: None,
        }
    }

    /// What `eval_fail` and its like ask for.
    fn legacy(&mut self, mode: &str) -> Result<(), ScriptProblem> {
        let instant = matches!(self.time, EvalTime::Instant(_));
        match mode {
            "" => {}
            "fail" => {
                self.may_fail_by_name = true;
                self.expected.failure = Some(Vec::new());
            }
            "warn" => self.expected.warnings.some = true,
            "info" => self.expected.infos.some = true,
            "ordered" if instant => self.expected.ordered = true,
            _ => return Err(ScriptProblem::EvalForm),
        }
        Ok(())
    }

    fn line(&mut self, raw: &str, number: usize) -> Result<Ends, ScriptProblem> {
        let line = raw.trim();
        if self.may_fail_by_name {
            if let Some(text) = line.strip_prefix("expected_fail_message") {
                self.must_fail_with(TextMatch::exactly(text));
                return Ok(Ends::Here);
            }
            if let Some(pattern) = line.strip_prefix("expected_fail_regexp") {
                self.must_fail_with(TextMatch::pattern(pattern)?);
                return Ok(Ends::Here);
            }
        }
        if let Some(rest) = line.strip_prefix("expect range vector") {
            self.range_vector(rest)?;
        } else if let Some(rest) = line.strip_prefix("expect string") {
            self.string(rest)?;
        } else if line.split(' ').next() == Some("expect") {
            self.expect(line)?;
        } else if let Some(value) = number_line(line) {
            self.result = Some(ExpectedResult::Scalar(value));
            return Ok(Ends::Here);
        } else {
            self.series_line(raw, number)?;
        }
        Ok(Ends::Later)
    }

    fn must_fail_with(&mut self, text: TextMatch) {
        self.expected.failure.get_or_insert_default().push(text);
    }

    /// `expect range vector from 10s to 1m step 10s`. The query is then run at the last of these times.
    fn range_vector(&mut self, rest: &str) -> Result<(), ScriptProblem> {
        let words: Vec<&str> = rest.split_whitespace().collect();
        let ["from", start, "to", end, "step", step] = words[..] else {
            return Err(ScriptProblem::ExpectForm(format!("expect range vector{rest}")));
        };
        let EvalTime::Instant(time) = &mut self.time else {
            return Err(ScriptProblem::InstantOnly("expect range vector"));
        };
        let steps = steps(start, end, step)?;
        *time = steps.end;
        self.expected.range_vector = Some(steps);
        Ok(())
    }

    fn string(&mut self, rest: &str) -> Result<(), ScriptProblem> {
        if matches!(self.time, EvalTime::Range { .. }) {
            return Err(ScriptProblem::InstantOnly("expect string"));
        }
        let quoted = rest.trim();
        if !quoted.starts_with(['"', '`']) {
            return Err(ScriptProblem::Quoting);
        }
        let bytes = match string_ahead(quoted) {
            Ok((bytes, len)) if len == quoted.len() => bytes,
            _ => return Err(ScriptProblem::Quoting),
        };
        self.result = Some(ExpectedResult::Text(String::from_utf8_lossy(&bytes).into_owned()));
        Ok(())
    }

    /// `expect fail`, `expect warn msg: …` and their like.
    fn expect(&mut self, line: &str) -> Result<(), ScriptProblem> {
        let form = || ScriptProblem::ExpectForm(line.to_owned());
        let rest = line.strip_prefix("expect").ok_or_else(form)?.trim_start();
        let (kind, rest) = rest.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((rest, ""));
        let rest = rest.trim_start();
        let text = if rest.is_empty() {
            TextMatch::Any
        } else if let Some(message) = rest.strip_prefix("msg:") {
            TextMatch::exactly(message)
        } else if let Some(pattern) = rest.strip_prefix("regex:") {
            TextMatch::pattern(pattern)?
        } else {
            return Err(form());
        };
        let expected = &mut self.expected;
        match kind {
            "ordered" if matches!(self.time, EvalTime::Range { .. }) => {
                return Err(ScriptProblem::InstantOnly("expect ordered"));
            }
            "ordered" => expected.ordered = true,
            "fail" if expected.failure.as_ref().is_some_and(|texts| !texts.is_empty()) => {
                return Err(ScriptProblem::ManyFailures);
            }
            "fail" => self.must_fail_with(text),
            "warn" => expected.warnings.texts.push(text),
            "info" => expected.infos.texts.push(text),
            "no_warn" => expected.warnings.none = true,
            "no_info" => expected.infos.none = true,
            _ => return Err(form()),
        }
        for (annotations, kind) in [(&self.expected.warnings, "warn"), (&self.expected.infos, "info")] {
            if annotations.none && !annotations.texts.is_empty() {
                return Err(ScriptProblem::Contradiction(kind));
            }
        }
        Ok(())
    }

    fn series_line(&mut self, raw: &str, number: usize) -> Result<(), ScriptProblem> {
        let line = parse_line(raw, number).map_err(ScriptProblem::Series)?;
        let steps = match (self.time, self.expected.range_vector) {
            (EvalTime::Range { start, end, step }, _) => Some(Steps { start, end, step }),
            (EvalTime::Instant(_), steps) => steps,
        };
        match steps {
            None if line.values.len() != 1 => return Err(ScriptProblem::OneValue),
            Some(steps) if line.values.len() > steps.count() => {
                return Err(ScriptProblem::TooManyValues { steps: steps.count() });
            }
            _ => {}
        }
        if self.series.iter().any(|series| series.labels == line.labels) {
            return Err(ScriptProblem::DuplicateSeries(line.labels.to_string()));
        }
        self.series.push(ExpectedSeries {
            labels: line.labels,
            values: line.values,
            text: raw.trim().to_owned(),
        });
        Ok(())
    }

    fn finish(self) -> (EvalTime, Expectation) {
        let mut expected = self.expected;
        expected.result = self.result.unwrap_or(ExpectedResult::Series(self.series));
        (self.time, expected)
    }
}

/// A line with nothing but a number. Here the number may have a base, as in Go: `0x10`, `0b11`.
fn number_line(line: &str) -> Option<f64> {
    let (negative, digits) = match line.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, line.strip_prefix('+').unwrap_or(line)),
    };
    let lower = digits.to_ascii_lowercase();
    let based = match lower.as_bytes() {
        [b'0', b'x', ..] => i64::from_str_radix(&lower[2..], 16).ok(),
        [b'0', b'b', ..] => i64::from_str_radix(&lower[2..], 2).ok(),
        [b'0', b'o', ..] => i64::from_str_radix(&lower[2..], 8).ok(),
        [b'0', b'0'..=b'7', ..] => i64::from_str_radix(&lower[1..], 8).ok(),
        _ => None,
    };
    match based {
        Some(value) => Some(if negative { -(value as f64) } else { value as f64 }),
        None => parse_float(line).ok(),
    }
}
