//! A histogram as text, in the two forms that Prometheus has.
//!
//! One is for people and for the labels that `count_values` makes: each populated bucket with its bounds. The other
//! is the notation of test scripts, which [`notation`](super::notation) reads.
//!
//! ```
//! use promqlite::model::histogram::notation::parse_histogram;
//!
//! let text = "{{schema:1 count:6 sum:9.5 z_bucket:1 z_bucket_w:0.01 offset:2 buckets:[3 0 2]}}";
//! let histogram = parse_histogram(text).unwrap().0;
//! let told = "{count:6, sum:9.5, [-0.01,0.01]:1, (1.414213562373095,2]:3, (2.82842712474619,4]:2}";
//! assert_eq!(histogram.to_string(), told);
//! assert_eq!(histogram.test_expression(), text);
//! ```

use std::fmt::{self, Write};

use super::buckets::Bucket;
use super::structure::{Buckets, CounterResetHint, Histogram};
use crate::model::go_format::format_g;

/// Count, sum and the populated buckets from the lowest value to the highest, each at its full width.
impl fmt::Display for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{count:{}, sum:{}", format_g(self.count), format_g(self.sum))?;
        let mut negative: Vec<Bucket> = self.negative_buckets().collect();
        negative.reverse();
        let zero = (!self.uses_custom_buckets()).then(|| self.zero_bucket());
        for bucket in negative.into_iter().chain(zero).chain(self.positive_buckets()) {
            if bucket.count != 0.0 {
                write!(f, ", {bucket}")?;
            }
        }
        f.write_char('}')
    }
}

/// The bounds, in brackets that tell which of them belong to the bucket, and the count.
impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = if self.lower_inclusive { '[' } else { '(' };
        let close = if self.upper_inclusive { ']' } else { ')' };
        write!(f, "{open}{},{}{close}:{}", format_g(self.lower), format_g(self.upper), format_g(self.count))
    }
}

impl Histogram {
    /// The histogram in the notation of test scripts, `{{schema:1 count:2 ...}}`. Fields that are zero are left out,
    /// and so is an unknown hint.
    ///
    /// The notation has one run of buckets on each side; gaps become empty buckets.
    pub fn test_expression(&self) -> String {
        let mut fields = Vec::new();
        if self.schema != 0 {
            fields.push(format!("schema:{}", self.schema));
        }
        for (key, value) in [
            ("count", self.count),
            ("sum", self.sum),
            ("z_bucket", self.zero_count),
            ("z_bucket_w", self.zero_threshold),
        ] {
            if value != 0.0 {
                fields.push(format!("{key}:{}", format_g(value)));
            }
        }
        if self.uses_custom_buckets() {
            fields.push(format!("custom_values:{}", list(self.custom_values.iter().copied())));
        }
        match self.counter_reset_hint {
            CounterResetHint::Unknown => {}
            hint => fields.push(format!("counter_reset_hint:{}", hint.keyword())),
        }
        for (prefix, buckets) in [("", &self.positive), ("n_", &self.negative)] {
            if let Some((offset, counts)) = buckets.as_one_run() {
                if offset != 0 {
                    fields.push(format!("{prefix}offset:{offset}"));
                }
                fields.push(format!("{prefix}buckets:{}", list(counts.into_iter())));
            }
        }
        format!("{{{{{}}}}}", fields.join(" "))
    }
}

impl Buckets {
    /// The index of the first populated bucket, and all counts from there to the last populated one; `None` when all
    /// are empty.
    ///
    /// No two finite bounds of any schema are as many as [`MAX_RUN`] buckets apart. Buckets that lie further out than
    /// that are left out, so that wild offsets in damaged data do not fill the memory.
    fn as_one_run(&self) -> Option<(i32, Vec<f64>)> {
        let mut populated = self.iter().filter(|&(_, count)| count != 0.0);
        let (first, count) = populated.next()?;
        let mut counts = vec![count];
        for (index, count) in populated {
            match usize::try_from(i64::from(index) - i64::from(first)) {
                Ok(position @ ..MAX_RUN) if position >= counts.len() => {
                    counts.resize(position, 0.0);
                    counts.push(count);
                }
                _ => break,
            }
        }
        Some((first, counts))
    }
}

