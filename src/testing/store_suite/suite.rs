//! Goes through everything that a store promises.

use super::data;
use super::expected::Expected;
use super::reading::{self, ReadSeries};
use crate::model::{Matcher, TimeRange};
use crate::store::{SelectHints, SelectRequest, SeriesData, SeriesStore};

/// Puts a store through the contract of [`SeriesStore`].
///
/// `make` is called several times, for no series at all, for a small set of unusual ones, and for random ones, and gives
/// a store that holds just these. Their labels are distinct, and the times of each rise. Floats and native histograms are
/// among them; [`float_store_suite`] is for stores without histograms.
///
/// # Panics
/// When the store breaks the contract; the message tells in which way.
pub fn store_suite(make: &dyn Fn(&[SeriesData]) -> Box<dyn SeriesStore>) {
    check_stores(&|series| series, make);
}

/// [`store_suite`] for stores that hold floats only: they are given no histograms.
///
/// # Panics
/// When the store breaks the contract; the message tells in which way.
pub fn float_store_suite(make: &dyn Fn(&[SeriesData]) -> Box<dyn SeriesStore>) {
    check_stores(&data::floats_only, make);
}

fn check_stores(
    change: &dyn Fn(Vec<SeriesData>) -> Vec<SeriesData>,
    make: &dyn Fn(&[SeriesData]) -> Box<dyn SeriesStore>,
) {
    check_store("an empty store", &[], make);
    check_store("unusual series", &change(data::unusual()), make);
    for seed in 1..=4 {
        check_store(&format!("random series of seed {seed}"), &change(data::random(seed)), make);
    }
}

fn check_store(what: &str, series: &[SeriesData], make: &dyn Fn(&[SeriesData]) -> Box<dyn SeriesStore>) {
    let store = make(series);
    let expected = Expected::new(what, series);
    expected.check_whole(store.as_ref());
    for matchers in data::matchers() {
        for range in data::ranges(series) {
            check_request(&expected, store.as_ref(), &matchers, range);
        }
    }
    check_reading(&expected, store.as_ref());
    // A view is the same store again.
    if let Some(view) = store.view() {
        let what = format!("the view of {what}");
        let expected = Expected::new(&what, series);
        expected.check_whole(view.as_ref());
        for matchers in data::matchers() {
            check_request(&expected, view.as_ref(), &matchers, TimeRange::ALL);
        }
        check_reading(&expected, view.as_ref());
    }
}

/// One selection, and what the labels of its series are.
fn check_request(expected: &Expected<'_>, store: &dyn SeriesStore, matchers: &[Matcher], range: TimeRange) {
    let names = ["job".to_owned()];
    let mut request = SelectRequest::new(matchers, range);
    if range != TimeRange::ALL {
        request.hints =
            SelectHints { step: 60_000, range: 300_000, function: "rate", grouping: &names, by: true };
    }
    let case = expected.case(&request);
    let selected = case.select(store);
    case.check_series(&selected.iter().map(|series| series.labels().clone()).collect::<Vec<_>>());
    // Samples do not depend on matchers: those of a few series will do.
    for series in selected.iter().take(3) {
        case.check_samples(&ReadSeries::of(series.as_ref(), range));
        reading::check_lent(series.as_ref(), range, &case);
    }
    case.check_labels(store);
}

/// How series may be read: again, in any order, from other threads, and not to the end.
fn check_reading(expected: &Expected<'_>, store: &dyn SeriesStore) {
    let request = SelectRequest::new(&[], TimeRange::ALL);
    let case = expected.case(&request);
    let (selected, again) = (case.select(store), case.select(store));
    let mut timestamps_ids = reading::TimestampsIds::default();
    for (series, same) in selected.iter().zip(&again).rev() {
        if series.labels() != same.labels() {
            case.fail("the same series again", "two selections differ");
        }
        for range in data::ranges(&[]) {
            let read = ReadSeries::of(series.as_ref(), range);
            expected.case(&SelectRequest::new(&[], range)).check_samples(&read);
            timestamps_ids.check(&read, &case);
        }
        case.check_samples(&ReadSeries::of(same.as_ref(), TimeRange::ALL));
        reading::check_stop(series.as_ref(), &case);
    }
    std::thread::scope(|scope| {
        let readers = [0, 1].map(|start| {
            let (case, selected) = (&case, &selected);
            scope.spawn(move || {
                for series in selected.iter().skip(start).step_by(2) {
                    case.check_samples(&ReadSeries::of(series.as_ref(), TimeRange::ALL));
                }
            })
        });
        for reader in readers {
            if let Err(panic) = reader.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}
