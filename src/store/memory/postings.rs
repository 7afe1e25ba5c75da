//! Lists of series numbers, rising: what each value of each label leads to, and what matchers make of them.

/// What is in both lists. The shorter one leads, and gallops through the longer one.
pub(super) fn intersect(a: &[u32], b: &[u32]) -> Vec<u32> {
    let (short, mut long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut common = Vec::with_capacity(short.len());
    for &number in short {
        long = skip_below(long, number);
        if long.first() == Some(&number) {
            common.push(number);
        }
    }
    common
}

/// Whether the lists have a number in common.
pub(super) fn overlap(a: &[u32], b: &[u32]) -> bool {
    let (short, mut long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    short.iter().any(|&number| {
        long = skip_below(long, number);
        long.first() == Some(&number)
    })
}

/// Takes out of `list` what is in `other`.
pub(super) fn subtract(list: &mut Vec<u32>, other: &[u32]) {
    let mut rest = other;
    list.retain(|&number| {
        rest = skip_below(rest, number);
        rest.first() != Some(&number)
    });
}

/// All numbers of lists that have none in common, such as those of the values of one label.
pub(super) fn union_of_disjoint<'a>(
    lists: impl Iterator<Item = &'a [u32]> + Clone,
    universe: usize,
) -> Vec<u32> {
    let total: usize = lists.clone().map(<[u32]>::len).sum();
    let count = lists.clone().count();
    if count <= 1 {
        return lists.flatten().copied().collect();
    }
    if total >= universe / 32 {
        let mut marks = vec![0u64; universe.div_ceil(64)];
        for &number in lists.flatten() {
            marks[number as usize / 64] |= 1 << (number % 64);
        }
        return numbers_of(&marks, total);
    }
    let mut all = Vec::with_capacity(total);
    all.extend(lists.flatten().copied());
    all.sort_unstable();
    all
}

/// The numbers of the bits that are set.
pub(super) fn numbers_of(marks: &[u64], count: usize) -> Vec<u32> {
    let mut numbers = Vec::with_capacity(count);
    for (at, &word) in marks.iter().enumerate() {
        let mut word = word;
        while word != 0 {
            numbers.push(at as u32 * 64 + word.trailing_zeros());
            word &= word - 1;
        }
    }
    numbers
}

/// The end of `list` from the first number on that is not below `least`: doubling steps, then halving ones.
fn skip_below(list: &[u32], least: u32) -> &[u32] {
    if list.first().is_none_or(|&first| first >= least) {
        return list;
    }
    let mut step = 1;
    while step < list.len() && list[step] < least {
        step *= 2;
    }
    let within = &list[step / 2..list.len().min(step + 1)];
    &list[step / 2 + within.partition_point(|&number| number < least)..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn list(set: &BTreeSet<u32>) -> Vec<u32> {
        set.iter().copied().collect()
    }

    proptest! {
        #[test]
        fn lists_behave_as_sets(a in btree_set(0u32..300, 0..200), b in btree_set(0u32..300, 0..20)) {
            let common: Vec<u32> = a.intersection(&b).copied().collect();
            prop_assert_eq!(intersect(&list(&a), &list(&b)), common.clone());
            prop_assert_eq!(intersect(&list(&b), &list(&a)), common.clone());
            prop_assert_eq!(overlap(&list(&a), &list(&b)), !common.is_empty());
            for (left, right) in [(&a, &b), (&b, &a)] {
                let mut rest = list(left);
                subtract(&mut rest, &list(right));
                prop_assert_eq!(rest, left.difference(right).copied().collect::<Vec<_>>());
            }
        }

        #[test]
        fn disjoint_lists_unite(owners in vec(0usize..6, 0..300), sparse in any::<bool>()) {
            let spread = if sparse { 100 } else { 1 };
            let mut lists = vec![Vec::new(); 5];
            let mut all = Vec::new();
            for (number, owner) in owners.iter().enumerate() {
                if let Some(list) = lists.get_mut(*owner) {
                    list.push(number as u32 * spread);
                    all.push(number as u32 * spread);
                }
            }
            let universe = owners.len() * spread as usize;
            prop_assert_eq!(union_of_disjoint(lists.iter().map(Vec::as_slice), universe), all);
        }
    }
}
