//! Records may be compressed. What they claim to unpack to is not believed.

use std::io::Read;

use super::super::error::Problem;

/// How a record is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    /// Snappy's block format.
    Snappy,
    /// A Zstandard frame.
    Zstd,
}

/// Snappy's shortest instruction, 3 bytes, gives 64 bytes at most.
const MAX_SNAPPY_RATIO: usize = 22;
/// No writer makes records that are larger.
const MAX_RECORD: u64 = 1 << 30;

/// The contents of a record; `buffer` takes them if they have to be unpacked.
pub(super) fn decompress<'a>(
    compression: Compression,
    bytes: &'a [u8],
    buffer: &'a mut Vec<u8>,
) -> Result<&'a [u8], Problem> {
    match compression {
        Compression::None => Ok(bytes),
        Compression::Snappy => {
            let invalid = |_| Problem::Invalid("this is not compressed with snappy");
            let len = snap::raw::decompress_len(bytes).map_err(invalid)?;
            if len > bytes.len().saturating_mul(MAX_SNAPPY_RATIO) {
                return Err(Problem::Invalid("a record claims to unpack to more than it can"));
            }
            buffer.clear();
            buffer.resize(len, 0);
            let len = snap::raw::Decoder::new().decompress(bytes, buffer).map_err(invalid)?;
            Ok(&buffer[..len])
        }
        Compression::Zstd => {
            let invalid = Problem::Invalid("this is not compressed with zstd");
            buffer.clear();
            let mut source = bytes;
            let Ok(decoder) = ruzstd::decoding::StreamingDecoder::new(&mut source) else {
                return Err(invalid);
            };
            match decoder.take(MAX_RECORD).read_to_end(buffer) {
                Ok(_) if source.is_empty() => Ok(buffer),
                _ => Err(invalid),
            }
        }
    }
}

/// The record, packed, if that makes it shorter.
pub(super) fn compress(record: &[u8]) -> Option<Vec<u8>> {
    let packed = snap::raw::Encoder::new().compress_vec(record).ok()?;
    (packed.len() < record.len()).then_some(packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpacking() {
        let text = b"so much so much so much so much so much so much".repeat(20);
        let packed = snap::raw::Encoder::new().compress_vec(&text).unwrap();
        let mut buffer = Vec::new();
        assert_eq!(decompress(Compression::Snappy, &packed, &mut buffer), Ok(&text[..]));
        // A zstd frame of one run: magic, a window of 1 KiB, the last block, 300 times the letter a.
        let run = [0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0x63, 9, 0, b'a'];
        assert_eq!(decompress(Compression::Zstd, &run, &mut buffer), Ok(&[b'a'; 300][..]));
    }

    #[test]
    fn claims_are_not_believed() {
        let mut buffer = Vec::new();
        // Four gigabytes out of seven bytes.
        let bomb = [0xff, 0xff, 0xff, 0xff, 0x0f, 0, b'a'];
        assert!(decompress(Compression::Snappy, &bomb, &mut buffer).is_err());
        assert!(buffer.capacity() < 1024);
        for len in 0..10 {
            let run = [0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0x63, 9, 0, b'a'];
            assert!(decompress(Compression::Zstd, &run[..len], &mut buffer).is_err(), "{len} bytes");
        }
    }
}
