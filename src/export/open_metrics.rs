//! OpenMetrics text of all samples that a selector selects, line by line as they are read from the store.
//!
//! ```
//! use promqlite::model::TimeRange;
//! use promqlite::{Labels, MemoryStore, export};
//!
//! let store = MemoryStore::new();
//! store.append(&Labels::from_pairs([("__name__", "up"), ("job", "node")]), 1_700_000_000_500, 1.0)?;
//! let mut text = Vec::new();
//! let exported = export::open_metrics(&store, &[&[]], TimeRange::ALL, &mut text)?;
//! assert_eq!(text, b"up{job=\"node\"} 1 1700000000.500\n# EOF\n");
//! assert_eq!((exported.series, exported.samples), (1, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The format has no native histograms, no stale markers and no series without a metric name: they are left out, as
//! `promtool tsdb dump-openmetrics` does, and counted. Numbers and times are written so that whoever reads them gets the
//! same float and the same millisecond. A NaN comes back as a NaN, whatever its payload was.

use std::fmt;
use std::fmt::Write as _;
use std::io;
use std::iter::Peekable;

use crate::model::go_format::write_json_number;
use crate::model::labels::{METRIC_NAME, is_legacy_label_name, is_legacy_metric_name};
use crate::model::{Labels, Matcher, TimeRange, Timestamp, is_stale};
use crate::store::{
    FloatBatch, Flow, HistogramBatch, SampleSink, SelectRequest, Series, SeriesIter, SeriesStore, StoreError,
};

/// What was written, and what could not be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Series that were written.
    pub series: u64,
    /// Their samples.
    pub samples: u64,
    /// Native histograms that were left out.
    pub histograms: u64,
    /// Stale markers that were left out.
    pub stale_markers: u64,
    /// Series that were left out because they have no metric name.
    pub nameless_series: u64,
}

/// Samples could not be exported.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExportError {
    /// They could not be read.
    Store(StoreError),
    /// They could not be written.
    Write(io::Error),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExportError::Store(error) => write!(f, "{error}"),
            ExportError::Write(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for ExportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ExportError::Store(error) => Some(error),
            ExportError::Write(error) => Some(error),
        }
    }
}

impl From<StoreError> for ExportError {
    fn from(error: StoreError) -> Self {
        ExportError::Store(error)
    }
}

/// The text is handed on when it has so many bytes.
const PIECE: usize = 64 << 10;

/// Writes the samples in `range` of the series that meet all matchers of one selector or another. Each call to `out` is
/// given whole lines, and no more than a few pieces of text are held at any time.
///
/// # Errors
///
/// When the store cannot read, or `out` not write. What was written up to there lacks the `# EOF` at its end.
pub fn open_metrics(
    store: &dyn SeriesStore,
    selectors: &[&[Matcher]],
    range: TimeRange,
    out: &mut dyn io::Write,
) -> Result<Exported, ExportError> {
    let view = store.view();
    let store = view.as_deref().unwrap_or(store);
    let mut union = Union { selected: Vec::with_capacity(selectors.len()) };
    for matchers in selectors {
        let request = SelectRequest::new(matchers, range);
        union.selected.push(store.select(&request)?.peekable());
    }
    let exported = Exported::default();
    let mut writer = Writer { out, text: String::new(), head: String::new(), exported, error: None };
    while let Some(series) = union.next() {
        let series = series?;
        if !writer.begin(series.labels()) {
            writer.exported.nameless_series += 1;
            continue;
        }
        let before = writer.exported.samples;
        series.read(range, &mut writer)?;
        writer.exported.series += u64::from(writer.exported.samples > before);
        if let Some(error) = writer.error {
            return Err(ExportError::Write(error));
        }
    }
    writer.text.push_str("# EOF\n");
    writer.flush().map_err(ExportError::Write)?;
    Ok(writer.exported)
}

