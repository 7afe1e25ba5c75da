//! Series that are looked up, and the forty sets of matchers of Prometheus' `BenchmarkHeadPostingsForMatchers`.
//!
//! Each of the series `{n="0" to "9", i="0" to …, j="foo" or "bar"}` has one sample.

use promqlite::Labels;
use promqlite::store::SeriesData;

/// How many values the label `n` has.
const N: u64 = 10;

/// `count` series.
pub fn series(count: u64) -> impl Iterator<Item = SeriesData> {
    (0..count).map(|number| {
        let (i, n) = (number / N, number % N);
        let j = if i.is_multiple_of(2) { "foo" } else { "bar" };
        let labels = [("__name__", "m".to_owned()), ("i", i.to_string()), ("n", n.to_string())];
        let mut series = SeriesData::new(Labels::from_pairs(labels.into_iter().chain([("j", j.to_owned())])));
        series.push(0, number as f64);
        series
    })
}

/// The matchers of each set, as in a selector.
pub const MATCHERS: &[&str] = &[
    r#"n="1""#,
    r#"n="X""#,
    r#"n="1",j="foo""#,
    r#"n="X",j="foo""#,
    r#"j="foo",n="1""#,
    r#"n="1",j!="foo""#,
    r#"n="1",i!="2""#,
    r#"n="0_1",j="foo",a="1""#,
    r#"n="X",j!="foo""#,
    r#"i=~"1[0-9]",j=~"foo|bar""#,
    r#"j=~"foo|bar""#,
    r#"j=~"XXX|YYY""#,
    r#"j=~"X.+""#,
    r#"i=~"(1|2|3|4|5|6|20|55)""#,
    r#"i!~"(1|2|3|4|5|6|20|55)""#,
    r#"i=~"X|Y|Z""#,
    r#"i!~"X|Y|Z""#,
    r#"i=~".*""#,
    r#"i=~"1.*""#,
    r#"i=~".*1""#,
    r#"i=~".+""#,
    r#"i=~".+",j=~"X.+""#,
    r#"i=~"""#,
    r#"i!="""#,
    r#"n="1",i=~".*",j="foo""#,
    r#"n="X",i=~".*",j="foo""#,
    r#"n="1",i=~".*",i!="2",j="foo""#,
    r#"n="1",i!="""#,
    r#"n="1",i!="",j="foo""#,
    r#"n="1",i!="",j=~"X.+""#,
    r#"n="1",i!="",j=~"XXX|YYY""#,
    r#"n="1",i=~"X|Y|Z",j="foo""#,
    r#"n="1",i!~"X|Y|Z",j="foo""#,
    r#"n="1",i=~".+",j="foo""#,
    r#"n="1",i=~"1.+",j="foo""#,
    r#"n="1",i=~".*1.*",j="foo""#,
    r#"n="1",i=~".+",i!="2",j="foo""#,
    r#"n="1",i=~".+",i!~"2.*",j="foo""#,
    r#"n="1",i=~".+",i!~".*2.*",j="foo""#,
    r#"n="X",i=~".+",i!~".*2.*",j="foo""#,
];
