//! Every program in `examples/` is run: one that is there is covered by being there.
//!
//! An example shows what it shows by asserting it, so it passes when it ends well and prints nothing on standard error.

#![allow(clippy::unwrap_used, reason = "a harness stops where it cannot go on")]

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut names: Vec<String> = std::fs::read_dir(sources)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let programs = if arguments.list || names.is_empty() { PathBuf::new() } else { build() };
    let trial = |name: &String| {
        let program = programs.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        Trial::test(name.clone(), move || run(&program))
    };
    libtest_mimic::run(&arguments, names.iter().map(trial).collect()).exit();
}

/// Builds what is not built yet (`cargo test` without further arguments has done it) and tells where the programs are:
/// `target/debug/examples`, beside the directory of this program.
fn build() -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let profile = this.parent().and_then(Path::parent).unwrap();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--workspace", "--examples"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo.arg("--target-dir").arg(profile.parent().unwrap());
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    assert!(cargo.status().unwrap().success(), "the examples do not build");
    profile.join("examples")
}

fn run(program: &Path) -> Result<(), Failed> {
    let output = Command::new(program).current_dir(env!("CARGO_MANIFEST_DIR")).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    if output.status.success() && errors.is_empty() {
        return Ok(());
    }
    Err(format!("{}\n{errors}", output.status).into())
}
