//! The prompt: lines from a terminal, with history, completion and highlighting, until Ctrl-D or `.quit`.

mod assistant;
mod highlight;
mod read;
mod signature;

pub use highlight::highlight;
pub use read::run;
pub use signature::active_signature;
