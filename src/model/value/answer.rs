//! The four things that a query can answer.

use std::fmt;

use super::matrix::{Matrix, MatrixSeries};
use super::vector::{InstantSample, Vector};
use crate::model::Timestamp;

/// The four types that an expression can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueType {
    /// One float for each step.
    Scalar,
    /// A set of series, one sample each.
    Vector,
    /// A set of series, a stretch of samples each.
    Matrix,
    /// A constant text.
    String,
}

impl ValueType {
    /// The name in the HTTP API: `scalar`, `vector`, `matrix`, `string`.
    pub fn as_str(self) -> &'static str {
        match self {
            ValueType::Scalar => "scalar",
            ValueType::Vector => "vector",
            ValueType::Matrix => "matrix",
            ValueType::String => "string",
        }
    }

    /// The name in error messages: `scalar`, `instant vector`, `range vector`, `string` (`parser/value.go`).
    pub fn documented(self) -> &'static str {
        match self {
            ValueType::Scalar => "scalar",
            ValueType::Vector => "instant vector",
            ValueType::Matrix => "range vector",
            ValueType::String => "string",
        }
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The answer to a query.
///
/// Match on it, or say what you expect: `as_...` lends that or gives `None`, `into_...` hands it over or says what
/// there is instead.
///
/// ```
/// use promqlite::{Engine, MemoryStore, Value};
///
/// let answer = Engine::default().instant(&MemoryStore::new(), "1 + 1", 0)?;
/// assert_eq!(answer.value.as_scalar(), Some(2.0));
/// let error = answer.value.into_vector().unwrap_err();
/// assert_eq!(error.to_string(), "the answer is a scalar, not a vector");
/// # Ok::<(), promqlite::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A number at a time.
    Scalar {
        /// Evaluation time in ms.
        timestamp: Timestamp,
        /// The number.
        value: f64,
    },
    /// A text at a time. PromQL strings are bytes; what is no UTF-8 was replaced.
    String {
        /// Evaluation time in ms.
        timestamp: Timestamp,
        /// The text.
        value: String,
    },
    /// One sample for each series, all at one time: what an instant query gives.
    Vector(Vector),
    /// A stretch of samples for each series, sorted by labels: what a range query gives, and `m[5m]`.
    Matrix(Matrix),
}

impl Value {
    /// Which of the four it is.
    pub fn value_type(&self) -> ValueType {
        match self {
            Value::Scalar { .. } => ValueType::Scalar,
            Value::String { .. } => ValueType::String,
            Value::Vector(_) => ValueType::Vector,
            Value::Matrix(_) => ValueType::Matrix,
        }
    }

    /// The number of a scalar.
    pub fn as_scalar(&self) -> Option<f64> {
        match self {
            Value::Scalar { value, .. } => Some(*value),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String { value, .. } => Some(value),
            _ => None,
        }
    }

    /// The instant vector.
    pub fn as_vector(&self) -> Option<&Vector> {
        match self {
            Value::Vector(vector) => Some(vector),
            _ => None,
        }
    }

    /// The matrix.
    pub fn as_matrix(&self) -> Option<&Matrix> {
        match self {
            Value::Matrix(matrix) => Some(matrix),
            _ => None,
        }
    }

    /// The number of a scalar.
    ///
    /// # Errors
    ///
    /// It is not a scalar. `vector(1)` and `sum(x)` are vectors, with one sample without labels.
    pub fn into_scalar(self) -> Result<f64, WrongType> {
        self.as_scalar().ok_or_else(|| self.is_no(ValueType::Scalar))
    }

    /// The text of a string.
    ///
    /// # Errors
    ///
    /// It is not a string.
    pub fn into_string(self) -> Result<String, WrongType> {
        match self {
            Value::String { value, .. } => Ok(value),
            other => Err(other.is_no(ValueType::String)),
        }
    }

    /// The instant vector.
    ///
    /// # Errors
    ///
    /// It is not a vector: the query was a range query, a number, or `m[5m]`.
    pub fn into_vector(self) -> Result<Vector, WrongType> {
        match self {
            Value::Vector(vector) => Ok(vector),
            other => Err(other.is_no(ValueType::Vector)),
        }
    }

    /// The matrix.
    ///
    /// # Errors
    ///
    /// It is not a matrix: the query was an instant query of something else than `m[5m]`.
    pub fn into_matrix(self) -> Result<Matrix, WrongType> {
        match self {
            Value::Matrix(matrix) => Ok(matrix),
            other => Err(other.is_no(ValueType::Matrix)),
        }
    }

    fn is_no(&self, expected: ValueType) -> WrongType {
        WrongType { expected, got: self.value_type() }
    }
}

/// A [`Value`] is not of the type that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrongType {
    /// What was asked for.
    pub expected: ValueType,
    /// What there is.
    pub got: ValueType,
}

impl fmt::Display for WrongType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer is a {}, not a {}", self.got, self.expected)
    }
}

impl std::error::Error for WrongType {}

impl From<Vec<InstantSample>> for Value {
    fn from(samples: Vec<InstantSample>) -> Self {
        Value::Vector(samples.into())
    }
}

impl From<Vec<MatrixSeries>> for Value {
    fn from(series: Vec<MatrixSeries>) -> Self {
        Value::Matrix(series.into())
    }
}
