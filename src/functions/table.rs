//! The table of functions, sorted by name.

use super::record::{Arity, Body, Function};
use crate::model::ValueType;

/// All functions, sorted by name.
pub static FUNCTIONS: &[Function] = &[Function {
    name: "abs",
    args: &[ValueType::Vector],
    arg_names: &["v"],
    arity: Arity::Exact,
    returns: ValueType::Vector,
    experimental: false,
    depends_on_time: false,
    summary: "The absolute value of each sample.",
    body: Body::Map(|values| values.iter_mut().for_each(|v| *v = v.abs())),
}];

/// The function with this name.
pub fn lookup(name: &str) -> Option<&'static Function> {
    FUNCTIONS.binary_search_by(|f| f.name.cmp(name)).ok().map(|i| &FUNCTIONS[i])
}
