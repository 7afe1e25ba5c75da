//! Where the reference data is: answers of Prometheus 3.14 itself, beside the repository and no part of it.

use std::path::{Path, PathBuf};

/// When this variable is set to `1`, data that is missing is a failure; else it is left out.
const REQUIRED: &str = "PROMQLITE_REQUIRE_CONFORMANCE";

/// The directory or file `path` of the reference data, if it is there.
pub(crate) fn find(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance").join(path);
    found.exists().then_some(found)
}

/// Whether missing data is a failure.
pub(crate) fn is_required() -> bool {
    std::env::var(REQUIRED).is_ok_and(|value| value == "1")
}

/// The only test of a harness whose data is missing: left out, or a failure where the data is required.
pub(crate) fn missing(path: &str) -> libtest_mimic::Trial {
    let message = format!("../shared/conformance/{path} is missing, and {REQUIRED}=1 asks for it");
    let name = format!("left out, for there is no ../shared/conformance/{path}");
    libtest_mimic::Trial::test(name, || Err(message.into())).with_ignored_flag(!is_required())
}
