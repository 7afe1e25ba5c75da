//! No type of a dependency is in a public signature, so that the library can change its dependencies without breaking those
//! who link it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The dependencies of the library, as they are called in code.
fn dependencies() -> Vec<String> {
    let manifest =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).expect("Cargo.toml");
    let (_, rest) = manifest.split_once("\n[dependencies]\n").expect("dependencies");
    let section = rest.split("\n[").next().unwrap_or_default();
    let names =
        section.lines().filter_map(|line| line.split_once(" = ").map(|(name, _)| name.replace('-', "_")));
    names.collect()
}

fn sources(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The names that a file has from dependencies: `Regex` and `Builder` of `use regex::{Regex, RegexBuilder as Builder};`.
fn imported<'t>(text: &'t str, dependencies: &[String]) -> BTreeSet<&'t str> {
    let mut names = BTreeSet::new();
    for statement in text.split("\nuse ").skip(1) {
        let statement = statement.split(';').next().unwrap_or_default();
        if !dependencies
            .iter()
            .any(|name| statement.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with("::")))
        {
            continue;
        }
        for item in statement.split(['{', '}', ',']) {
            let name = item.rsplit_once(" as ").map_or(item, |(_, name)| name);
            let name = name.rsplit("::").next().unwrap_or_default().trim();
            if !name.is_empty() && name != "self" {
                names.insert(name);
            }
        }
    }
    names
}

/// Everything that begins with `pub`, up to its body or end.
fn signatures(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let start = line.trim_start();
        if !start.starts_with("pub ") || start.starts_with("pub use") || start.starts_with("pub mod") {
            continue;
        }
        let mut signature = start.to_owned();
        let open = |text: &str| text.matches('(').count() > text.matches(')').count();
        while open(&signature) || !signature.ends_with(['{', ';', ',', '}']) {
            let Some(next) = lines.next() else { break };
            signature = signature + " " + next.trim();
        }
        found.push(signature);
    }
    found
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

#[test]
fn no_public_signature_has_a_type_of_a_dependency() {
    let dependencies = dependencies();
    assert!(dependencies.len() > 8 && dependencies.contains(&"chrono".to_owned()), "{dependencies:?}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let (mut checked, mut leaks) = (0, Vec::new());
    for file in files {
        // Made by LALRPOP, and private.
        if file.ends_with("syntax/grammar.rs") {
            continue;
        }
        let text = fs::read_to_string(&file).expect("a source");
        let text = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
        let imported = imported(text, &dependencies);
        for signature in signatures(text) {
            checked += 1;
            let path = dependencies.iter().any(|name| signature.contains(&format!("{name}::")));
            if path || words(&signature).any(|word| imported.contains(word)) {
                leaks.push(format!("{}: {signature}", file.display()));
            }
        }
    }
    assert!(leaks.is_empty(), "types of dependencies in public signatures:\n{}", leaks.join("\n"));
    assert!(checked > 1_000, "{checked}");
}

#[test]
fn leaks_are_found() {
    let dependencies = ["chrono".to_owned(), "regex".to_owned()];
    let text = "//! x\nuse std::fmt;\nuse regex::{Regex, RegexBuilder as Builder};\n\npub fn a(\n    b: &Regex,\n) -> u8 {\n\
                pub at: chrono::Month,\npub(crate) fn c(b: Regex) {\npub fn d(regex: Text);";
    let names = imported(text, &dependencies);
    assert_eq!(names.iter().copied().collect::<Vec<_>>(), ["Builder", "Regex"]);
    assert_eq!(
        signatures(text),
        ["pub fn a( b: &Regex, ) -> u8 {", "pub at: chrono::Month,", "pub fn d(regex: Text);"]
    );
}
