//! The whole pipeline on one screen: text, tree, check, plan, operators, value.
//!
//! ```
//! use promqlite::{Engine, MemoryStore, Value};
//!
//! let engine = Engine::default();
//! let query = engine.prepare("vector(1) + 1")?;
//! let answer = query.instant(&MemoryStore::new(), 0)?;
//! let Value::Vector(samples) = answer.value else { panic!("{:?}", answer.value) };
//! assert_eq!(samples.len(), 1);
//! # Ok::<(), promqlite::Error>(())
//! ```

use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::exec::{self, ExecError, QueryContext, QueryLimits, Worker};
use crate::model::{Annotations, TimeRange, Timestamp, Value, ValueType};
use crate::plan::node::QueryTimes;
use crate::plan::{self, PlanError};
use crate::stack;
use crate::store::SeriesStore;
use crate::syntax::{Expr, Features};

/// How queries are understood and run. The defaults are those of a Prometheus server.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EngineOptions {
    /// Parts of the language that have to be asked for.
    pub features: Features,
    /// How far back an instant selector looks for a sample, in ms: 5 minutes.
    pub lookback_ms: i64,
    /// Samples that one query may hold in memory: 50 million.
    pub max_samples: u64,
    /// Step of a subquery that does not name one, in ms: 1 minute.
    pub default_subquery_step_ms: i64,
    /// Whether `__type__` and `__unit__` labels tell what a metric is (`type-and-unit-labels`): no.
    pub type_and_unit_labels: bool,
    /// How many threads one query may use: as many as the machine has processors. The answer is the same to the last
    /// bit for any number; only queries over many series use more than one.
    pub threads: usize,
}

impl Default for EngineOptions {
    fn default() -> Self {
        EngineOptions {
            features: Features::default(),
            lookback_ms: 300_000,
            max_samples: 50_000_000,
            default_subquery_step_ms: 60_000,
            type_and_unit_labels: false,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// Understands and runs queries. Cheap to clone; one engine serves any number of threads and stores.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    options: Arc<EngineOptions>,
}

impl Engine {
    /// An engine with these options.
    pub fn new(options: EngineOptions) -> Self {
        Engine { options: Arc::new(options) }
    }

    /// The engine's options.
    pub fn options(&self) -> &EngineOptions {
        &self.options
    }

    /// Parses and checks a query, to be run any number of times.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadData`] with the place of the first mistake.
    pub fn prepare(&self, query: &str) -> Result<Prepared, Error> {
        let (expr, value_type) = plan::parse_and_check(query, &self.options.features).map_err(|error| {
            let (line, column) = error.span().position_in(query);
            let message = format!("{line}:{column}: parse error: {}", error.message());
            Error::new(ErrorKind::BadData, message, Some(error.span())).with_help(error.diagnostic().help)
        })?;
        let limits = QueryLimits { max_samples: self.options.max_samples, ..QueryLimits::default() };
        Ok(Prepared {
            text: query.into(),
            height: stack::height(&expr),
            expr: Arc::new(expr),
            value_type,
            options: self.options.clone(),
            limits,
        })
    }
}

/// A query that was understood.
#[derive(Clone, Debug)]
pub struct Prepared {
    text: Arc<str>,
    expr: Arc<Expr>,
    height: usize,
    value_type: ValueType,
    options: Arc<EngineOptions>,
    limits: QueryLimits,
}

/// The answer to a query.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct QueryResult {
    /// The answer itself.
    pub value: Value,
    /// Warnings and infos that came up on the way.
    pub annotations: Annotations,
    /// What it took.
    pub stats: QueryStats,
}

/// What a query took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryStats {
    /// Samples read from the store.
    pub samples_read: u64,
    /// The most samples held at one time.
    pub peak_samples: u64,
}

impl Prepared {
    /// The text of the query.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The syntax tree of the query.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// The type of its value.
    pub fn value_type(&self) -> ValueType {
        self.value_type
    }

