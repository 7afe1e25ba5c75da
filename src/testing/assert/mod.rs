//! Assertions on the answers to queries: what is asked, what has to come out, and a failure that explains itself.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `subject`, `when` | what is asked, and for which time |
//! | `expected`, `value` | what has to come out |
//! | `answer`, `compare` | what came out, and where it differs |
//! | `check` | the whole way on one screen |
//! | `failure`, `reproduce`, `load_text` | the failure in words, and as a script |
//! | `assert_promql` | the macro |

mod answer;
mod assert_promql;
mod check;
mod compare;
mod expected;
mod failure;
mod load_text;
mod reproduce;
mod subject;
mod value;
mod when;

pub use check::check_promql;
#[doc(hidden)]
pub use check::enforce_promql;
pub use compare::{Difference, DifferenceKind};
pub use expected::{Comparison, Expected};
pub use failure::{PromqlFailure, PromqlProblem};
pub use subject::Subject;
pub use value::{ExpectedValue, ValueMistake};
pub use when::When;
