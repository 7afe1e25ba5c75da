//! Elementary functions, whose last bits are those of Go's `math`.
//!
//! A last bit grows: the sine of a huge number makes another number of it, and the difference of two nearly equal ones
//! is nothing but last bits. So the values themselves are `go_math`'s, and an answer is compared to the last bit
//! whatever is made of them. The standard library, which knows nothing of Go, has to agree as far as two libraries do.

use promqlite::model::{go_log, go_math};

/// The function `name` of `x`, if that is one of these.
pub(crate) fn of_one(name: &str, x: f64) -> Option<f64> {
    let (value, other) = match name {
        "exp" => (go_math::exp(x), x.exp()),
        "ln" => (go_log::ln(x), x.ln()),
        "log2" => (go_log::log2(x), x.log2()),
        "log10" => (go_log::log10(x), x.log10()),
        "sin" => (go_math::sin(x), x.sin()),
        "cos" => (go_math::cos(x), x.cos()),
        "tan" => (go_math::tan(x), x.tan()),
        "atan" => (go_math::atan(x), x.atan()),
        "sinh" => (go_math::sinh(x), x.sinh()),
        "tanh" => (go_math::tanh(x), x.tanh()),
        "asinh" => (go_math::asinh(x), x.asinh()),
        _ => return None,
    };
    // Near the poles of the tangent the last bit of a reduced argument is all there is.
    let slack = if name == "tan" { value.abs() } else { 1.0 };
    assert_near(value, other, slack, || format!("{name}({x:e})"));
    Some(value)
}

/// `x` to the power of `y`.
pub(crate) fn pow(x: f64, y: f64) -> f64 {
    let value = go_math::pow(x, y);
    // By squaring: the error of `x` grows with the exponent.
    assert_near(value, x.powf(y), y.abs(), || format!("{x:e} ^ {y:e}"));
    value
}

/// The angle of the point (`x`, `y`).
pub(crate) fn atan2(y: f64, x: f64) -> f64 {
    let value = go_math::atan2(y, x);
    // Go divides first: where nothing is left of the quotient, the sign of `y` is lost.
    if y == 0.0 || y / x != 0.0 {
        assert_near(value, y.atan2(x), 1.0, || format!("{y:e} atan2 {x:e}"));
    }
    value
}

/// Fails unless two libraries agree; `slack` is by how much the errors of the arguments grow.
fn assert_near(value: f64, other: f64, slack: f64, what: impl Fn() -> String) {
    let same = value == other || value.is_nan() && other.is_nan();
    let error = 1e-13 * slack.max(1.0) * value.abs().max(other.abs()).max(1e-300);
    let near = (value - other).abs() <= error.max(1e-16);
    assert!(same || near, "{} is {value:e}, and {other:e} elsewhere", what());
}