    /// The same query with a deadline, a cancel token or another sample limit.
    pub fn with_limits(self, limits: QueryLimits) -> Self {
        Prepared { limits, ..self }
    }

    /// The limits that the query runs with.
    pub fn limits(&self) -> &QueryLimits {
        &self.limits
    }

    /// Answers at one time, in ms since the Unix epoch.
    ///
    /// # Errors
    ///
    /// The query has no answer over this data, the store could not read, or a limit was reached.
    pub fn instant(&self, store: &dyn SeriesStore, time: Timestamp) -> Result<QueryResult, Error> {
        self.run(store, TimeRange::new(time, time), 0)
    }

    /// Answers at `start`, `start + step`, and so on up to `end`, in ms; `step` is above 0.
    ///
    /// # Errors
    ///
    /// As for [`instant`](Prepared::instant); and [`ErrorKind::BadData`] when the times make no sense, or the query is
    /// a string or a range vector.
    pub fn range(
        &self,
        store: &dyn SeriesStore,
        start: Timestamp,
        end: Timestamp,
        step: i64,
    ) -> Result<QueryResult, Error> {
        let refuse = |message: String| Err(Error::new(ErrorKind::BadData, message, None));
        if !matches!(self.value_type, ValueType::Scalar | ValueType::Vector) {
            return refuse(format!(
                "invalid expression type \"{}\" for range query, must be Scalar or instant Vector",
                self.value_type.documented()
            ));
        }
        if step <= 0 {
            return refuse(
                "zero or negative query resolution step widths are not accepted. \
                           Try a positive integer"
                    .to_owned(),
            );
        }
        if end < start {
            return refuse("end timestamp must not be before start time".to_owned());
        }
        if end.checked_sub(start).is_none_or(|width| width / step >= i64::from(u32::MAX)) {
            return refuse("the query has too many steps".to_owned());
        }
        self.run(store, TimeRange::new(start, end), step)
    }

    fn run(&self, store: &dyn SeriesStore, range: TimeRange, step: i64) -> Result<QueryResult, Error> {
        let options = &*self.options;
        let times = QueryTimes {
            start: range.start,
            end: range.end,
            step,
            lookback: options.lookback_ms,
            default_subquery_step: options.default_subquery_step_ms,
        };
        let mut context = QueryContext::new(range, step, options.lookback_ms, self.limits.clone());
        context.delayed_name_removal = options.features.delayed_name_removal;
        context.use_start_timestamps = options.features.use_start_timestamps;
        context.type_labels = options.type_and_unit_labels;
        context.threads = options.threads;
        let view = store.view();
        let store = view.as_deref().unwrap_or(store);
        let mut worker = Worker::default();
        let work = || {
            let plan = plan::build(&self.expr, times)?;
            Ok(exec::run::run(&plan, step == 0, store, &mut worker, &context)?)
        };
        let value = stack::with_room(self.height, work).unwrap_or_else(|error| {
            Err(Error::new(ErrorKind::Internal, format!("no thread for a deep query: {error}"), None))
        })?;
        let stats = QueryStats { samples_read: context.samples_read(), peak_samples: context.peak_samples() };
        Ok(QueryResult { value, annotations: worker.into_annotations(), stats })
    }
}

impl From<PlanError> for Error {
    fn from(error: PlanError) -> Self {
        Error::new(ErrorKind::Execution, error.message, Some(error.span))
    }
}

impl From<ExecError> for Error {
    fn from(error: ExecError) -> Self {
        let kind = match error {
            ExecError::Cancelled => ErrorKind::Canceled,
            ExecError::TimedOut => ErrorKind::Timeout,
            ExecError::Store(_) => ErrorKind::Internal,
            _ => ErrorKind::Execution,
        };
        Error::new(kind, error.to_string(), error.span()).with_source(error)
    }
}
