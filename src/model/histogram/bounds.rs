//! Where a bucket ends.
//!
//! The upper bound of the exponential bucket `i` is `2^(i * 2^-schema)`, the lower bound is the upper bound of bucket
//! `i - 1`; negative buckets mirror this. All bounds equal Prometheus' to the last bit:
//!
//! ```
//! use promqlite::model::histogram::bounds::exponential_bound;
//!
//! assert_eq!(exponential_bound(3, 0), 8.0);
//! assert_eq!(exponential_bound(3, -2), 4096.0);
//! assert_eq!(exponential_bound(1, 1), 1.414213562373095);
//! ```

use super::bounds_table::BOUNDS;
use super::schema;
use crate::model::go_log::ldexp;

/// The upper bound of bucket `index`, which is the lower bound of the next one, in any schema.
///
/// With custom bounds, bucket 0 has the first of `custom_values` as its upper bound; there is -Inf before the first
/// and +Inf from behind the last.
pub fn bound(index: i32, schema: i32, custom_values: &[f64]) -> f64 {
    if !schema::is_custom(schema) {
        exponential_bound(index, schema)
    } else if index < 0 {
        f64::NEG_INFINITY
    } else {
        custom_values.get(index as usize).copied().unwrap_or(f64::INFINITY)
    }
}

/// The upper bound of the positive bucket `index` of an exponential schema.
///
/// The last bucket for finite values ends at [`f64::MAX`], although its bound would be 2^1024: infinities have the
/// bucket behind it for themselves.
#[inline]
pub fn exponential_bound(index: i32, schema: i32) -> f64 {
    match schema {
        0..=schema::MAX => {
            let within = index & ((1 << schema) - 1);
            let fraction = BOUNDS[(within as usize) << (schema::MAX - schema)];
            scale(fraction, (i64::from(index) >> schema) + 1)
        }
        // A shift by more than 31 leaves the range of exponents for every index but 0, as a shift by 31 does.
        ..0 => scale(0.5, (i64::from(index) << (-i64::from(schema)).min(31)) + 1),
        // No histogram is kept at such a schema; its bounds follow the definition.
        _ => (f64::from(index) * (-f64::from(schema)).exp2()).exp2(),
    }
}

/// `fraction * 2^exponent`, but [`f64::MAX`] for 2^1024. `fraction` is at least 0.5 and below 1.
#[inline]
fn scale(fraction: f64, exponent: i64) -> f64 {
    if fraction == 0.5 && exponent == 1025 { f64::MAX } else { ldexp(fraction, exponent) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_upstream_expects() {
        // index, schema, bound: from TestGetBoundExponential and the bucket iterator tests.
        for (index, schema, expected) in [
            (-1, -1, 0.25),
            (0, -1, 1.0),
            (1, -1, 4.0),
            (512, -1, f64::MAX),
            (513, -1, f64::INFINITY),
            (-1, 0, 0.5),
            (0, 0, 1.0),
            (1, 0, 2.0),
            (1024, 0, f64::MAX),
            (1025, 0, f64::INFINITY),
            (-1, 2, 0.8408964152537144),
            (0, 2, 1.0),
            (1, 2, 1.189207115002721),
            (4096, 2, f64::MAX),
            (4097, 2, f64::INFINITY),
        ] {
            assert_eq!(exponential_bound(index, schema), expected, "index {index}, schema {schema}");
        }
    }

    #[test]
    fn bounds_rise_and_are_shared_by_all_schemas() {
        for schema in schema::MIN..=schema::MAX {
            let (low, high) = (exponential_bound(-40, schema), exponential_bound(40, schema));
            assert!(low < 1.0 && high > 1.0);
            for index in -300..300 {
                assert!(exponential_bound(index, schema) <= exponential_bound(index + 1, schema));
                if schema > schema::MIN {
                    assert_eq!(exponential_bound(index, schema - 1), exponential_bound(2 * index, schema));
                }
            }
        }
    }

    #[test]
    fn tiny_bounds_are_rounded_once() {
        assert_eq!(exponential_bound(-1074, 0), f64::from_bits(1));
        assert_eq!(exponential_bound(-1075, 0), 0.0);
        assert_eq!(exponential_bound(-1022, 0), f64::MIN_POSITIVE);
        assert_eq!(exponential_bound(-1023, 0), f64::MIN_POSITIVE / 2.0);
        // Between 2^-1075 and 2^-1074, where the nearest number is 2^-1074.
        assert_eq!(exponential_bound(-2149, 1), f64::from_bits(1));
    }

    #[test]
    fn any_index_and_schema_has_a_bound() {
        for schema in [i32::MIN, -54, -52, -32, -10, -9, -5, 9, 20, 52, 60, i32::MAX] {
            for index in [i32::MIN, -1, 0, 1, 4, i32::MAX] {
                assert!(exponential_bound(index, schema) >= 0.0, "index {index}, schema {schema}");
            }
        }
        assert_eq!(exponential_bound(1, -9), f64::from_bits(((512 + 1023) as u64) << 52));
        assert_eq!(exponential_bound(2, -9), f64::MAX);
        assert_eq!(exponential_bound(3, -9), f64::INFINITY);
    }

    #[test]
    fn custom_bounds_are_listed() {
        let values = [5.0, 10.0];
        let bounds = [-2, -1, 0, 1, 2, 3].map(|index| bound(index, schema::CUSTOM_BUCKETS, &values));
        assert_eq!(bounds, [f64::NEG_INFINITY, f64::NEG_INFINITY, 5.0, 10.0, f64::INFINITY, f64::INFINITY]);
    }
}
