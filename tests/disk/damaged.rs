//! What a damaged directory may answer: an error that names the file and the place in it, or what the whole one does.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use promqlite::model::{MatchOp, Matcher, TimeRange};
use promqlite::store::SeriesStore;
use promqlite::store::disk::{DataDirectory, check};

use crate::files::Files;
use crate::samples::read;
use crate::small;

/// A condition that a series has to meet.
type Condition = (MatchOp, &'static str, &'static str);

/// What is asked: conditions, and a stretch of time.
const QUESTIONS: &[(&[Condition], i64, i64)] = &[
    (&[], i64::MIN, i64::MAX),
    (&[(MatchOp::Equal, "__name__", "requests")], 0, 900),
    (&[(MatchOp::Equal, "code", "200"), (MatchOp::NotEqual, "__name__", "requests")], 100, 1100),
    (&[(MatchOp::Regex, "__name__", "lat.*|served"), (MatchOp::Equal, "code", "")], 200, 2500),
    (&[(MatchOp::NotRegex, "code", "2..|4.."), (MatchOp::NotEqual, "job", "a")], i64::MIN, i64::MAX),
    (&[(MatchOp::Equal, "job", "a")], 1500, 2100),
];

fn questions() -> &'static [(Vec<Matcher>, TimeRange)] {
    static ASKED: OnceLock<Vec<(Vec<Matcher>, TimeRange)>> = OnceLock::new();
    ASKED.get_or_init(|| {
        let matcher = |(op, name, value): &Condition| Matcher::new(*op, name, value).unwrap();
        let question = |(conditions, start, end): &(&[Condition], i64, i64)| {
            (conditions.iter().map(matcher).collect(), TimeRange::new(*start, *end))
        };
        QUESTIONS.iter().map(question).collect()
    })
}

/// All answers of a directory, or why there is none; or what went wrong when it was opened.
pub(crate) type Answers = Result<Vec<Result<String, String>>, String>;

pub(crate) fn answers(files: &Files) -> Answers {
    let directory = DataDirectory::open_with(Arc::new(files.clone()), "/").map_err(|e| e.to_string())?;
    Ok(answers_of(&directory))
}

pub(crate) fn answers_of(directory: &DataDirectory) -> Vec<Result<String, String>> {
    let mut answers = Vec::new();
    for (matchers, range) in questions() {
        let text = |series: Vec<_>| {
            let mut text = String::new();
            for (labels, summary) in series {
                let _ = writeln!(text, "{labels} {summary:?}");
            }
            text
        };
        // A series without samples may be among the answers or not.
        let read = read(directory, matchers, *range).map(|mut series| {
            series.retain(|(_, summary)| summary.floats + summary.histograms > 0);
            text(series)
        });
        answers.push(read.map_err(|error| error.to_string()));
    }
    let listed = |list: Result<Vec<String>, _>| {
        list.map(|list| list.join(" ")).map_err(|error: promqlite::store::StoreError| error.to_string())
    };
    answers.push(listed(directory.label_names(&[], TimeRange::ALL)));
    for name in ["__name__", "code", "job"] {
        answers.push(listed(directory.label_values(name, &[], TimeRange::ALL)));
    }
    answers.push(Ok(format!("{:?}", directory.metadata("requests"))));
    answers.push(Ok(format!("{:?}", directory.exemplars(&[], TimeRange::ALL, 100))));
    answers.push(Ok(format!("{:?}", directory.time_range())));
    answers
}

/// The directory and its answers.
pub(crate) fn whole() -> &'static (Files, Answers) {
    static WHOLE: OnceLock<(Files, Answers)> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let files = small::directory();
        let answers = answers(&files);
        assert!(answers.as_ref().unwrap().iter().all(|answer| answer.is_ok()), "{answers:?}");
        (files, answers)
    })
}

/// Whether the error tells where it is: the file and, but for meta.json, which is read as a whole, the offset in it.
fn names(error: &str, path: &Path) -> bool {
    let path = path.to_str().unwrap();
    error.contains(path) && (error.contains("at byte") || path.ends_with("meta.json"))
}

/// What is wrong with the answers of a directory whose file `path` was damaged; `None` if nothing is.
pub(crate) fn fault(path: &Path, got: &Answers, expected: &Answers) -> Option<String> {
    let got = match got {
        Ok(got) => got,
        Err(error) => return (!names(error, path)).then(|| format!("an error without a place: {error}")),
    };
    let expected = expected.as_ref().unwrap();
    got.iter().zip(expected).enumerate().find_map(|(i, (got, expected))| match got {
        Err(error) => (!names(error, path)).then(|| format!("an error without a place: {error}")),
        Ok(answer) => {
            let same = expected.as_ref() == Ok(answer);
            (!same).then(|| format!("answer {i} is\n{answer}\nand not\n{}", expected.as_ref().unwrap()))
        }
    })
}

/// Runs `judge` with each number below `count`, on all processors. It tells what is wrong, if anything is.
pub(crate) fn all(what: &str, count: usize, judge: impl Fn(usize) -> Option<String> + Sync) {
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let faults = Mutex::new(Vec::new());
    let work = || {
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= count {
                return;
            }
            let judged = catch_unwind(AssertUnwindSafe(|| judge(i)));
            let fault = judged.unwrap_or_else(|_| Some("a panic".to_owned()));
            if let Some(fault) = fault
                && failed.fetch_add(1, Ordering::Relaxed) < 10
            {
                faults.lock().unwrap().push(format!("{what} {i}: {fault}\n"));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let failed = failed.into_inner();
    let shown = faults.into_inner().unwrap().concat();
    assert_eq!(failed, 0, "{shown}{what}: {failed} of {count} fail");
}

/// What reading finds, checking finds.
pub(crate) fn overlooked(damaged: &Files, got: &Answers) -> Option<String> {
    let failed = got.as_ref().map_or(true, |answers| answers.iter().any(Result::is_err));
    if !failed {
        return None;
    }
    let findings = check::check_with(damaged, "/".as_ref()).unwrap();
    let found = findings.iter().any(|finding| !finding.harmless);
    (!found).then(|| format!("not found by check: {got:?}"))
}

pub(crate) fn is_checkpoint(path: &Path) -> bool {
    path.to_str().unwrap().contains("checkpoint")
}

/// The directory without its blocks and head chunks, its answers, and the checkpoint in it.
pub(crate) fn only_the_log() -> (Files, Answers, PathBuf) {
    let mut files = whole().0.clone();
    files.0.retain(|path, _| path.starts_with("/wal"));
    let path = files.0.keys().find(|path| is_checkpoint(path)).unwrap().clone();
    let answers = answers(&files);
    (files, answers, path)
}
