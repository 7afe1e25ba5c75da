//! What the commands that look around in the data have in common.

use std::borrow::Cow;

use promqlite::SeriesStore;
use promqlite::model::{Labels, Matcher, TimeRange};
use promqlite::store::{Metadata, SelectRequest, StoreError};

/// The labels of the series that match, sorted.
pub(crate) fn series_of(store: &dyn SeriesStore, matchers: &[Matcher]) -> Result<Vec<Labels>, StoreError> {
    let request = SelectRequest::new(matchers, TimeRange::ALL);
    store.select(&request)?.map(|series| Ok(series?.labels().clone())).collect()
}

/// The suffixes of series that share the metadata of one metric.
const SERIES_SUFFIXES: [&str; 4] = ["_bucket", "_count", "_sum", "_total"];

/// What is known of the metric that series of this name belong to.
pub(crate) fn describe<'s>(store: &'s dyn SeriesStore, name: &str) -> Option<Cow<'s, Metadata>> {
    let of_family = || SERIES_SUFFIXES.iter().find_map(|suffix| store.metadata(name.strip_suffix(suffix)?));
    store.metadata(name).or_else(of_family)
}

/// Whether `name` is like `pattern`, in which `*` stands for anything. A pattern without `*` may be any part of the name.
pub(crate) fn glob_matches(pattern: &str, name: &str) -> bool {
    if !pattern.contains('*') {
        return name.contains(pattern);
    }
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::glob_matches;

    #[test]
    fn patterns() {
        let table = [
            ("*", "up", true),
            ("", "up", true),
            ("http", "promhttp_metric", true),
            ("http*", "promhttp_metric", false),
            ("*_total", "a_total", true),
            ("*_total", "a_total_b", false),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "abc", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
            ("**", "x", true),
        ];
        for (pattern, name, expected) in table {
            assert_eq!(glob_matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
