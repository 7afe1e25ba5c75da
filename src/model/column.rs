//! A column is one series over all steps of a query; a batch is as many columns as make a few thousand values.
//!
//! Floats are dense: a value for each step and a bit that tells whether it counts. Native histograms are kept
//! beside them, and only in columns that have any; a step holds a float or a histogram, never both.
//!
//! ```
//! use promqlite::model::column::Batch;
//!
//! let mut batch = Batch::default();
//! batch.reset(2, 3); // two series, three steps
//! batch.column_mut(1).set(2, 42.0);
//! assert_eq!(batch.column(1).get(2), Some(42.0));
//! assert_eq!(batch.column(0).get(2), None);
//! ```
//!
//! A batch is reused: `reset` keeps its memory. Values whose bit is not set are arbitrary, so whole-buffer
//! arithmetic may run over them, but nothing may be concluded from them.

use std::ops::Range;
use std::sync::Arc;

use super::histogram::Histogram;

/// A histogram, or none, for each step.
pub type HistogramSteps = Box<[Option<Arc<Histogram>>]>;

/// Several columns over the same steps, in one buffer.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    columns: usize,
    steps: usize,
    words: usize,
    values: Vec<f64>,
    present: Vec<u64>,
    /// Empty while no column has a histogram, else one place for each column.
    histograms: Vec<Option<HistogramSteps>>,
}

impl Batch {
    /// A batch of `columns` columns of `steps` steps without histograms, from its values, column after column, and
    /// their presence, each column in whole words. Buffers that are too short are filled with absent values.
    pub fn from_parts(columns: usize, steps: usize, mut values: Vec<f64>, mut present: Vec<u64>) -> Self {
        let words = steps.div_ceil(64);
        values.resize(columns * steps, 0.0);
        present.resize(columns * words, 0);
        Batch { columns, steps, words, values, present, histograms: Vec::new() }
    }

    /// Makes room for `columns` columns of `steps` steps, all absent.
    pub fn reset(&mut self, columns: usize, steps: usize) {
        self.columns = columns;
        self.steps = steps;
        self.words = steps.div_ceil(64);
        self.values.resize(columns * steps, 0.0);
        self.present.clear();
        self.present.resize(columns * self.words, 0);
        self.histograms.clear();
    }

    /// How many columns there are.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How many steps each column has.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Whether any column has histograms.
    pub fn has_histograms(&self) -> bool {
        !self.histograms.is_empty()
    }

    /// All values, column after column, present or not.
    pub fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }

    /// Forgets all histograms.
    pub fn drop_histograms(&mut self) {
        self.histograms.clear();
    }

    /// Column `i`, to read.
    pub fn column(&self, i: usize) -> Column<'_> {
        Column {
            values: &self.values[i * self.steps..(i + 1) * self.steps],
            present: &self.present[i * self.words..(i + 1) * self.words],
            histograms: self.histograms.get(i).and_then(|h| h.as_deref()),
        }
    }

    /// Column `i`, to write.
    pub fn column_mut(&mut self, i: usize) -> ColumnMut<'_> {
        ColumnMut {
            values: &mut self.values[i * self.steps..(i + 1) * self.steps],
            present: &mut self.present[i * self.words..(i + 1) * self.words],
            histograms: HistogramSlot { all: &mut self.histograms, column: i, columns: self.columns },
        }
    }

    /// Bytes of memory that the batch holds, histograms not counted.
    pub fn size_bytes(&self) -> usize {
        self.values.capacity() * 8 + self.present.capacity() * 8
    }
}

/// A column to read.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    /// A value for each step; arbitrary where the step's bit is not set.
    pub values: &'a [f64],
    /// Bit `i % 64` of word `i / 64` tells whether step `i` has a float. Bits past the last step are 0.
    pub present: &'a [u64],
    /// A histogram, or none, for each step, if the column has any.
    pub histograms: Option<&'a [Option<Arc<Histogram>>]>,
}

impl<'a> Column<'a> {
    /// Whether step `i` has a float.
    #[inline(always)]
    pub fn has(&self, i: usize) -> bool {
        self.present[i / 64] >> (i % 64) & 1 == 1
    }

    /// The float at step `i`.
    #[inline]
    pub fn get(&self, i: usize) -> Option<f64> {
        self.has(i).then(|| self.values[i])
    }

    /// The histogram at step `i`.
    #[inline]
    pub fn histogram(&self, i: usize) -> Option<&'a Arc<Histogram>> {
        self.histograms.and_then(|h| h[i].as_ref())
    }

    /// The steps that have a histogram, in rising order.
    pub fn histogram_steps(&self) -> impl Iterator<Item = usize> + 'a {
        let steps = self.histograms.unwrap_or_default();
        steps.iter().enumerate().filter(|(_, histogram)| histogram.is_some()).map(|(i, _)| i)
    }

    /// Whether no step has a float or a histogram.
    pub fn is_empty(&self) -> bool {
        self.present.iter().all(|w| *w == 0) && self.histograms.is_none_or(|h| h.iter().all(Option::is_none))
    }

    /// Whether every step has a float.
    pub fn is_full(&self) -> bool {
        is_full(self.present, self.values.len())
    }
}

/// Whether the first `steps` bits of `present` are all set.
pub fn is_full(present: &[u64], steps: usize) -> bool {
    let (whole, rest) = (steps / 64, steps % 64);
    present[..whole].iter().all(|w| *w == u64::MAX) && (rest == 0 || present[whole] == (1 << rest) - 1)
}

