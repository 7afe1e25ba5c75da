//! What a query answers for each series, found by its labels.
//!
//! An instant vector is a list of samples, a matrix one of stretches of samples; both are looked into in the same ways:
//!
//! ```
//! use promqlite::model::value::{InstantSample, Labelled};
//! use promqlite::Labels;
//!
//! let up = |job: &str| InstantSample::new(Labels::metric("up").with("job", job), 0, 1.0);
//! let list: Labelled<InstantSample> = ["api", "db"].map(up).into();
//! assert_eq!(list.len(), 2);
//! assert_eq!(list.having([("job", "db")]).count(), 1);
//! assert!(list.only().is_none());
//! ```

use std::ops::Deref;

use crate::model::Labels;

/// Something that belongs to a series.
pub trait HasLabels {
    /// The labels of the series.
    fn labels(&self) -> &Labels;
}

/// A list of what belongs to series, each of them once. It is a slice with a few ways more of looking into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled<T>(Vec<T>);

impl<T> Default for Labelled<T> {
    fn default() -> Self {
        Labelled(Vec::new())
    }
}

impl<T: HasLabels> Labelled<T> {
    /// The one with exactly these labels, the name of the metric among them (as `__name__`) if it has one.
    pub fn get(&self, labels: impl Into<Labels>) -> Option<&T> {
        let labels = labels.into();
        self.iter().find(|one| *one.labels() == labels)
    }

    /// Those with all of these labels, and perhaps others.
    pub fn having<'a, N, V>(&'a self, pairs: impl IntoIterator<Item = (N, V)>) -> impl Iterator<Item = &'a T>
    where
        N: AsRef<str> + 'a,
        V: AsRef<str> + 'a,
    {
        let pairs: Vec<(N, V)> = pairs.into_iter().collect();
        self.iter().filter(move |one| {
            pairs.iter().all(|(name, value)| one.labels().value(name.as_ref()) == value.as_ref())
        })
    }

    /// The only one there is; `None` when there are none, or several.
    pub fn only(&self) -> Option<&T> {
        match &self.0[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// As a plain `Vec`.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T> Deref for Labelled<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> From<Vec<T>> for Labelled<T> {
    fn from(items: Vec<T>) -> Self {
        Labelled(items)
    }
}

impl<T, const N: usize> From<[T; N]> for Labelled<T> {
    fn from(items: [T; N]) -> Self {
        Labelled(items.into())
    }
}

impl<T> FromIterator<T> for Labelled<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Labelled(items.into_iter().collect())
    }
}

impl<T> IntoIterator for Labelled<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Labelled<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
