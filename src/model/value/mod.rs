//! What a query answers: a scalar, a string, an instant vector or a matrix.
//!
//! ```
//! use promqlite::model::value::{InstantSample, Value};
//! use promqlite::Labels;
//!
//! let up = |job: &str, value: f64| InstantSample::new(Labels::metric("up").with("job", job), 0, value);
//! let value = Value::Vector([up("api", 1.0), up("db", 0.0)].into());
//!
//! let vector = value.as_vector().unwrap();
//! assert_eq!(vector.get([("__name__", "up"), ("job", "api")]).unwrap().value, 1.0);
//! let down: Vec<&str> = vector.iter().filter(|one| one.value == 0.0).map(|one| one.labels.value("job")).collect();
//! assert_eq!(down, ["db"]);
//! ```

mod answer;
mod labelled;
mod matrix;
mod points;
mod sample;
mod vector;
#[cfg(feature = "serde")]
mod wire;

pub use answer::{Value, ValueType, WrongType};
pub use labelled::{HasLabels, Labelled};
pub use matrix::{Matrix, MatrixSeries};
pub use points::FloatPoints;
pub use sample::SampleValue;
pub use vector::{InstantSample, Vector};
