//! A binary heap over two slices, keys and what they belong to.
//!
//! Which of several equal values `topk` gives up depends on how the heap moves them, so this one moves them as
//! Prometheus' does (Go's `container/heap`): the last child up, the root down to the smaller child. The root is the
//! smallest key, and NaN is smaller than anything, another NaN included.
//!
//! ```text
//! push 3, 1, 2   ->  [1, 3, 2]       replace the root by 9   ->  [2, 3, 9]
//! ```

/// Whether `a` belongs above `b`.
fn above(a: f64, b: f64) -> bool {
    a.is_nan() || a < b
}

/// The last element is new: moves it up to its place.
pub(super) fn push(keys: &mut [f64], members: &mut [u32]) {
    let mut child = keys.len().saturating_sub(1);
    while child > 0 {
        let parent = (child - 1) / 2;
        if !above(keys[child], keys[parent]) {
            break;
        }
        keys.swap(child, parent);
        members.swap(child, parent);
        child = parent;
    }
}

/// Puts a key and what it belongs to in the place of the root: what is smaller moves up into the gap until it fits.
#[inline(always)]
pub(super) fn replace_root(keys: &mut [f64], members: &mut [u32], key: f64, member: u32) {
    let members = &mut members[..keys.len()];
    let mut gap = 0;
    loop {
        let left = 2 * gap + 1;
        if left >= keys.len() {
            break;
        }
        let right = left + 1;
        let child = if right < keys.len() && above(keys[right], keys[left]) { right } else { left };
        if !above(keys[child], key) {
            break;
        }
        (keys[gap], members[gap]) = (keys[child], members[child]);
        gap = child;
    }
    (keys[gap], members[gap]) = (key, member);
}

/// Sorts a heap from the largest key down, NaN last. Short ones keep the order that insertion gives to equal keys.
pub(super) fn sort_descending(keys: &mut [f64], members: &mut [u32]) {
    /// Go's `sort` inserts one by one up to this length.
    const INSERTION: usize = 12;
    if keys.len() <= INSERTION {
        for end in 1..keys.len() {
            let mut i = end;
            while i > 0 && above(keys[i - 1], keys[i]) {
                keys.swap(i - 1, i);
                members.swap(i - 1, i);
                i -= 1;
            }
        }
        return;
    }
    let mut sorted: Vec<(f64, u32)> = keys.iter().copied().zip(members.iter().copied()).collect();
    sorted.sort_by(|(a, _), (b, _)| b.partial_cmp(a).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())));
    for (i, (key, member)) in sorted.into_iter().enumerate() {
        (keys[i], members[i]) = (key, member);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heap_of(values: &[f64]) -> (Vec<f64>, Vec<u32>) {
        let (mut keys, mut members) = (Vec::new(), Vec::new());
        for (i, value) in values.iter().enumerate() {
            keys.push(*value);
            members.push(i as u32);
            push(&mut keys, &mut members);
        }
        (keys, members)
    }

    #[test]
    fn the_smallest_is_the_root() {
        let (mut keys, mut members) = heap_of(&[3.0, 1.0, 2.0]);
        assert_eq!((keys.as_slice(), members.as_slice()), (&[1.0, 3.0, 2.0][..], &[1, 0, 2][..]));
        replace_root(&mut keys, &mut members, 9.0, 3);
        assert_eq!((keys.as_slice(), members.as_slice()), (&[2.0, 3.0, 9.0][..], &[2, 0, 3][..]));
    }

    #[test]
    fn sorted_from_the_largest_with_nan_last() {
        for more in [0, 20] {
            let mut values = vec![2.0, f64::NAN, 5.0, f64::NEG_INFINITY, 5.0];
            values.extend((0..more).map(|i| f64::from(-i)));
            let (mut keys, mut members) = heap_of(&values);
            sort_descending(&mut keys, &mut members);
            assert!(keys.last().is_some_and(|last| last.is_nan()));
            assert!(keys[..keys.len() - 1].windows(2).all(|pair| pair[0] >= pair[1]));
            assert_eq!(keys[..3], [5.0, 5.0, 2.0]);
            for (key, member) in keys.iter().zip(&members) {
                assert_eq!(key.to_bits(), values[*member as usize].to_bits());
            }
        }
    }
}
