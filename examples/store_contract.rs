//! A store with a fault, and how the suite finds it: this one takes the matchers to be all that matters, and forgets that
//! series come sorted.

use std::panic;

use promqlite::store::{SelectRequest, Series, SeriesData, SeriesIter, SeriesStore, StoreError};
use promqlite::testing::store_suite;

struct Careless(Vec<SeriesData>);

impl SeriesStore for Careless {
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        let matches = |s: &&SeriesData| request.matchers.iter().all(|m| m.matches(s.labels.value(&m.name)));
        let selected: Vec<SeriesData> = self.0.iter().filter(matches).cloned().collect();
        Ok(Box::new(selected.into_iter().map(|series| Ok(Box::new(series) as Box<dyn Series>))))
    }
}

/// The same, put right.
struct Careful(Vec<SeriesData>);

impl SeriesStore for Careful {
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        let matches = |s: &&SeriesData| request.matchers.iter().all(|m| m.matches(s.labels.value(&m.name)));
        let mut selected: Vec<SeriesData> = self.0.iter().filter(matches).cloned().collect();
        selected.sort_by(|a, b| a.labels.cmp(&b.labels));
        Ok(Box::new(selected.into_iter().map(|series| Ok(Box::new(series) as Box<dyn Series>))))
    }
}

fn main() {
    // In a test, the suite is all there is to write; here its message is what is shown.
    panic::set_hook(Box::new(|_| {}));
    let suite = || store_suite(&|series| Box::new(Careless(series.to_vec())));
    let message = panic::catch_unwind(suite).expect_err("the fault is found");
    let message = message.downcast_ref::<String>().expect("a text");
    assert_eq!(
        message.lines().take(3).collect::<Vec<_>>(),
        [
            "the store breaks its contract, holding unusual series",
            "  asked for: {} at any time",
            "  expected:  series sorted by labels, so up{instance=\"a:9100\", job=\"node\"} \
             before up{instance=\"b:9100\", job=\"node\"}",
        ]
    );
    let _ = panic::take_hook();
    store_suite(&|series| Box::new(Careful(series.to_vec())));
}
