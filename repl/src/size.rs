//! Sizes as people read them.

use std::fmt;

/// A number of bytes: `512 B`, `1.8 KiB`, `276 MiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        if self.0 < 1024 {
            return write!(f, "{} B", self.0);
        }
        let (mut size, mut unit) = (self.0 as f64 / 1024.0, 0);
        // 1023.96 KiB would be written as 1024.
        while size >= 1023.5 && unit + 1 < units.len() {
            (size, unit) = (size / 1024.0, unit + 1);
        }
        let digits = usize::from(size < 9.95);
        write!(f, "{size:.digits$} {}", units[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::Bytes;

    #[test]
    fn three_digits_at_most_but_below_the_next_unit() {
        let table = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1843, "1.8 KiB"),
            (10_180, "9.9 KiB"),
            (10_200, "10 KiB"),
            (1_048_570, "1.0 MiB"),
            (289_406_976, "276 MiB"),
            (u64::MAX, "16 EiB"),
        ];
        for (bytes, text) in table {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }
}
