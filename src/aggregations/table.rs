//! The table of aggregations, sorted by name.

use super::average::Average;
use super::count::{Count, Group};
use super::extremum::Extremum;
use super::record::{Aggregation, Kind};
use super::sum::Sum;
use super::variance::Variance;
use crate::model::ValueType;

/// All aggregations, sorted by name.
pub static AGGREGATIONS: &[Aggregation] = &[
    Aggregation {
        name: "avg",
        parameter: None,
        experimental: false,
        summary: "The mean of the values in each group.",
        kind: Kind::Fold(|groups, steps| Box::new(Average::new(groups, steps))),
    },
    Aggregation {
        name: "bottomk",
        parameter: Some((ValueType::Scalar, "k")),
        experimental: false,
        summary: "The k series with the smallest values in each group, with all their labels.",
        kind: Kind::TopK { bottom: true },
    },
    Aggregation {
        name: "count",
        parameter: None,
        experimental: false,
        summary: "How many series each group has.",
        kind: Kind::Fold(|groups, steps| Box::new(Count::new(groups, steps))),
    },
    Aggregation {
        name: "count_values",
        parameter: Some((ValueType::String, "label")),
        experimental: false,
        summary: "How often each value occurs in each group, the value written into the given label.",
        kind: Kind::CountValues,
    },
    Aggregation {
        name: "group",
        parameter: None,
        experimental: false,
        summary: "The number 1 for each group that has any series.",
        kind: Kind::Fold(|groups, steps| Box::new(Group::new(groups, steps))),
    },
    Aggregation {
        name: "limit_ratio",
        parameter: Some((ValueType::Scalar, "r")),
        experimental: true,
        summary: "A share r of the series, always the same ones; a negative r gives the others.",
        kind: Kind::LimitRatio,
    },
    Aggregation {
        name: "limitk",
        parameter: Some((ValueType::Scalar, "k")),
        experimental: true,
        summary: "The first k series of each group, whatever their values.",
        kind: Kind::LimitK,
    },
    Aggregation {
        name: "max",
        parameter: None,
        experimental: false,
        summary: "The largest value in each group.",
        kind: Kind::Fold(|groups, steps| Box::new(Extremum::max(groups, steps))),
    },
    Aggregation {
        name: "min",
        parameter: None,
        experimental: false,
        summary: "The smallest value in each group.",
        kind: Kind::Fold(|groups, steps| Box::new(Extremum::min(groups, steps))),
    },
    Aggregation {
        name: "quantile",
        parameter: Some((ValueType::Scalar, "φ")),
        experimental: false,
        summary: "The φ-quantile (0 ≤ φ ≤ 1) of the values in each group.",
        kind: Kind::Quantile,
    },
    Aggregation {
        name: "stddev",
        parameter: None,
        experimental: false,
        summary: "The population standard deviation of the values in each group.",
        kind: Kind::Fold(|groups, steps| Box::new(Variance::deviation(groups, steps))),
    },
    Aggregation {
        name: "stdvar",
        parameter: None,
        experimental: false,
        summary: "The population variance of the values in each group.",
        kind: Kind::Fold(|groups, steps| Box::new(Variance::new(groups, steps))),
    },
    Aggregation {
        name: "sum",
        parameter: None,
        experimental: false,
        summary: "The sum of the values in each group.",
        kind: Kind::Fold(|groups, steps| Box::new(Sum::new(groups, steps))),
    },
    Aggregation {
        name: "topk",
        parameter: Some((ValueType::Scalar, "k")),
        experimental: false,
        summary: "The k series with the largest values in each group, with all their labels.",
        kind: Kind::TopK { bottom: false },
    },
];

/// The aggregation with this name.
pub fn lookup(name: &str) -> Option<&'static Aggregation> {
    AGGREGATIONS.binary_search_by(|a| a.name.cmp(name)).ok().map(|i| &AGGREGATIONS[i])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_and_complete() {
        assert!(AGGREGATIONS.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert_eq!(AGGREGATIONS.len(), 14);
        assert!(AGGREGATIONS.iter().all(|a| lookup(a.name).is_some_and(|found| found.name == a.name)));
        assert!(lookup("rate").is_none());
        let experimental: Vec<_> = AGGREGATIONS.iter().filter(|a| a.experimental).map(|a| a.name).collect();
        assert_eq!(experimental, ["limit_ratio", "limitk"]);
    }
}
