//! A heap with a promise about equals: which of them comes first.
//!
//! Where sources disagree about a sample, the one counts that Prometheus reads, and which one that is hangs on the order
//! in which equals leave its heaps. So the steps of this heap are those of the heaps there (Go's `container/heap`).

/// Items of which the smallest comes first.
#[derive(Debug)]
pub(super) struct FirstOf<T>(Vec<T>);

impl<T> Default for FirstOf<T> {
    fn default() -> Self {
        FirstOf(Vec::new())
    }
}

impl<T> FirstOf<T> {
    /// The smallest item.
    pub(super) fn first(&self) -> Option<&T> {
        self.0.first()
    }

    /// Adds an item.
    pub(super) fn push(&mut self, item: T, is_less: impl Fn(&T, &T) -> bool) {
        self.0.push(item);
        let mut child = self.0.len() - 1;
        while child > 0 {
            let parent = (child - 1) / 2;
            if !is_less(&self.0[child], &self.0[parent]) {
                break;
            }
            self.0.swap(child, parent);
            child = parent;
        }
    }

    /// Takes the smallest item.
    pub(super) fn pop(&mut self, is_less: impl Fn(&T, &T) -> bool) -> Option<T> {
        let last = self.0.len().checked_sub(1)?;
        self.0.swap(0, last);
        let mut parent = 0;
        loop {
            let (left, right) = (2 * parent + 1, 2 * parent + 2);
            if left >= last {
                break;
            }
            let child = if right < last && is_less(&self.0[right], &self.0[left]) { right } else { left };
            if !is_less(&self.0[child], &self.0[parent]) {
                break;
            }
            self.0.swap(child, parent);
            parent = child;
        }
        self.0.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_equals() {
        let is_less = |a: &(i32, char), b: &(i32, char)| a.0 < b.0;
        let mut heap = FirstOf::default();
        for item in [(2, 'a'), (1, 'b'), (1, 'c'), (2, 'd'), (1, 'e'), (0, 'f')] {
            heap.push(item, is_less);
        }
        assert_eq!(heap.first(), Some(&(0, 'f')));
        let order: String = std::iter::from_fn(|| heap.pop(is_less)).map(|(_, name)| name).collect();
        assert_eq!(order, "fcebda");
    }
}