/// See [`Buckets::as_one_run`].
const MAX_RUN: usize = 1 << 20;

impl CounterResetHint {
    /// The hint's word in the notation of test scripts.
    pub fn keyword(self) -> &'static str {
        match self {
            CounterResetHint::Unknown => "unknown",
            CounterResetHint::CounterReset => "reset",
            CounterResetHint::NotCounterReset => "not_reset",
            CounterResetHint::Gauge => "gauge",
        }
    }
}

fn list(values: impl Iterator<Item = f64>) -> String {
    let texts: Vec<String> = values.map(format_g).collect();
    format!("[{}]", texts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::fixtures::{buckets, histogram};

    #[test]
    fn texts_upstream_expects() {
        let exponential = Histogram {
            schema: 1,
            zero_threshold: 0.01,
            zero_count: 5.5,
            count: 3493.3,
            sum: 2349209.324,
            positive: buckets((&[(-2, 1), (2, 3)], &[1.0, 3.3, 4.2, 0.1])),
            negative: buckets((&[(3, 2), (3, 2)], &[3.1, 3.0, 1.234e5, 1000.0])),
            ..Histogram::default()
        };
        assert_eq!(
            exponential.to_string(),
            "{count:3493.3, sum:2.349209324e+06, [-22.62741699796952,-16):1000, [-16,-11.31370849898476):123400, \
             [-4,-2.82842712474619):3, [-2.82842712474619,-2):3.1, [-0.01,0.01]:5.5, (0.35355339059327373,0.5]:1, \
             (1,1.414213562373095]:3.3, (1.414213562373095,2]:4.2, (2,2.82842712474619]:0.1}"
        );
        let custom = Histogram {
            schema: -53,
            count: 3493.3,
            sum: 2349209.324,
            positive: buckets((&[(0, 1), (2, 4)], &[1.0, 3.3, 4.2, 0.1, 5.0])),
            custom_values: [1.0, 2.0, 5.0, 10.0, 15.0, 20.0].into(),
            ..Histogram::default()
        };
        assert_eq!(
            custom.to_string(),
            "{count:3493.3, sum:2.349209324e+06, [-Inf,1]:1, (5,10]:3.3, (10,15]:4.2, (15,20]:0.1, (20,+Inf]:5}"
        );
    }

    #[test]
    fn expressions_upstream_expects() {
        let gaps = Histogram {
            positive: buckets((&[(-3, 1), (4, 2)], &[5.1, 10.0, 7.0])),
            negative: buckets((&[(-1, 2), (2, 3)], &[4.1, 5.0, 7.0, 8.0, 9.0])),
            ..Histogram::default()
        };
        assert_eq!(
            gaps.test_expression(),
            "{{offset:-3 buckets:[5.1 0 0 0 0 10 7] n_offset:-1 n_buckets:[4.1 5 0 0 7 8 9]}}"
        );
        for text in [
            "{{}}",
            "{{schema:1 count:3.1 sum:-0.3 z_bucket:7.1 z_bucket_w:0.05 counter_reset_hint:reset offset:-3 \
             buckets:[5.1 10 7] n_offset:-5 n_buckets:[4.1 5]}}",
            "{{schema:-53 count:3 sum:+Inf custom_values:[-Inf 1.5 1e+06] buckets:[1 2]}}",
            "{{schema:-53 custom_values:[]}}",
        ] {
            assert_eq!(histogram(text).test_expression(), text);
        }
    }

    #[test]
    fn wild_offsets_do_not_fill_the_memory() {
        let wild = Histogram {
            positive: buckets((&[(i32::MIN, 1), (i32::MAX, 1), (i32::MAX, 1)], &[1.0, 2.0, 3.0])),
            ..Histogram::default()
        };
        assert_eq!(wild.test_expression(), "{{offset:-2147483648 buckets:[1]}}");
    }
}
