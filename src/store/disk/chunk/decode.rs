//! From a chunk's bytes to columns, whatever its encoding.

use super::super::error::Problem;
use super::{Columns, float_histogram, histogram, xor, xor2};
use crate::model::Timestamp;

/// What is wrong with a chunk whose times do not rise.
pub(super) const NOT_RISING: Problem = Problem::Invalid("the times of the samples in a chunk do not rise");

/// How the samples of a chunk are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store::disk) enum Encoding {
    /// Floats.
    Xor,
    /// Histograms with whole counts.
    Histogram,
    /// Histograms with float counts.
    FloatHistogram,
    /// Floats, perhaps with start timestamps.
    Xor2,
    /// Histograms with whole counts and start timestamps.
    HistogramSt,
    /// Histograms with float counts and start timestamps.
    FloatHistogramSt,
}

impl Encoding {
    /// The encoding with this number.
    pub(in crate::store::disk) fn from_number(number: u8) -> Result<Self, Problem> {
        Ok(match number {
            1 => Encoding::Xor,
            2 => Encoding::Histogram,
            3 => Encoding::FloatHistogram,
            4 => Encoding::Xor2,
            5 => Encoding::HistogramSt,
            6 => Encoding::FloatHistogramSt,
            _ => return Err(Problem::Unknown { what: "chunk encoding", number: u64::from(number) }),
        })
    }

    /// The number that stands for the encoding in files.
    pub(in crate::store::disk) fn number(self) -> u8 {
        match self {
            Encoding::Xor => 1,
            Encoding::Histogram => 2,
            Encoding::FloatHistogram => 3,
            Encoding::Xor2 => 4,
            Encoding::HistogramSt => 5,
            Encoding::FloatHistogramSt => 6,
        }
    }

    /// Whether the samples are histograms.
    pub(in crate::store::disk) fn is_histogram(self) -> bool {
        !matches!(self, Encoding::Xor | Encoding::Xor2)
    }
}

/// Appends the samples of a chunk to the columns of their kind and tells the times of the first and the last one, or
/// `None` if the chunk has no sample. Times that do not rise are an error; nothing was appended then.
pub(in crate::store::disk) fn decode(
    encoding: Encoding,
    data: &[u8],
    columns: &mut Columns,
) -> Result<Option<(Timestamp, Timestamp)>, Problem> {
    decode_until(encoding, data, Timestamp::MAX, columns)
}

/// The same; samples behind `until` may be left out.
pub(in crate::store::disk) fn decode_until(
    encoding: Encoding,
    data: &[u8],
    until: Timestamp,
    columns: &mut Columns,
) -> Result<Option<(Timestamp, Timestamp)>, Problem> {
    let start = (columns.floats.len(), columns.histograms.len());
    match encoding {
        Encoding::Xor => xor::decode(data, until, &mut columns.floats)?,
        Encoding::Xor2 => xor2::decode(data, &mut columns.floats)?,
        Encoding::Histogram => histogram::decode(data, false, &mut columns.histograms)?,
        Encoding::HistogramSt => histogram::decode(data, true, &mut columns.histograms)?,
        Encoding::FloatHistogram => float_histogram::decode(data, false, &mut columns.histograms)?,
        Encoding::FloatHistogramSt => float_histogram::decode(data, true, &mut columns.histograms)?,
    }
    let new = if encoding.is_histogram() {
        &columns.histograms.timestamps[start.1..]
    } else {
        &columns.floats.timestamps[start.0..]
    };
    let ends = new.first().copied().zip(new.last().copied());
    // The XOR encoding sees to it itself, as it has to look at each time anyway.
    let rising = encoding == Encoding::Xor
        || new.iter().zip(new.get(1..).unwrap_or_default()).fold(true, |rising, (a, b)| rising & (a < b));
    if !rising {
        columns.floats.truncate(start.0);
        columns.histograms.truncate(start.1);
        return Err(NOT_RISING);
    }
    Ok(ends)
}
