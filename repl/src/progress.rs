//! How far long work has come, on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of so many bytes at the bottom of the terminal. Where standard error is none, nothing is shown.
pub(crate) fn bytes_bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    let template = "{spinner} {wide_msg} {bar:30} {bytes}/{total_bytes} {elapsed}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("━╸ "));
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
