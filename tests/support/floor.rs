//! How much of the reference data has to pass. The numbers in `tests/conformance-floor.txt` only ever rise:
//! `PROMQLITE_RAISE_FLOOR=1 cargo test` raises them to what passes.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Two tests that end at the same moment do not write the file at the same moment.
static FILE: Mutex<()> = Mutex::new(());

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance-floor.txt")
}

/// How many cases of `what` have to pass.
///
/// # Panics
///
/// The file has no line for it: new reference data needs a floor.
pub(crate) fn floor(what: &str) -> usize {
    let _reading = FILE.lock().unwrap();
    let text = std::fs::read_to_string(path()).unwrap();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.rsplit_once(' '))
        .find(|(name, _)| name.trim() == what)
        .and_then(|(_, count)| count.parse().ok())
        .unwrap_or_else(|| panic!("tests/conformance-floor.txt has no line for {what}"))
}

/// The verdict on `what`, of whose `total` cases `passed` passed; `failures` tells of some of the others.
pub(crate) fn judge(
    what: &str,
    passed: usize,
    total: usize,
    failures: &str,
) -> Result<(), libtest_mimic::Failed> {
    let floor = floor(what);
    if passed < floor {
        return Err(format!("{failures}\n{what}: {passed} of {total} passed, and {floor} have to").into());
    }
    if passed > floor && std::env::var("PROMQLITE_RAISE_FLOOR").is_ok_and(|value| value == "1") {
        raise(what, floor, passed);
    } else if passed > floor {
        eprintln!("{what}: {passed} of {total} passed; the floor of {floor} can be raised");
    }
    if passed < total {
        eprintln!("{failures}\n{what}: {passed} of {total} passed");
    }
    Ok(())
}

fn raise(what: &str, from: usize, to: usize) {
    let _writing = FILE.lock().unwrap();
    let text = std::fs::read_to_string(path()).unwrap();
    let raised = text.replace(&format!("{what} {from}\n"), &format!("{what} {to}\n"));
    std::fs::write(path(), raised).unwrap();
}
