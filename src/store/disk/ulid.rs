//! The names of blocks: ULIDs, 128 bits as 26 characters that sort by the time of creation.
//!
//! ```text
//! 01FYRNS3T7 P7V2WHRHN90K0RWS
//! ms since   80 random bits
//! 1970
//! ```
//!
//! Each character stands for five bits. `I`, `L`, `O` and `U` are not used; the first character is at most `7`.

use std::fmt;
use std::str::FromStr;

const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 26;

/// The name of a block.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ulid(u128);

impl Ulid {
    /// The ULID of something with these contents that ends at `time`, in ms. The same contents get the same name.
    pub(super) fn for_contents(time: i64, contents: u64) -> Self {
        let time = time.clamp(0, (1 << 48) - 1) as u128;
        // Half of the bits are as good as chance; the others are spread from them.
        let spread = contents.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
        Ulid(time << 80 | u128::from(contents) << 16 | u128::from(spread))
    }

    /// The next name, for when this one is taken.
    pub(super) fn next(self) -> Self {
        Ulid(self.0.wrapping_add(1) & (u128::MAX >> 2))
    }
}

/// A text that is no ULID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAUlid;

impl FromStr for Ulid {
    type Err = NotAUlid;

    fn from_str(text: &str) -> Result<Self, NotAUlid> {
        if text.len() != LENGTH || text.as_bytes()[0] > b'7' {
            return Err(NotAUlid);
        }
        let mut number = 0;
        for byte in text.bytes() {
            let digit =
                DIGITS.iter().position(|digit| *digit == byte.to_ascii_uppercase()).ok_or(NotAUlid)?;
            number = number << 5 | digit as u128;
        }
        Ok(Ulid(number))
    }
}

impl fmt::Display for Ulid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit = |i: usize| DIGITS[(self.0 >> (5 * (LENGTH - 1 - i)) & 31) as usize] as char;
        (0..LENGTH).try_for_each(|i| write!(f, "{}", digit(i)))
    }
}

impl fmt::Debug for Ulid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for NotAUlid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a ULID")
    }
}

impl std::error::Error for NotAUlid {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for text in ["01FYRNS3T7P7V2WHRHN90K0RWS", "00000000000000000000000000", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"]
        {
            assert_eq!(text.parse::<Ulid>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "wal",
            "chunks_head",
            "81FYRNS3T7P7V2WHRHN90K0RWS",
            "01FYRNS3T7P7V2WHRHN90K0RWU",
            "01FYRNS3T7P7V2WHRHN90K0RWé",
        ] {
            assert_eq!(text.parse::<Ulid>(), Err(NotAUlid), "{text}");
        }
    }
}
