//! Room on the stack for deep queries.
//!
//! Planning and running a query recurses as deep as its expression. What people write is a dozen levels deep and runs on
//! the caller's stack; `x or x or x or ...`, as programs write it, can be hundreds. Such a query gets a thread of its own
//! with a stack that fits, which ends before the call returns.

use crate::syntax::ast::Expr;

/// Up to this many levels any stack will do.
#[cfg(not(target_family = "wasm"))]
const SHALLOW: usize = 24;

/// Bytes of stack for each level, in a build without optimisation.
#[cfg(not(target_family = "wasm"))]
const BYTES_A_LEVEL: usize = 64 * 1024;

/// Runs `work` with a stack for an expression of `height` levels.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn with_room<T: Send>(height: usize, work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    if height <= SHALLOW {
        return Ok(work());
    }
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(height * BYTES_A_LEVEL);
        match builder.spawn_scoped(scope, work)?.join() {
            Ok(result) => Ok(result),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Up to this many levels the stack of a module will do, which is a megabyte if nothing else is asked of the linker.
#[cfg(target_family = "wasm")]
const DEEPEST: usize = 100;

/// Runs `work`, unless the one stack that there is may be too small.
#[cfg(target_family = "wasm")]
pub(crate) fn with_room<T: Send>(height: usize, work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    if height > DEEPEST {
        return Err(std::io::Error::other(format!(
            "{height} levels, of {DEEPEST} that the stack has room for"
        )));
    }
    Ok(work())
}

/// How many expressions stand in each other at the deepest place.
pub(crate) fn height(expr: &Expr) -> usize {
    let below = match expr {
        Expr::Number(_) | Expr::String(_) | Expr::Vector(_) | Expr::Matrix(_) => 0,
        Expr::Paren(e) => height(&e.inner),
        Expr::Unary(e) => height(&e.operand),
        Expr::Subquery(e) => height(&e.inner),
        Expr::Binary(e) => height(&e.lhs).max(height(&e.rhs)),
        Expr::Aggregate(e) => e.args.iter().map(height).max().unwrap_or(0),
        Expr::Call(e) => e.args.iter().map(height).max().unwrap_or(0),
    };
    below + 1
}
