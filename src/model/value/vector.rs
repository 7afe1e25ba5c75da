//! One sample for each series, all at one time.

use std::ops::Deref;

use super::sample::SampleValue;
use crate::model::{Labels, Timestamp};

/// One series of an instant vector.
#[derive(Clone, Debug, PartialEq)]
pub struct InstantSample {
    /// Which series.
    pub labels: Labels,
    /// The time the query was evaluated at, in ms.
    pub timestamp: Timestamp,
    /// Float or histogram.
    pub value: SampleValue,
}

impl InstantSample {
    /// A sample at a time in ms.
    pub fn new(labels: Labels, timestamp: Timestamp, value: impl Into<SampleValue>) -> Self {
        InstantSample { labels, timestamp, value: value.into() }
    }
}

/// The series of an instant vector, one sample each. In no special order, unless the query sorts.
///
/// It is a slice of [`InstantSample`] with a few ways more of looking into it.
///
/// ```
/// use promqlite::{Engine, Labels, MemoryStore};
///
/// let store = MemoryStore::new();
/// for (code, count) in [("200", 95.0), ("404", 4.0), ("500", 1.0)] {
///     store.append(&Labels::metric("requests").with("code", code).with("job", "api"), 0, count)?;
/// }
/// let vector = Engine::default().instant(&store, "sum by (code) (requests)", 0)?.value.into_vector()?;
/// assert_eq!(vector.len(), 3);
/// assert_eq!(vector.get([("code", "404")]).unwrap().value, 4.0);
/// assert_eq!(vector.iter().filter_map(|sample| sample.value.as_float()).sum::<f64>(), 100.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vector(Vec<InstantSample>);

impl Vector {
    /// The sample with exactly these labels, the name of the metric among them (as `__name__`) if it has one.
    pub fn get(&self, labels: impl Into<Labels>) -> Option<&InstantSample> {
        let labels = labels.into();
        self.iter().find(|one| one.labels == labels)
    }

    /// Those with all of these labels, and perhaps others.
    pub fn having<'a, N, V>(
        &'a self,
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> impl Iterator<Item = &'a InstantSample>
    where
        N: AsRef<str> + 'a,
        V: AsRef<str> + 'a,
    {
        let pairs: Vec<(N, V)> = pairs.into_iter().collect();
        self.iter().filter(move |one| {
            pairs.iter().all(|(name, value)| one.labels.value(name.as_ref()) == value.as_ref())
        })
    }

    /// The only one there is; `None` when there are none, or several.
    pub fn only(&self) -> Option<&InstantSample> {
        match &self.0[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// As a plain `Vec`.
    pub fn into_vec(self) -> Vec<InstantSample> {
        self.0
    }
}

impl Deref for Vector {
    type Target = [InstantSample];

    fn deref(&self) -> &[InstantSample] {
        &self.0
    }
}

impl From<Vec<InstantSample>> for Vector {
    fn from(samples: Vec<InstantSample>) -> Self {
        Vector(samples)
    }
}

impl<const N: usize> From<[InstantSample; N]> for Vector {
    fn from(samples: [InstantSample; N]) -> Self {
        Vector(samples.into())
    }
}

impl FromIterator<InstantSample> for Vector {
    fn from_iter<I: IntoIterator<Item = InstantSample>>(samples: I) -> Self {
        Vector(samples.into_iter().collect())
    }
}

impl IntoIterator for Vector {
    type Item = InstantSample;
    type IntoIter = std::vec::IntoIter<InstantSample>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Vector {
    type Item = &'a InstantSample;
    type IntoIter = std::slice::Iter<'a, InstantSample>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
