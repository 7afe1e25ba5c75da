//! What came out as JUnit XML: a suite for each file, a case for each query.

use std::time::Duration;

use promqlite::testing::Failure;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::run::{Broken, Case, FileRun, Outcome};

/// The report of all files.
pub(super) fn report(runs: &[FileRun]) -> Report {
    let mut report = Report::new("promqlite test");
    report.set_time(runs.iter().map(time).sum());
    report.add_test_suites(runs.iter().map(suite));
    report
}

fn time(run: &FileRun) -> Duration {
    run.cases.iter().map(|case| case.took).sum()
}

fn suite(run: &FileRun) -> TestSuite {
    let mut suite = TestSuite::new(run.name.as_str());
    suite.set_time(time(run));
    match &run.broken {
        Some(Broken::Script(reason)) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(reason.as_str());
            suite.add_test_case(named("the script", status, run));
        }
        Some(Broken::Command(failure)) => {
            let status = not_well(NonSuccessKind::Error, failure);
            suite.add_test_case(named(&format!("line {}", failure.line), status, run));
        }
        None => {}
    }
    suite.add_test_cases(run.cases.iter().map(|case| test_case(case, run)));
    suite
}

fn test_case(case: &Case, run: &FileRun) -> TestCase {
    let status = match &case.outcome {
        Outcome::Passed => TestCaseStatus::success(),
        Outcome::Failed(failure) => not_well(NonSuccessKind::Failure, failure),
        Outcome::NotRun => TestCaseStatus::skipped(),
    };
    let mut test_case = named(&format!("line {}: {}", case.line, case.query), status, run);
    test_case.set_time(case.took);
    test_case
}

fn named(name: &str, status: TestCaseStatus, run: &FileRun) -> TestCase {
    let mut test_case = TestCase::new(name, status);
    test_case.set_classname(run.name.as_str());
    test_case
}

fn not_well(kind: NonSuccessKind, failure: &Failure) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(failure.problem.to_string()).set_description(failure.to_string());
    status
}
