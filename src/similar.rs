//! Names that look alike, for "did you mean".

/// The names that differ least from `word`, at most `count` of them, the most alike first. What differs in more than a
/// third of its characters is not alike; a name that contains the word is.
///
/// ```
/// use promqlite::similar::nearest;
///
/// let names = ["http_requests_total", "http_request_duration_seconds", "up"];
/// assert_eq!(nearest("http_request_total", names, 3), ["http_requests_total"]);
/// assert_eq!(nearest("duration", names, 3), ["http_request_duration_seconds"]);
/// ```
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>, count: usize) -> Vec<&'a str> {
    let limit = match word.chars().count() {
        0 => return Vec::new(),
        1..=5 => 1,
        length => length / 3,
    };
    let lower = word.to_lowercase();
    let mut near: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let other = name.to_lowercase();
            let contains = lower.len() >= 3 && other.contains(&lower);
            let edits =
                if other.len().abs_diff(lower.len()) <= limit { edits(&lower, &other) } else { usize::MAX };
            match (edits <= limit, contains) {
                (true, _) => Some((edits, name)),
                (false, true) => Some((limit + 1 + other.len() - lower.len(), name)),
                (false, false) => None,
            }
        })
        .collect();
    near.sort();
    near.into_iter().take(count).map(|(_, name)| name).collect()
}

/// How many characters have to be put in, taken out or replaced to make `b` of `a`; two that changed places count once.
pub fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("rate", "rate"), 0);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("ab", "ba"), 1);
        assert_eq!(edits("größe", "grösse"), 2);
    }

    #[test]
    fn the_most_alike_first() {
        let names = ["code", "node", "mode", "job", "instance"];
        assert_eq!(nearest("cod", names, 2), ["code"]);
        assert_eq!(nearest("CODE", names, 2), ["code", "mode"]);
        assert_eq!(nearest("stance", names, 2), ["instance"]);
        assert!(nearest("", names, 2).is_empty());
        assert!(nearest("completely", names, 2).is_empty());
    }
}
