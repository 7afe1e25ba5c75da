//! The order of very many label sets, found by comparing numbers instead of texts.
//!
//! Sets that are sorted together mostly begin alike: the same metric, the same first labels. What comes right after
//! that decides, so it is made a number, and the numbers are sorted; only sets whose numbers are equal are looked at
//! again, further on.
//!
//! ```text
//! set 0   {instance="db:10", job="a"}            1 0 " j o b " a "      sorted: 1, 0, 2
//! set 1   {instance="db:1", job="a"}      ->     1 " j o b " a "        (a quote, the end of a
//! set 2   {instance="db:7", job="a"}             7 " j o b " a "        text, is below all else)
//!          shared: instance="db:
//! ```
//!
//! For that a set is seen as a row of symbols: each byte of a name or a value is a symbol, each name and value ends
//! with a symbol that is smaller than those, and behind the last value there are only smaller ones still. Rows of
//! symbols compare as the sets do. UTF-8 leaves enough bytes unused for the two extra symbols.

use super::labels::{Labels, Pieces};

/// How many symbols are compared at once.
const SYMBOLS: usize = 12;
/// Ends a name or a value.
const END_OF_PIECE: u8 = 1;
/// A byte `b` of a name or a value is the symbol `b + FIRST_BYTE`: at most 0xF6.
const FIRST_BYTE: u8 = 2;
/// So few sets are compared with each other.
const FEW: usize = 16;

/// Sorts `items` by their labels; those with equal labels stay in the order in which they are.
pub(crate) fn sort_by_labels<T>(items: &mut [T], labels: impl Fn(&T) -> &Labels) {
    if items.windows(2).all(|pair| labels(&pair[0]) <= labels(&pair[1])) {
        return;
    }
    let mut order = label_order(items.len() as u32, |i| labels(&items[i as usize]));
    // Each place gets the item that belongs there, by way of the places that are vacated one after the other.
    for start in 0..order.len() {
        let mut place = start;
        loop {
            let from = std::mem::replace(&mut order[place], place as u32) as usize;
            if from == start {
                break;
            }
            items.swap(place, from);
            place = from;
        }
    }
}

/// The numbers below `count` in the order of the sets that they have; numbers of equal sets rise.
fn label_order<'a>(count: u32, set: impl Fn(u32) -> &'a Labels) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count).collect();
    let mut keys = Vec::new();
    // What is still to be sorted: stretches of `order`.
    let mut unsorted = Vec::new();
    unsorted.push(0..order.len());
    while let Some(stretch) = unsorted.pop() {
        let start = stretch.start;
        let numbers = &mut order[stretch];
        if numbers.len() <= FEW {
            numbers.sort_by(|&a, &b| set(a).cmp(set(b)));
            continue;
        }
        let shared = Shared::by(numbers.iter().map(|&number| set(number)));
        keys.clear();
        keys.extend(numbers.iter().map(|&number| shared.key(set(number)) | u128::from(number)));
        keys.sort_unstable();
        let mut end = 0;
        while end < keys.len() {
            let first = end;
            let symbols = keys[first] >> 32;
            while end < keys.len() && keys[end] >> 32 == symbols {
                numbers[end] = keys[end] as u32;
                end += 1;
            }
            // Sets that share no symbol more than all of them do are all equal.
            if end - first > 1 && end - first < keys.len() {
                unsorted.push(start + first..start + end);
            }
        }
    }
    order
}

/// What some label sets begin with.
struct Shared<'a> {
    /// The encoded text of the names and values that all have.
    whole: &'a [u8],
    /// What the name or value after that begins with.
    part: &'a [u8],
}

impl<'a> Shared<'a> {
    fn by(mut sets: impl Iterator<Item = &'a Labels>) -> Self {
        let first = sets.next().map_or(&[][..], |first| first.pieces().rest);
        let mut shared = Shared { whole: first, part: &[] };
        for set in sets {
            shared.shrink(first, set);
        }
        shared
    }

