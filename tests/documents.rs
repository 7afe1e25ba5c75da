//! The documents speak of files that are there, and their links lead somewhere.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README, CONTRIBUTING and all of `docs/`.
fn documents() -> Vec<PathBuf> {
    let mut documents =
        vec![root().join("README.md"), root().join("CONTRIBUTING.md"), root().join("fixtures/README.md")];
    let docs = fs::read_dir(root().join("docs")).expect("docs/");
    documents.extend(
        docs.map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|e| e == "md")),
    );
    documents.sort();
    documents
}

/// The text outside of blocks of code.
fn prose(text: &str) -> String {
    let mut in_code = false;
    let lines = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The texts in backticks that look like files of this project.
fn named_files(prose: &str) -> Vec<&str> {
    let quoted = prose.split('`').skip(1).step_by(2);
    let tops = ["src/", "tests/", "repl/", "grammar/", "examples/", "docs/", "benches/", "fixtures/", ".ci/"];
    quoted
        .filter(|text| tops.iter().any(|top| text.starts_with(top)) && !text.contains([' ', '*', '$']))
        .collect()
}

/// The targets of links, without those that leave the project.
fn links(prose: &str) -> Vec<&str> {
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    targets.filter(|target| !target.contains("://")).collect()
}

/// What GitHub makes of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.collect::<String>().trim().to_lowercase().replace(' ', "-")
}

fn has_heading(text: &str, wanted: &str) -> bool {
    prose(text)
        .lines()
        .filter_map(|line| line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')))
        .any(|heading| anchor(heading) == wanted)
}

#[test]
fn named_files_are_there() {
    let (mut named, mut missing) = (0, Vec::new());
    for document in documents() {
        let prose = prose(&fs::read_to_string(&document).expect("a document"));
        for file in named_files(&prose) {
            named += 1;
            if !root().join(file).exists() {
                missing.push(format!("{}: {file}", document.display()));
            }
        }
    }
    assert!(missing.is_empty(), "no such file:\n{}", missing.join("\n"));
    assert!(named > 50, "{named}");
}

#[test]
fn links_lead_somewhere() {
    let (mut count, mut broken) = (0, Vec::new());
    for document in documents() {
        let text = fs::read_to_string(&document).expect("a document");
        for link in links(&prose(&text)) {
            count += 1;
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = document.parent().expect("a directory").join(file);
            let target = if file.is_empty() { document.clone() } else { target };
            let whole = heading.is_empty()
                || fs::read_to_string(&target).is_ok_and(|text| has_heading(&text, heading));
            if !target.exists() || !whole {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
    assert!(count > 10, "{count}");
}
