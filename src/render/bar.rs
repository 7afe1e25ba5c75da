//! A share as a horizontal bar of blocks, an eighth of a character fine.
//!
//! ```
//! use promqlite::render::bar;
//!
//! assert_eq!(bar(0.5, 5), "██▌");
//! assert_eq!(bar(1.0, 3), "███");
//! assert_eq!(bar(0.001, 3), "▏");
//! ```

const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// A bar as long as `share` of `width` characters. What is more than nothing is seen; nothing, and what is no number, is
/// not.
pub fn bar(share: f64, width: usize) -> String {
    if share.is_nan() || share <= 0.0 {
        return String::new();
    }
    let eighths = ((share.min(1.0) * (width * 8) as f64).round() as usize).max(1);
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn never_longer_than_asked() {
        for (share, length) in [(0.0, 0), (-1.0, 0), (f64::NAN, 0), (0.01, 1), (0.99, 10), (7.0, 10)] {
            assert_eq!(bar(share, 10).chars().count(), length, "{share}");
        }
        assert_eq!(bar(f64::INFINITY, 2), "██");
        assert_eq!(bar(0.5, 0), "▏");
    }
}
