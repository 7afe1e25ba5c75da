//! The order of series by labels, kept so that no query has to sort label sets.

use super::postings::numbers_of;
use crate::model::Labels;

/// For the first so-and-so many series: their numbers in the order of their labels, and the way back.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// Numbers of series, sorted by labels.
    numbers: Vec<u32>,
    /// For each series, its place in `numbers`.
    ranks: Vec<u32>,
}

impl Order {
    /// How many series are in order.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The order in which `numbers` are.
    pub(super) fn new(numbers: Vec<u32>) -> Order {
        let mut ranks = vec![0; numbers.len()];
        for (rank, number) in numbers.iter().enumerate() {
            ranks[*number as usize] = rank as u32;
        }
        Order { numbers, ranks }
    }

    /// Whether so many new series are better ordered together with all others than put in between them.
    pub(super) fn is_outgrown_by(&self, count: usize) -> bool {
        count - self.len() > 100 + self.len() / 10
    }

    /// The order of all `count` series, given this one of the first ones: the new ones are sorted and put in between.
    pub(super) fn extended<'a>(&self, count: usize, labels: impl Fn(u32) -> &'a Labels) -> Order {
        let mut added: Vec<u32> = (self.len() as u32..count as u32).collect();
        added.sort_by(|a, b| labels(*a).cmp(labels(*b)));
        let mut numbers = Vec::with_capacity(count);
        let mut rest = self.numbers.as_slice();
        for number in added {
            let new = labels(number);
            let before = rest.partition_point(|known| labels(*known) < new);
            numbers.extend_from_slice(&rest[..before]);
            numbers.push(number);
            rest = &rest[before..];
        }
        numbers.extend_from_slice(rest);
        Order::new(numbers)
    }

    /// Brings numbers of series, each below [`len`](Order::len), into the order of their labels.
    pub(super) fn sort(&self, series: &mut Vec<u32>) {
        // Marking places costs a pass over all series, sorting places one over those that are wanted and more.
        if series.len() > self.len() / 32 {
            let mut marks = vec![0u64; self.len().div_ceil(64)];
            for &number in series.iter() {
                let rank = self.ranks[number as usize];
                marks[rank as usize / 64] |= 1 << (rank % 64);
            }
            *series = numbers_of(&marks, series.len());
        } else {
            series.iter_mut().for_each(|number| *number = self.ranks[*number as usize]);
            series.sort_unstable();
        }
        series.iter_mut().for_each(|rank| *rank = self.numbers[*rank as usize]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_and_sorts() {
        let names = ["m", "c", "x", "a", "z", "b", "n"];
        let labels: Vec<Labels> =
            names.iter().map(|name| Labels::from_pairs([("__name__", *name)])).collect();
        let mut order = Order::default();
        for count in [0, 1, 3, 4, 7] {
            order = order.extended(count, |number| &labels[number as usize]);
            let mut all: Vec<u32> = (0..count as u32).rev().collect();
            order.sort(&mut all);
            let mut expected: Vec<&str> = names[..count].to_vec();
            expected.sort_unstable();
            let sorted: Vec<&str> = all.iter().map(|number| names[*number as usize]).collect();
            assert_eq!(sorted, expected);
        }
    }

    #[test]
    fn few_and_many_are_sorted_alike() {
        let labels: Vec<Labels> =
            (0..1000).map(|i| Labels::from_pairs([("i", (i * 7919 % 1000).to_string())])).collect();
        let order = Order::default().extended(1000, |number| &labels[number as usize]);
        for step in [1, 3, 100] {
            let mut some: Vec<u32> = (0..1000).step_by(step).collect();
            order.sort(&mut some);
            assert_eq!(some.len(), 1000usize.div_ceil(step));
            assert!(some.windows(2).all(|pair| labels[pair[0] as usize] < labels[pair[1] as usize]));
        }
    }
}
