//! How a store that is written to keeps its data.

/// Two hours in ms.
pub(super) const BLOCK_RANGE: i64 = 2 * 60 * 60 * 1000;
/// 31 days in ms.
const MAX_BLOCK_RANGE: i64 = 31 * 24 * 60 * 60 * 1000;

/// How a store that is written to keeps its data.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DiskOptions {
    /// Stretch of time in ms that a block cut from the head has: two hours, as with Prometheus.
    pub block_range: i64,
    /// Stretch of time in ms that compacted blocks may grow to: 31 days.
    pub max_block_range: i64,
    /// How long samples are kept, in ms, counted back from the end of the newest block. Blocks are removed as a whole.
    /// Without it they are kept for ever.
    pub retention_time: Option<i64>,
    /// Bytes that blocks may take before the oldest are removed.
    pub retention_bytes: Option<u64>,
    /// Whether samples that come late are refused, as a server does by default: those that are not later than the last of
    /// their series with "out of order sample", and those that are earlier than the end of the newest block with "out of
    /// bounds". Otherwise they are taken, however late, and become blocks that overlap others until they are compacted.
    /// Another value at a time that has one is refused in any case, with "duplicate sample for timestamp".
    pub refuse_late: bool,
    /// So many samples that came late are held in memory before they are written into blocks of their own.
    pub late_samples: usize,
}

impl Default for DiskOptions {
    fn default() -> Self {
        DiskOptions {
            block_range: BLOCK_RANGE,
            max_block_range: MAX_BLOCK_RANGE,
            retention_time: None,
            retention_bytes: None,
            refuse_late: false,
            late_samples: 1_000_000,
        }
    }
}

impl DiskOptions {
    /// Stretch of time in ms that a block cut from the head has, at least 1.
    pub(super) fn block_range(&self) -> i64 {
        self.block_range.max(1)
    }

    /// The stretches of time that blocks grow through, each three times the one before, the shortest first.
    pub(super) fn ranges(&self) -> impl Iterator<Item = i64> {
        let most = self.max_block_range.max(self.block_range());
        std::iter::successors(Some(self.block_range()), |range| range.checked_mul(3))
            .take_while(move |range| *range <= most)
    }
}