/// Sets the first `steps` bits of `present`.
pub fn set_full(present: &mut [u64], steps: usize) {
    let (whole, rest) = (steps / 64, steps % 64);
    present[..whole].fill(u64::MAX);
    if rest != 0 {
        present[whole] = (1 << rest) - 1;
    }
}

/// Sets the bits of `range`.
pub fn set_range(present: &mut [u64], range: Range<usize>) {
    if range.is_empty() {
        return;
    }
    let (first, last) = (range.start / 64, (range.end - 1) / 64);
    let (from, to) = (u64::MAX << (range.start % 64), u64::MAX >> (63 - (range.end - 1) % 64));
    if first == last {
        present[first] |= from & to;
        return;
    }
    present[first] |= from;
    present[first + 1..last].fill(u64::MAX);
    present[last] |= to;
}

/// Calls `f` with the index of each set bit, in rising order.
#[inline]
pub fn for_each_set(present: &[u64], mut f: impl FnMut(usize)) {
    for (w, &word) in present.iter().enumerate() {
        let mut word = word;
        while word != 0 {
            f(w * 64 + word.trailing_zeros() as usize);
            word &= word - 1;
        }
    }
}

/// A column to write.
#[derive(Debug)]
pub struct ColumnMut<'a> {
    /// A value for each step; arbitrary where the step's bit is not set.
    pub values: &'a mut [f64],
    /// Bit `i % 64` of word `i / 64` tells whether step `i` has a float. Bits past the last step stay 0.
    pub present: &'a mut [u64],
    /// Where the column's histograms go.
    pub histograms: HistogramSlot<'a>,
}

impl ColumnMut<'_> {
    /// How many steps the column has.
    pub fn steps(&self) -> usize {
        self.values.len()
    }

    /// Whether step `i` has a float.
    #[inline(always)]
    pub fn has(&self, i: usize) -> bool {
        self.present[i / 64] >> (i % 64) & 1 == 1
    }

    /// Gives step `i` a float.
    #[inline(always)]
    pub fn set(&mut self, i: usize, value: f64) {
        self.values[i] = value;
        self.present[i / 64] |= 1 << (i % 64);
    }

    /// Gives each step what `value` has for it, in order: a float or none.
    #[inline(always)]
    pub fn fill(&mut self, mut value: impl FnMut(usize) -> Option<f64>) {
        let steps = self.values.chunks_mut(64).zip(self.present.iter_mut());
        for (word, (values, present)) in steps.enumerate() {
            let mut bits = 0;
            for (i, slot) in values.iter_mut().enumerate() {
                let value = value(word * 64 + i);
                bits |= u64::from(value.is_some()) << i;
                *slot = value.unwrap_or(0.0);
            }
            *present = bits;
        }
    }

    /// Takes the float of step `i` away.
    #[inline(always)]
    pub fn unset(&mut self, i: usize) {
        self.present[i / 64] &= !(1 << (i % 64));
    }

    /// Gives step `i` a histogram.
    pub fn set_histogram(&mut self, i: usize, histogram: Arc<Histogram>) {
        let steps = self.values.len();
        self.histograms.get_or_insert(steps)[i] = Some(histogram);
    }

    /// Says that every step has a float.
    pub fn set_all_present(&mut self) {
        set_full(self.present, self.values.len());
    }

    /// Some steps of the column, as a column of its own; the first one has to be a multiple of 64. Histograms cannot be
    /// set in it unless it is all of the column.
    pub fn between(&mut self, steps: Range<usize>) -> ColumnMut<'_> {
        let words = steps.start / 64..steps.end.div_ceil(64).max(steps.start / 64);
        ColumnMut {
            values: &mut self.values[steps],
            present: &mut self.present[words],
            histograms: HistogramSlot {
                all: &mut *self.histograms.all,
                column: self.histograms.column,
                columns: self.histograms.columns,
            },
        }
    }

    /// The same column, to read.
    pub fn as_column(&self) -> Column<'_> {
        Column { values: self.values, present: self.present, histograms: self.histograms.get() }
    }

    /// Takes over all of `column`, which has as many steps.
    pub fn copy_from(&mut self, column: Column<'_>) {
        self.values.copy_from_slice(column.values);
        self.present.copy_from_slice(column.present);
        match column.histograms {
            Some(histograms) => self.histograms.get_or_insert(histograms.len()).clone_from_slice(histograms),
            None => self.histograms.clear(),
        }
    }
}

/// The place of one column's histograms in its batch; takes no memory until the first one is set.
#[derive(Debug)]
pub struct HistogramSlot<'a> {
    all: &'a mut Vec<Option<HistogramSteps>>,
    column: usize,
    columns: usize,
}

impl HistogramSlot<'_> {
    /// The column's histograms, if it has any.
    pub fn get(&self) -> Option<&[Option<Arc<Histogram>>]> {
        self.all.get(self.column).and_then(|h| h.as_deref())
    }

    /// The column's histograms, to change, if it has any.
    pub fn get_mut(&mut self) -> Option<&mut [Option<Arc<Histogram>>]> {
        self.all.get_mut(self.column).and_then(|h| h.as_deref_mut())
    }

    /// The column's histograms; room for `steps` is made if there is none.
    pub fn get_or_insert(&mut self, steps: usize) -> &mut [Option<Arc<Histogram>>] {
        if self.all.is_empty() {
            self.all.resize(self.columns, None);
        }
        self.all[self.column].get_or_insert_with(|| vec![None; steps].into())
    }

    /// Forgets the column's histograms.
    pub fn clear(&mut self) {
        if let Some(slot) = self.all.get_mut(self.column) {
            *slot = None;
        }
    }
}
