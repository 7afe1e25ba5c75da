//! A `load` command: an interval and lines of series, whose values get their times here.

use std::collections::HashMap;

use super::error::{LoadError, LoadProblem};
use super::line::{SequenceValue, SeriesLine, parse_line};
use super::start_times::{self, StartTimesLine};
use super::with_nhcb;
use crate::model::{Labels, Timestamp};
use crate::store::SeriesData;
use crate::syntax::parse_duration;

/// The first line of a command: `load 1m` or `load_with_nhcb 1m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadBlock {
    /// Time between two values of a line in ms.
    pub interval: i64,
    /// Whether classic histograms are loaded as native ones too.
    pub with_nhcb: bool,
}

/// Reads a text of `load` commands. The first value of each line is at the time `start`, in ms.
///
/// A command ends at a blank line or at the next command; lines that start with `#` are comments.
pub fn read(text: &str, start: Timestamp) -> Result<Vec<SeriesData>, LoadError> {
    let mut lines = text.lines().enumerate().map(|(i, line)| (i + 1, line)).peekable();
    let mut loaded = Vec::new();
    while let Some((number, line)) = lines.next() {
        if is_blank(line) {
            continue;
        }
        let block = LoadBlock::parse(line, number)?;
        let belongs = |(_, line): &(usize, &str)| !is_blank(line) && LoadBlock::parse(line, 0).is_err();
        let body: Vec<_> = std::iter::from_fn(|| lines.next_if(belongs)).collect();
        loaded.extend(block.read(body, start)?);
    }
    Ok(loaded)
}

fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

impl LoadBlock {
    /// Reads the first line of a command, which is line number `number`.
    pub fn parse(line: &str, number: usize) -> Result<LoadBlock, LoadError> {
        let indent = line.len() - line.trim_start().len();
        let wrong = |column: usize, problem| LoadError { line: number, column: column + 1, problem };
        let (command, interval) = line
            .trim()
            .split_once(|c: char| c.is_ascii_whitespace())
            .ok_or_else(|| wrong(indent, LoadProblem::Command))?;
        let with_nhcb = match command {
            "load" => false,
            "load_with_nhcb" => true,
            _ => return Err(wrong(indent, LoadProblem::Command)),
        };
        let text = interval.trim();
        let column = line.trim_end().len() - text.len();
        let interval = parse_duration(text).map_err(|error| wrong(column, LoadProblem::Interval(error)))?;
        Ok(LoadBlock { interval, with_nhcb })
    }

    /// Reads the lines of the command, each with its number. The first value of each line is at the time `start`.
    ///
    /// Of two lines for one series the later counts, as upstream.
    pub fn read<'a>(
        self,
        lines: impl IntoIterator<Item = (usize, &'a str)>,
        start: Timestamp,
    ) -> Result<Vec<SeriesData>, LoadError> {
        let mut loaded: Vec<SeriesData> = Vec::new();
        let mut places: HashMap<Labels, usize> = HashMap::new();
        let mut pending: Option<(usize, StartTimesLine)> = None;
        let lonely =
            |number| LoadError { line: number, column: 1, problem: LoadProblem::StartTimesWithoutSamples };
        let mut last = 1;
        for (number, text) in lines {
            last = number;
            if let Some(start_times) = start_times::parse(text, number)? {
                if let Some((number, _)) = pending {
                    return Err(lonely(number));
                }
                pending = Some((number, start_times));
                continue;
            }
            let line = parse_line(text, number)?;
            let offsets = match pending.take() {
                None => Vec::new(),
                Some((number, start_times)) if start_times.labels != line.labels => {
                    return Err(lonely(number));
                }
                Some((number, start_times)) if start_times.offsets.len() != line.values.len() => {
                    let problem = LoadProblem::StartTimesCount {
                        start_times: start_times.offsets.len(),
                        samples: line.values.len(),
                    };
                    return Err(LoadError { line: number, column: 1, problem });
                }
                Some((_, start_times)) => start_times.offsets,
            };
            let series = self.place(line, &offsets, start).ok_or(LoadError {
                line: number,
                column: 1,
                problem: LoadProblem::TimeOutOfRange,
            })?;
            match places.get(&series.labels) {
                Some(&at) => loaded[at] = series,
                None => {
                    places.insert(series.labels.clone(), loaded.len());
                    loaded.push(series);
                }
            }
        }
        if let Some((number, _)) = pending {
            return Err(lonely(number));
        }
        if self.with_nhcb {
            let converted = with_nhcb::convert(&loaded, last)?;
            loaded.extend(converted);
        }
        Ok(loaded)
    }

