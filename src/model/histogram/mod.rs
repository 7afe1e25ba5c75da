//! Native histograms.

/// A native histogram with float counts: spans of populated buckets, a zero bucket, count and sum.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// What is known about a counter reset between the sample before and this one.
    pub counter_reset_hint: CounterResetHint,
    /// Resolution: -4..=8 exponential, -53 custom bounds.
    pub schema: i32,
    /// Width of the zero bucket.
    pub zero_threshold: f64,
    /// Observations in the zero bucket.
    pub zero_count: f64,
    /// All observations.
    pub count: f64,
    /// Sum of all observations; the stale marker's bits here make the whole sample a stale marker.
    pub sum: f64,
    /// Where the positive buckets are.
    pub positive_spans: Vec<BucketSpan>,
    /// Where the negative buckets are.
    pub negative_spans: Vec<BucketSpan>,
    /// Absolute counts of the positive buckets.
    pub positive_buckets: Vec<f64>,
    /// Absolute counts of the negative buckets.
    pub negative_buckets: Vec<f64>,
    /// Upper bounds of the buckets when `schema` is -53.
    pub custom_values: std::sync::Arc<[f64]>,
}

/// A run of consecutive buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BucketSpan {
    /// Index of the first bucket for the first span, gap to the span before for the others.
    pub offset: i32,
    /// How many buckets the run has.
    pub length: u32,
}

/// What is known about a counter reset between the sample before and this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CounterResetHint {
    /// Nothing: it has to be found out by comparison.
    #[default]
    Unknown,
    /// There was a reset.
    CounterReset,
    /// There was none.
    NotCounterReset,
    /// The histogram is a gauge: resets mean nothing.
    Gauge,
}
