//! Queries over data that is written down in files.

use promqlite::testing::{run_script, script_files};

#[test]
fn all_scripts_pass() -> Result<(), Box<dyn std::error::Error>> {
    let files = script_files("tests/scripts")?;
    assert_eq!(files.len(), 1);
    for file in files {
        assert_eq!(run_script(file)?.passed, 3);
    }
    Ok(())
}

#[test]
fn a_script_that_fails_says_where() {
    let path = std::env::temp_dir().join(format!("thermostat-{}.test", std::process::id()));
    std::fs::write(&path, "load 1m\n  heater_on 1\n\neval instant at 0 heater_on\n  heater_on 0\n").unwrap();
    let report = run_script(&path).unwrap_err();
    std::fs::remove_file(&path).unwrap();
    assert_eq!((report.passed, report.failed.len()), (0, 1));
    assert!(report.to_string().contains(".test:4: expected 0, and got 1 for heater_on"), "{report}");
}
