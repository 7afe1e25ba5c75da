//! What one sample is: a time in milliseconds and a float, one of whose NaNs means "this series has ended".
//!
//! A target that goes away leaves a *stale marker* in each of its series. The marker is a NaN with one exact
//! bit pattern; every other NaN is an ordinary value:
//!
//! ```
//! use promqlite::model::{STALE_NAN, is_stale};
//!
//! assert!(is_stale(STALE_NAN));
//! assert!(!is_stale(f64::NAN));
//! ```

/// The bits of the stale marker (`model/value/value.go`).
pub const STALE_NAN_BITS: u64 = 0x7ff0_0000_0000_0002;

/// The bits of the NaN that Prometheus writes for an ordinary "not a number".
pub const NORMAL_NAN_BITS: u64 = 0x7ff8_0000_0000_0001;

/// The stale marker.
pub const STALE_NAN: f64 = f64::from_bits(STALE_NAN_BITS);

/// Whether `value` is the stale marker. Bits are compared: arithmetic on NaN decides nothing here.
#[inline(always)]
pub fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE_NAN_BITS
}
