//! Panics as outcomes: a case that panics fails, and the others go on.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From here on panics are not printed but kept for [`caught`].
pub(crate) fn keep() {
    std::panic::set_hook(Box::new(|info| LAST.set(Some(info.to_string()))));
}

/// Runs `work`; the error is the message of its panic, with the place.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| LAST.take().unwrap_or_else(|| "panicked".to_owned()))
}