    /// Gives each value its time; `None` when a time is beyond the last one that there is.
    fn place(self, line: SeriesLine, offsets: &[Option<i64>], start: Timestamp) -> Option<SeriesData> {
        let mut series = SeriesData::new(line.labels);
        for (i, value) in line.values.into_iter().enumerate() {
            let timestamp = start.checked_add(self.interval.checked_mul(i as i64)?)?;
            let start_timestamp = match offsets.get(i).copied().flatten() {
                Some(offset) => timestamp.checked_add(offset)?,
                None => 0,
            };
            match value {
                SequenceValue::Omitted => {}
                SequenceValue::Float(value) => _ = series.push_with_start(timestamp, value, start_timestamp),
                SequenceValue::Histogram { histogram, .. } => {
                    series.push_with_start(timestamp, histogram, start_timestamp);
                }
            }
        }
        Some(series)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Result<Vec<String>, String> {
        let loaded = read(text, 1000).map_err(|error| error.to_string())?;
        let series = loaded.iter().map(|series| {
            let floats = &series.floats;
            let samples = floats.timestamps.iter().zip(&floats.values).enumerate().map(
                |(i, (time, value))| match floats.start_timestamps.get(i) {
                    None | Some(0) => format!("{value}@{time}"),
                    Some(start) => format!("{value}@{start}..{time}"),
                },
            );
            format!("{} {}", series.labels, samples.collect::<Vec<_>>().join(" "))
        });
        Ok(series.collect())
    }

    #[test]
    fn values_get_their_times() {
        let text = "# comment\nload 10s\n  a 1 _ stale 3\n  # comment\n\nload 1m\nb{x=\"y\"} 5x1\nload 500ms\n c 1+1x2";
        assert_eq!(
            texts(text).unwrap(),
            ["a 1@1000 NaN@21000 3@31000", "b{x=\"y\"} 5@1000 5@61000", "c 1@1000 2@1500 3@2000"]
        );
    }

    #[test]
    fn the_later_of_two_lines_counts() {
        assert_eq!(texts("load 1s\n a 1 2\n b 3\n a 4").unwrap(), ["a 4@1000", "b 3@1000"]);
    }

    #[test]
    fn start_times_stand_before_their_samples() {
        assert_eq!(
            texts("load 1s\n a@st _ 0 -5s\n a 1 2 3").unwrap(),
            ["a 1@1000 2@2000..2000 3@-2000..3000"]
        );
    }

    #[test]
    fn refused() {
        for (text, expected) in [
            ("lod 1m\n a 1", "1:1: expected load <interval> or load_with_nhcb <interval>"),
            ("  load\n a 1", "1:3: expected load <interval> or load_with_nhcb <interval>"),
            ("load 1x\n a 1", "1:6: unknown unit \"x\" in duration \"1x\""),
            ("load 1m\n a 1\n b 1x", "3:6: \"\" is not a number of repetitions"),
            (
                "load 1m\n a@st 0\n b 1",
                "2:1: expected the samples of the same series in the line after the @st line",
            ),
            (
                "load 1m\n a@st 0",
                "2:1: expected the samples of the same series in the line after the @st line",
            ),
            (
                "load 1m\n a@st 0\n a@st 0\n a 1",
                "2:1: expected the samples of the same series in the line after the @st line",
            ),
            ("load 1m\n a@st 0\n a 1 2", "2:1: the @st line has 1 values, the line of samples has 2"),
            ("load 290y\n a 1x2000000", "2:1: the values reach past the last time that there is"),
        ] {
            assert_eq!(texts(text).unwrap_err(), expected, "{text}");
        }
    }
}
