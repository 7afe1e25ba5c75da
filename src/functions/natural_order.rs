//! The order of label values for `sort_by_label`: numbers in them by their size.
//!
//! ```
//! use promqlite::functions::natural_order;
//!
//! let mut names = ["node10", "node9", "node1-b", "node"];
//! names.sort_by(|a, b| natural_order::compare(a, b));
//! assert_eq!(names, ["node", "node1-b", "node9", "node10"]);
//! ```
//!
//! A text is cut into runs of digits and runs of anything else. The first runs that differ decide, as numbers if
//! both are digits, else byte by byte; a text that is the beginning of another one comes first
//! (`github.com/facette/natsort`). Texts that differ by leading zeros alone, of which upstream says that each
//! comes before the other, are ordered the other way round than bytes would be.

use std::cmp::Ordering;

/// Compares two texts.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut runs_a, mut runs_b) = (Runs(a), Runs(b));
    loop {
        let order = match (runs_a.next(), runs_b.next()) {
            (None, None) => return b.cmp(a),
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) if is_number(a) && is_number(b) => compare_numbers(a, b),
            (Some(a), Some(b)) => a.cmp(b),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn is_number(run: &str) -> bool {
    run.starts_with(|c: char| c.is_ascii_digit())
}

/// However long they are.
fn compare_numbers(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// The runs of digits and of anything else in a text.
struct Runs<'a>(&'a str);

impl<'a> Iterator for Runs<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let digits = self.0.chars().next()?.is_ascii_digit();
        let end = self.0.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(self.0.len());
        let (run, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(run)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn in_order() {
        let sorted = [
            "",
            "-",
            "1",
            "01",
            "1a",
            "2",
            "10",
            "10-1",
            "10-2",
            "99999999999999999999",
            "a",
            "a1",
            "a1b",
            "a2",
            "a10",
            "ä9",
            "ä10",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&j), "{a:?} and {b:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn is_a_total_order(a in "[0-3a.é]{0,6}", b in "[0-3a.é]{0,6}", c in "[0-3a.é]{0,6}") {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &b).is_eq(), a == b);
            if compare(&a, &b).is_le() && compare(&b, &c).is_le() {
                prop_assert!(compare(&a, &c).is_le());
            }
        }
    }
}
