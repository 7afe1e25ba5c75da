//! A stretch of samples for each series.

use std::ops::Deref;
use std::sync::Arc;

use super::points::FloatPoints;
use crate::model::{Histogram, Labels, Timestamp};

/// One series of a matrix. Floats and histograms are kept apart; no timestamp occurs in both.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixSeries {
    /// Which series.
    pub labels: Labels,
    /// The float samples in order of time.
    pub floats: FloatPoints,
    /// The histogram samples in order of time, the times in ms.
    pub histograms: Vec<(Timestamp, Arc<Histogram>)>,
}

impl MatrixSeries {
    /// A series without histograms.
    pub fn new(labels: Labels, floats: FloatPoints) -> Self {
        MatrixSeries { labels, floats, histograms: Vec::new() }
    }
}

/// The series of a matrix, sorted by labels.
///
/// It is a slice of [`MatrixSeries`] with a few ways more of looking into it.
///
/// ```
/// use promqlite::{Engine, Labels, MemoryStore};
///
/// let store = MemoryStore::new();
/// let requests = Labels::metric("requests_total").with("job", "api");
/// for minute in 0..=10 {
///     store.append(&requests, minute * 60_000, minute as f64 * 30.0)?;
/// }
/// let query = "rate(requests_total[5m])";
/// let matrix = Engine::default().range(&store, query, 300_000, 600_000, 60_000)?.value.into_matrix()?;
/// let series = matrix.get([("job", "api")]).unwrap();
/// assert_eq!(series.floats.values().as_ref(), [0.5; 6]);
/// assert_eq!(series.floats.timestamps().first(), Some(&300_000));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix(Vec<MatrixSeries>);

impl Matrix {
    /// The series with exactly these labels, the name of the metric among them (as `__name__`) if it has one.
    pub fn get(&self, labels: impl Into<Labels>) -> Option<&MatrixSeries> {
        let labels = labels.into();
        self.iter().find(|one| one.labels == labels)
    }

    /// Those with all of these labels, and perhaps others.
    pub fn having<'a, N, V>(
        &'a self,
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> impl Iterator<Item = &'a MatrixSeries>
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
    pub fn only(&self) -> Option<&MatrixSeries> {
        match &self.0[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// As a plain `Vec`.
    pub fn into_vec(self) -> Vec<MatrixSeries> {
        self.0
    }
}

impl Deref for Matrix {
    type Target = [MatrixSeries];

    fn deref(&self) -> &[MatrixSeries] {
        &self.0
    }
}

impl From<Vec<MatrixSeries>> for Matrix {
    fn from(series: Vec<MatrixSeries>) -> Self {
        Matrix(series)
    }
}

impl<const N: usize> From<[MatrixSeries; N]> for Matrix {
    fn from(series: [MatrixSeries; N]) -> Self {
        Matrix(series.into())
    }
}

impl FromIterator<MatrixSeries> for Matrix {
    fn from_iter<I: IntoIterator<Item = MatrixSeries>>(series: I) -> Self {
        Matrix(series.into_iter().collect())
    }
}

impl IntoIterator for Matrix {
    type Item = MatrixSeries;
    type IntoIter = std::vec::IntoIter<MatrixSeries>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Matrix {
    type Item = &'a MatrixSeries;
    type IntoIter = std::slice::Iter<'a, MatrixSeries>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
