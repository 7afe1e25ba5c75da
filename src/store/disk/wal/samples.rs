//! Lists of samples in a record.
//!
//! ```text
//! without start timestamps:
//!   series, time      8 bytes each, to begin with
//!   each sample       distances to these, varints; then the value
//!
//! with start timestamps:
//!   first sample      series, time and start: varints; then the value
//!   each other        distance to the series before and to the first time, varints;
//!                     start: a byte 0 for unknown, 1 for the one of the sample before, or 2 and then its distance
//!                     to the first start, a varint; then the value
//! ```

use super::super::bytes::{Decoder, Encoder};
use super::super::error::{Corruption, Problem};
use super::record::Sample;

/// Reads samples without start timestamps to the end of the record.
pub(super) fn read<V>(
    decoder: &mut Decoder<'_>,
    mut value: impl FnMut(&mut Decoder<'_>) -> Result<V, Corruption>,
    mut found: impl FnMut(Sample<V>),
) -> Result<(), Corruption> {
    if decoder.is_empty() {
        return Ok(());
    }
    let first_series = decoder.be64()?;
    let first_time = decoder.be64()? as i64;
    while !decoder.is_empty() {
        let series = first_series.wrapping_add(decoder.varint()? as u64);
        let time = first_time.wrapping_add(decoder.varint()?);
        found(Sample { series, time, start: 0, value: value(decoder)? });
    }
    Ok(())
}

/// Reads samples with start timestamps to the end of the record.
pub(super) fn read_with_starts<V>(
    decoder: &mut Decoder<'_>,
    mut value: impl FnMut(&mut Decoder<'_>) -> Result<V, Corruption>,
    mut found: impl FnMut(Sample<V>),
) -> Result<(), Corruption> {
    if decoder.is_empty() {
        return Ok(());
    }
    let mut series = decoder.varint()? as u64;
    let first_time = decoder.varint()?;
    let first_start = decoder.varint()?;
    let (mut time, mut start) = (first_time, first_start);
    loop {
        found(Sample { series, time, start, value: value(decoder)? });
        if decoder.is_empty() {
            return Ok(());
        }
        series = series.wrapping_add(decoder.varint()? as u64);
        time = first_time.wrapping_add(decoder.varint()?);
        let here = decoder.clone();
        start = match decoder.u8()? {
            0 => 0,
            1 => start,
            2 => first_start.wrapping_add(decoder.varint()?),
            number => {
                return Err(
                    here.error(Problem::Unknown { what: "mark of a start timestamp", number: number.into() })
                );
            }
        };
    }
}

/// Writes samples behind the type of the record: with start timestamps if `with_starts`.
pub(super) fn write<V>(
    record: &mut Encoder,
    samples: &[Sample<V>],
    with_starts: bool,
    mut value: impl FnMut(&mut Encoder, &V),
) {
    let Some(first) = samples.first() else { return };
    if !with_starts {
        record.be64(first.series);
        record.be64(first.time as u64);
        for sample in samples {
            record.varint(sample.series.wrapping_sub(first.series) as i64);
            record.varint(sample.time.wrapping_sub(first.time));
            value(record, &sample.value);
        }
        return;
    }
    record.varint(first.series as i64);
    record.varint(first.time);
    record.varint(first.start);
    value(record, &first.value);
    for pair in samples.windows(2) {
        let [before, sample] = pair else { continue };
        record.varint(sample.series.wrapping_sub(before.series) as i64);
        record.varint(sample.time.wrapping_sub(first.time));
        if sample.start == 0 {
            record.u8(0);
        } else if sample.start == before.start {
            record.u8(1);
        } else {
            record.u8(2);
            record.varint(sample.start.wrapping_sub(first.start));
        }
        value(record, &sample.value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let mut record = Vec::new();
        record.extend(7u64.to_be_bytes());
        record.extend(1000u64.to_be_bytes());
        record.extend([0, 0, b'a', 3, 2, b'b']);
        let mut samples = Vec::new();
        read(&mut Decoder::new(&record, 0), |d| d.u8(), |sample| samples.push(sample)).unwrap();
        let sample = |series, time, start, value| Sample { series, time, start, value };
        assert_eq!(samples, [sample(7, 1000, 0, b'a'), sample(5, 1001, 0, b'b')]);
    }

    #[test]
    fn distances_with_starts() {
        // Series 7 at 50 since 10; series 9 at 51 since the same; series 8 at 49 since unknown; series 9 at 50 since 11.
        let record = [14, 100, 20, b'a', 4, 2, 1, b'b', 1, 1, 0, b'c', 2, 0, 2, 2, b'd'];
        let mut samples = Vec::new();
        read_with_starts(&mut Decoder::new(&record, 0), |d| d.u8(), |sample| samples.push(sample)).unwrap();
        let sample = |series, time, start, value| Sample { series, time, start, value };
        let expected = [
            sample(7, 50, 10, b'a'),
            sample(9, 51, 10, b'b'),
            sample(8, 49, 0, b'c'),
            sample(9, 50, 11, b'd'),
        ];
        assert_eq!(samples, expected);
        let wrong = [14, 100, 20, b'a', 4, 2, 3];
        assert!(read_with_starts(&mut Decoder::new(&wrong, 0), |d| d.u8(), |_| ()).is_err());
    }
}
