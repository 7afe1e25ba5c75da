//! The switches that Prometheus keeps behind `--enable-feature`.
//!
//! ```
//! use promqlite::syntax::{Features, parse};
//!
//! assert!(parse("foo[5m] smoothed", &Features::default()).is_err());
//! let features = Features::from_names(["promql-extended-range-selectors"])?;
//! assert!(parse("foo[5m] smoothed", &features).is_ok());
//! # Ok::<(), promqlite::syntax::UnknownFeature>(())
//! ```

use std::fmt;

/// Which experimental parts of the language and of the engine are switched on; none by default.
///
/// Duration expressions such as `[5m + step()]` need no switch (`promql-duration-expr` is taken and does nothing).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Features {
    /// `promql-experimental-functions`: the functions and aggregations marked experimental.
    pub experimental_functions: bool,
    /// `promql-extended-range-selectors`: `anchored` and `smoothed`.
    pub extended_range_selectors: bool,
    /// `promql-binop-fill-modifiers`: `fill`, `fill_left`, `fill_right`.
    pub binop_fill_modifiers: bool,
    /// `promql-delayed-name-removal`: metric names are dropped at the end of the evaluation.
    pub delayed_name_removal: bool,
    /// `use-start-timestamps`: `rate` and its like look at when a counter was started.
    pub use_start_timestamps: bool,
}

/// A name that is no feature's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFeature {
    /// The name.
    pub name: String,
}

impl fmt::Display for UnknownFeature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown feature {:?}, known are: {}", self.name, Features::NAMES.join(", "))
    }
}

impl std::error::Error for UnknownFeature {}

impl Features {
    /// The names that [`Features::from_names`] takes.
    pub const NAMES: [&str; 6] = [
        "promql-experimental-functions",
        "promql-duration-expr",
        "promql-extended-range-selectors",
        "promql-binop-fill-modifiers",
        "promql-delayed-name-removal",
        "use-start-timestamps",
    ];

    /// Everything on, as upstream's own test suite runs.
    pub const ALL: Features = Features {
        experimental_functions: true,
        extended_range_selectors: true,
        binop_fill_modifiers: true,
        delayed_name_removal: true,
        use_start_timestamps: true,
    };

    /// Every experimental function and piece of syntax, but nothing that changes the answer to a query without them.
    pub const LANGUAGE: Features =
        Features { delayed_name_removal: false, use_start_timestamps: false, ..Features::ALL };

    /// Whether everything that is on here is on in `other`.
    pub fn is_part_of(self, other: Features) -> bool {
        let on = |features: Features| {
            let Features {
                experimental_functions,
                extended_range_selectors,
                binop_fill_modifiers,
                delayed_name_removal,
                use_start_timestamps,
            } = features;
            [
                experimental_functions,
                extended_range_selectors,
                binop_fill_modifiers,
                delayed_name_removal,
                use_start_timestamps,
            ]
        };
        on(self).into_iter().zip(on(other)).all(|(here, there)| !here || there)
    }

    /// The features with these names, as `--enable-feature` takes them.
    pub fn from_names<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Result<Features, UnknownFeature> {
        let mut features = Features::default();
        for name in names {
            match name.as_ref() {
                "promql-experimental-functions" => features.experimental_functions = true,
                "promql-duration-expr" => {}
                "promql-extended-range-selectors" => features.extended_range_selectors = true,
                "promql-binop-fill-modifiers" => features.binop_fill_modifiers = true,
                "promql-delayed-name-removal" => features.delayed_name_removal = true,
                "use-start-timestamps" => features.use_start_timestamps = true,
                unknown => return Err(UnknownFeature { name: unknown.to_owned() }),
            }
        }
        Ok(features)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_known() {
        assert_eq!(Features::from_names(Features::NAMES), Ok(Features::ALL));
        assert_eq!(Features::from_names::<&str>([]), Ok(Features::default()));
        assert!(
            Features::default().is_part_of(Features::ALL) && !Features::ALL.is_part_of(Features::default())
        );
        let error = Features::from_names(["promql-everything"]).unwrap_err();
        assert!(
            error.to_string().starts_with("unknown feature \"promql-everything\", known are: promql-exp")
        );
    }
}