    /// Keeps what `set` has, too.
    fn shrink(&mut self, first: &'a [u8], set: &Labels) {
        let mut own = set.pieces();
        if let Some(rest) = own.rest.strip_prefix(self.whole) {
            own.rest = rest;
        } else {
            let mut pieces = Pieces { rest: first };
            loop {
                let before = pieces.rest.len();
                let (piece, own_before) = (pieces.next(), own.clone());
                if piece != own.next() || piece.is_none() {
                    self.whole = &first[..first.len() - before];
                    self.part = piece.unwrap_or_default();
                    own = own_before;
                    break;
                }
            }
        }
        let piece = own.next().unwrap_or_default();
        if !piece.starts_with(self.part) {
            let same = self.part.iter().zip(piece).take_while(|(a, b)| a == b).count();
            self.part = &self.part[..same];
        }
    }

    /// The symbols of `set` that come next, from the highest bits on; the lowest 32 bits are 0.
    fn key(&self, set: &Labels) -> u128 {
        let mut symbols = [0; 16];
        let mut rest = &mut symbols[..SYMBOLS];
        let mut pieces = Pieces { rest: &set.pieces().rest[self.whole.len()..] };
        let mut skip = self.part.len();
        while let (false, Some(piece)) = (rest.is_empty(), pieces.next()) {
            let piece = &piece[skip..];
            skip = 0;
            let (now, later) = rest.split_at_mut(piece.len().min(rest.len()));
            now.iter_mut().zip(piece).for_each(|(symbol, byte)| *symbol = byte + FIRST_BYTE);
            rest = later;
            if let Some((end, later)) = std::mem::take(&mut rest).split_first_mut() {
                *end = END_OF_PIECE;
                rest = later;
            }
        }
        u128::from_be_bytes(symbols)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ab]{1,2}",
            "[01]{1,3}",
            "same, and longer than a key(a|b|\u{0}|\u{1}|é|\u{10ffff})?",
            "[01]{120,130}",
        ]
    }

    proptest! {
        #[test]
        fn the_same_order_as_by_comparing(
            sets in prop::collection::vec(prop::collection::vec((piece(), piece()), 0..4), 0..120),
            common in prop::collection::vec((piece(), piece()), 0..3),
        ) {
            let sets: Vec<Labels> =
                sets.into_iter().map(|own| Labels::from_pairs(own.into_iter().chain(common.clone()))).collect();
            let mut items: Vec<(usize, Labels)> = sets.iter().cloned().enumerate().collect();
            let mut expected = items.clone();
            expected.sort_by(|a, b| a.1.iter().cmp(&b.1));
            sort_by_labels(&mut items, |(_, labels)| labels);
            prop_assert_eq!(&items, &expected);
            let expected: Vec<u32> = expected.into_iter().map(|(i, _)| i as u32).collect();
            prop_assert_eq!(label_order(sets.len() as u32, |i| &sets[i as usize]), expected);
        }
    }

    #[test]
    fn numbers_in_one_label() {
        let sets: Vec<Labels> = (0..5000)
            .map(|i| Labels::from_pairs([("job", "db".to_owned()), ("v", format!("18{}", i * 7919 % 5000))]))
            .collect();
        let order = label_order(5000, |i| &sets[i as usize]);
        assert!(order.windows(2).all(|pair| sets[pair[0] as usize] < sets[pair[1] as usize]));
    }

    #[test]
    fn equal_sets_keep_their_order() {
        let (one, other) = (Labels::from_pairs([("a", "1")]), Labels::from_pairs([("a", "0")]));
        let order = label_order(100, |i| if i % 3 == 0 { &other } else { &one });
        let expected: Vec<u32> =
            (0..100).filter(|i| i % 3 == 0).chain((0..100).filter(|i| i % 3 != 0)).collect();
        assert_eq!(order, expected);
    }
}
