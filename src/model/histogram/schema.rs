//! Schemas: the numbers that say how a histogram's range of values is cut into buckets.
//!
//! `0` cuts at each power of two; each step up halves the buckets (on a logarithmic scale), each step down joins
//! two of them. `-53` means that the bounds are listed one by one (NHCB, "native histogram with custom buckets").
//! Producers may send finer or coarser exponential schemas than those that are in use; they are *reserved*, and finer
//! ones are reduced to the finest in use when they are read.
//!
//! ```
//! use promqlite::model::histogram::schema;
//!
//! assert!(schema::is_exponential(8) && !schema::is_exponential(9));
//! assert!(schema::is_known(9) && !schema::is_known(53));
//! assert_eq!(schema::when_read(20), Some(8));
//! ```

/// The finest exponential schema in use: 256 buckets to a power of two.
pub const MAX: i32 = 8;

/// The coarsest exponential schema in use: a bucket spans 16 powers of two.
pub const MIN: i32 = -4;

/// The finest exponential schema that may be met.
pub const MAX_RESERVED: i32 = 52;

/// The coarsest exponential schema that may be met.
pub const MIN_RESERVED: i32 = -9;

/// The schema of histograms with custom bucket bounds.
pub const CUSTOM_BUCKETS: i32 = -53;

/// Whether the bounds are listed one by one.
pub const fn is_custom(schema: i32) -> bool {
    schema == CUSTOM_BUCKETS
}

/// Whether it is an exponential schema that is in use.
pub const fn is_exponential(schema: i32) -> bool {
    MIN <= schema && schema <= MAX
}

/// Whether histograms may have this schema here.
pub const fn is_valid(schema: i32) -> bool {
    is_custom(schema) || is_exponential(schema)
}

/// Whether histograms with this schema can be read, if need be at reduced resolution.
pub const fn is_known(schema: i32) -> bool {
    is_custom(schema) || (MIN_RESERVED <= schema && schema <= MAX_RESERVED)
}

/// The schema that a histogram has after it was read with `schema`: finer ones than those in use become the
/// finest, all other known ones stay. `None` when the schema is unknown.
pub const fn when_read(schema: i32) -> Option<i32> {
    if !is_known(schema) {
        None
    } else if schema > MAX {
        Some(MAX)
    } else {
        Some(schema)
    }
}
