//! A stretch of samples for each series.

use std::sync::Arc;

use super::labelled::{HasLabels, Labelled};
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

impl HasLabels for MatrixSeries {
    fn labels(&self) -> &Labels {
        &self.labels
    }
}

/// The series of a matrix, sorted by labels.
///
/// It is a slice of [`MatrixSeries`] with the few ways more that [`Labelled`] has of looking into it.
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
pub type Matrix = Labelled<MatrixSeries>;
