//! One sample for each series, all at one time.

use super::labelled::{HasLabels, Labelled};
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

impl HasLabels for InstantSample {
    fn labels(&self) -> &Labels {
        &self.labels
    }
}

/// The series of an instant vector, one sample each. In no special order, unless the query sorts.
///
/// It is a slice of [`InstantSample`] with the few ways more that [`Labelled`] has of looking into it.
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
pub type Vector = Labelled<InstantSample>;