/// The series that any of several selectors selects, sorted by labels, each once.
struct Union<'s> {
    selected: Vec<Peekable<SeriesIter<'s>>>,
}

impl<'s> Union<'s> {
    fn next(&mut self) -> Option<Result<Box<dyn Series + 's>, StoreError>> {
        let mut first: Option<(usize, Labels)> = None;
        for i in 0..self.selected.len() {
            match self.selected[i].peek() {
                Some(Ok(series)) if first.as_ref().is_none_or(|(_, labels)| series.labels() < labels) => {
                    first = Some((i, series.labels().clone()));
                }
                Some(Err(_)) => return self.selected[i].next(),
                _ => {}
            }
        }
        let (first, labels) = first?;
        for selected in &mut self.selected[first + 1..] {
            selected.next_if(|series| series.as_ref().is_ok_and(|series| *series.labels() == labels));
        }
        self.selected[first].next()
    }
}

/// Writes the samples of one series after the other.
struct Writer<'a> {
    out: &'a mut dyn io::Write,
    text: String,
    /// What each line of the series begins with.
    head: String,
    exported: Exported,
    error: Option<io::Error>,
}

impl Writer<'_> {
    /// Begins a series, if it has a name.
    fn begin(&mut self, labels: &Labels) -> bool {
        let name = labels.metric_name();
        self.head.clear();
        if name.is_empty() {
            return false;
        }
        let legacy = is_legacy_metric_name(name);
        let mut first = true;
        if legacy {
            self.head.push_str(name);
        } else {
            self.head.push('{');
            write_quoted(&mut self.head, name);
            first = false;
        }
        for (label, value) in labels.iter().filter(|(label, _)| *label != METRIC_NAME) {
            self.head.push(if first { '{' } else { ',' });
            first = false;
            if is_legacy_label_name(label) {
                self.head.push_str(label);
            } else {
                write_quoted(&mut self.head, label);
            }
            self.head.push('=');
            write_quoted(&mut self.head, value);
        }
        if !first {
            self.head.push('}');
        }
        self.head.push(' ');
        true
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(self.text.as_bytes())?;
        self.text.clear();
        Ok(())
    }
}

impl SampleSink for Writer<'_> {
    fn floats(&mut self, batch: FloatBatch<'_>) -> Flow {
        for (time, value) in batch.timestamps.iter().zip(batch.values) {
            if is_stale(*value) {
                self.exported.stale_markers += 1;
                continue;
            }
            self.exported.samples += 1;
            self.text.push_str(&self.head);
            write_json_number(&mut self.text, *value);
            self.text.push(' ');
            write_seconds(&mut self.text, *time);
            self.text.push('\n');
            if self.text.len() >= PIECE
                && let Err(error) = self.flush()
            {
                self.error = Some(error);
                return Flow::Stop;
            }
        }
        Flow::Continue
    }

    fn histograms(&mut self, batch: HistogramBatch<'_>) -> Flow {
        let stale = batch.values.iter().filter(|histogram| is_stale(histogram.sum)).count() as u64;
        self.exported.stale_markers += stale;
        self.exported.histograms += batch.values.len() as u64 - stale;
        Flow::Continue
    }
}

