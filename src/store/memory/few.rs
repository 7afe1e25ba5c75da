//! A list that mostly has one element, and then takes no memory of its own: what one series consists of lies with it.

/// A list of few elements.
#[derive(Clone, Debug)]
pub(super) struct Few<T> {
    first: Option<T>,
    /// Empty when there is no first.
    others: Vec<T>,
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Few { first: None, others: Vec::new() }
    }
}

impl<T> Few<T> {
    pub(super) fn push(&mut self, element: T) {
        match self.first {
            None => self.first = Some(element),
            Some(_) => self.others.push(element),
        }
    }

    /// Takes the last element out.
    pub(super) fn pop(&mut self) -> Option<T> {
        self.others.pop().or_else(|| self.first.take())
    }

    pub(super) fn last(&self) -> Option<&T> {
        self.others.last().or(self.first.as_ref())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// The element, if there is one and no other.
    pub(super) fn only(self) -> Option<T> {
        self.first.filter(|_| self.others.is_empty())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> + Clone {
        self.first.iter().chain(&self.others)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.first.iter_mut().chain(&mut self.others)
    }
}

impl<T> IntoIterator for Few<T> {
    type Item = T;
    type IntoIter = std::iter::Chain<std::option::IntoIter<T>, std::vec::IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_keep_their_order() {
        let mut few = Few::default();
        assert_eq!(few.pop(), None);
        for i in 0..3 {
            few.push(i);
        }
        assert_eq!(few.last(), Some(&2));
        few.iter_mut().for_each(|element| *element += 10);
        assert_eq!(few.iter().copied().collect::<Vec<_>>(), [10, 11, 12]);
        assert_eq!(few.clone().only(), None);
        assert_eq!((few.pop(), few.pop()), (Some(12), Some(11)));
        assert_eq!(few.clone().only(), Some(10));
        assert_eq!(few.into_iter().collect::<Vec<_>>(), [10]);
    }
}