/// A string in quotes. The format knows three escapes.
fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A time in seconds. Readers multiply it by 1000 and cut off what lies behind the point; where that would give the
/// millisecond before, one more digit stands at the end.
fn write_seconds(out: &mut String, time: Timestamp) {
    let start = out.len();
    let sign = if time < 0 { "-" } else { "" };
    let magnitude = time.unsigned_abs();
    // Writing into a string does not fail.
    let _ = write!(out, "{sign}{}.{:03}", magnitude / 1000, magnitude % 1000);
    let read = out[start..].parse::<f64>().map_or(time, |seconds| (seconds * 1000.0) as Timestamp);
    if read != time {
        out.push('1');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest;
    use crate::model::STALE_NAN;
    use crate::store::{MemoryStore, SeriesData};

    fn export(store: &MemoryStore, selectors: &[&[Matcher]]) -> (String, Exported) {
        let mut text = Vec::new();
        let exported = open_metrics(store, selectors, TimeRange::ALL, &mut text).unwrap();
        (String::from_utf8(text).unwrap(), exported)
    }

    #[test]
    fn what_is_written_is_read_back() {
        let label_sets = [
            vec![("__name__", "plain")],
            vec![("__name__", "http.requests"), ("метка", "значение"), ("a b", "")],
            vec![("__name__", "with space"), ("quote", "a\"b\\c\nd\te\r"), ("le", "1e+06")],
            vec![("__name__", "a:b"), ("x", "{} # 1")],
        ];
        let values = [0.0, -0.0, 1.0, 1e21, 5e-324, f64::MAX, 0.1 + 0.2, f64::INFINITY, -f64::INFINITY, 1e6];
        let mut series = Vec::new();
        for (i, labels) in label_sets.into_iter().enumerate() {
            let mut data = SeriesData::new(Labels::from_pairs(labels));
            for (j, value) in values.iter().enumerate() {
                let far = (j as i64 - 5) * 347_123_456_789;
                data.floats.push(far + i as i64 * 37, *value, 0);
            }
            series.push(data);
        }
        series.sort_by(|a, b| a.labels.cmp(&b.labels));
        let store = MemoryStore::from_series(series.clone()).unwrap();
        let (text, exported) = export(&store, &[&[]]);
        assert_eq!((exported.series, exported.samples), (4, 40));
        let read = ingest::parse(text.as_bytes(), Some(ingest::Format::OpenMetrics), 0).unwrap();
        assert_eq!(read.series, series);
    }

    #[test]
    fn every_millisecond_is_read_back() {
        for start in [0, 1_699_999_999_000, -1_700_000_001_000, 253_402_300_799_000, 9_007_199_254_000] {
            for time in start..start + 2000 {
                let mut text = String::new();
                write_seconds(&mut text, time);
                assert_eq!((text.parse::<f64>().unwrap() * 1000.0) as i64, time, "{text}");
                assert!(text.len() <= 17, "{text}");
            }
        }
    }

    #[test]
    fn what_cannot_be_written_is_counted() {
        let store = MemoryStore::new();
        let up = Labels::from_pairs([("__name__", "up")]);
        for (time, value) in [(0, 1.0), (1, STALE_NAN), (2, f64::NAN)] {
            store.append(&up, time, value).unwrap();
        }
        store.append(&Labels::from_pairs([("job", "nameless")]), 0, 1.0).unwrap();
        store.append(&up, 3, crate::Histogram::default()).unwrap();
        let (text, exported) = export(&store, &[&[]]);
        assert_eq!(text, "up 1 0.000\nup NaN 0.002\n# EOF\n");
        let expected =
            Exported { series: 1, samples: 2, histograms: 1, stale_markers: 1, nameless_series: 1 };
        assert_eq!(exported, expected);
    }

    #[test]
    fn several_selectors_give_each_series_once() {
        let store = MemoryStore::new();
        for job in ["a", "b", "c", "d"] {
            store.append(&Labels::from_pairs([("__name__", "up"), ("job", job)]), 0, 1.0).unwrap();
        }
        let matcher = |value: &str| [Matcher::new(crate::model::MatchOp::Regex, "job", value).unwrap()];
        let (first, second) = (matcher("a|c"), matcher("c|d|a"));
        let (text, exported) = export(&store, &[&first, &second]);
        assert_eq!(text, "up{job=\"a\"} 1 0.000\nup{job=\"c\"} 1 0.000\nup{job=\"d\"} 1 0.000\n# EOF\n");
        assert_eq!(exported.series, 3);
        assert_eq!(export(&store, &[]).0, "# EOF\n");
    }
}
