//! A query that was understood, and what running it comes to: plan, operators, value.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{EngineOptions, QueryResult, QueryStats};
use crate::error::{Error, ErrorKind};
use crate::exec::meter::Meter;
use crate::exec::{self, CancelToken, ExecError, QueryContext, QueryLimits, Worker};
use crate::model::{IntoMilliseconds, IntoTimestamp, TimeRange, Timestamp, ValueType, WrongType};
use crate::plan::node::QueryTimes;
use crate::plan::{self, Plan, PlanError};
use crate::stack;
use crate::store::SeriesStore;
use crate::syntax::Expr;

/// A query that was understood, to be run any number of times, over any store, from any number of threads.
///
/// ```
/// use std::time::Duration;
/// use promqlite::{Engine, Labels, MemoryStore};
///
/// let store = MemoryStore::new();
/// let requests = Labels::metric("requests_total");
/// for minute in 0..=60 {
///     store.append(&requests, minute * 60_000, minute as f64 * 120.0)?;
/// }
/// let query = Engine::default().prepare("rate(requests_total[5m])")?.with_timeout(Duration::from_secs(10));
/// for minute in 10..=60 {
///     let vector = query.instant(&store, minute * 60_000)?.value.into_vector()?;
///     assert_eq!(vector.only().unwrap().value, 2.0);
/// }
/// let course = query.range(&store, 600_000, 3_600_000, Duration::from_secs(60))?.value.into_matrix()?;
/// assert_eq!(course.only().unwrap().floats.len(), 51);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Prepared {
    text: Arc<str>,
    expr: Arc<Expr>,
    height: usize,
    value_type: ValueType,
    options: Arc<EngineOptions>,
    limits: QueryLimits,
}

impl Prepared {
    /// Parses and checks.
    pub(super) fn parse(query: &str, options: &Arc<EngineOptions>) -> Result<Self, Error> {
        let text: Arc<str> = query.into();
        let (expr, value_type) = plan::parse_and_check(query, &options.features).map_err(|error| {
            let (line, column) = error.span().position_in(query);
            let message = format!("{line}:{column}: parse error: {}", error.message());
            Error::new(ErrorKind::BadData, message, Some(error.span()))
                .with_help(error.diagnostic().help)
                .with_query(text.clone())
        })?;
        let EngineOptions { max_samples, max_bytes, timeout, .. } = **options;
        Ok(Prepared {
            text,
            height: stack::height(&expr),
            expr: Arc::new(expr),
            value_type,
            options: options.clone(),
            limits: QueryLimits { max_samples, max_bytes, timeout, ..QueryLimits::default() },
        })
    }

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

    /// The same query with these limits in place of those of the engine.
    pub fn with_limits(self, limits: QueryLimits) -> Self {
        Prepared { limits, ..self }
    }

    /// The same query, ended when the token is pulled.
    pub fn with_cancel(mut self, token: &CancelToken) -> Self {
        self.limits.cancel = Some(token.clone());
        self
    }

    /// The same query, each run of which may take this long.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = Some(timeout);
        self
    }

    /// The same query, which has to be done at this time.
    pub fn with_deadline(mut self, deadline: Instant) -> Self {
        self.limits.deadline = Some(deadline);
        self
    }

    /// The same query, which may hold this many samples.
    pub fn with_max_samples(mut self, max_samples: u64) -> Self {
        self.limits.max_samples = max_samples;
        self
    }

    /// The same query, which may hold this many bytes, estimated as [`QueryLimits::max_bytes`] tells.
    pub fn with_max_bytes(mut self, max_bytes: u64) -> Self {
        self.limits.max_bytes = Some(max_bytes);
        self
    }

    /// The limits that the query runs with.
    pub fn limits(&self) -> &QueryLimits {
        &self.limits
    }

    /// Answers at one time: a [`SystemTime`](std::time::SystemTime), or milliseconds since the Unix epoch.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Execution`] when the query has no answer over this data or reached a limit of memory,
    /// [`ErrorKind::Timeout`] and [`ErrorKind::Canceled`] when it was ended, [`ErrorKind::Internal`] when the store could
    /// not read.
    pub fn instant(&self, store: &dyn SeriesStore, time: impl IntoTimestamp) -> Result<QueryResult, Error> {
        let time = time.into_timestamp();
        self.run(store, TimeRange::new(time, time), 0)
    }

    /// Answers at `start`, `start + step`, and so on up to `end`: times as for [`instant`](Prepared::instant), the step
    /// as a [`Duration`] or in milliseconds, and above 0.
    ///
    /// # Errors
    ///
    /// As for [`instant`](Prepared::instant); and [`ErrorKind::BadData`] when the times make no sense, or the query is
    /// a string or a range vector.
    pub fn range(
        &self,
        store: &dyn SeriesStore,
        start: impl IntoTimestamp,
        end: impl IntoTimestamp,
        step: impl IntoMilliseconds,
    ) -> Result<QueryResult, Error> {
        let (start, end, step) = (start.into_timestamp(), end.into_timestamp(), step.into_milliseconds());
        self.check_range(start, end, step)?;
        self.run(store, TimeRange::new(start, end), step)
    }

    fn check_range(&self, start: Timestamp, end: Timestamp, step: i64) -> Result<(), Error> {
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
        Ok(())
    }

    fn run(&self, store: &dyn SeriesStore, range: TimeRange, step: i64) -> Result<QueryResult, Error> {
        let context = self.context(range, step);
        self.run_plan(store, range, step, &context).map(|(result, _)| result)
    }

    /// Runs the query on one thread and measures each operator. Gives back the plan that was run, too, and the context,
    /// which has the meter.
    pub(crate) fn measure(
        &self,
        store: &dyn SeriesStore,
        range: TimeRange,
        step: i64,
        meter: Meter,
    ) -> Result<(QueryResult, Box<Plan>, QueryContext), Error> {
        if step != 0 {
            self.check_range(range.start, range.end, step)?;
        }
        let mut context = self.context(range, step);
        context.threads = 1;
        context.set_meter(meter);
        let (result, plan) = self.run_plan(store, range, step, &context)?;
        Ok((result, plan, context))
    }

    /// What a run of the query may use.
    pub(crate) fn context(&self, range: TimeRange, step: i64) -> QueryContext {
        let options = &*self.options;
        let mut context = QueryContext::new(range, step, options.lookback_ms, self.limits.clone());
        context.delayed_name_removal = options.features.delayed_name_removal;
        context.use_start_timestamps = options.features.use_start_timestamps;
        context.type_labels = options.type_and_unit_labels;
        context.threads = options.threads;
        context
    }

    fn run_plan(
        &self,
        store: &dyn SeriesStore,
        range: TimeRange,
        step: i64,
        context: &QueryContext,
    ) -> Result<(QueryResult, Box<Plan>), Error> {
        if cfg!(all(target_family = "wasm", target_os = "unknown")) && self.limits.timeout.is_some() {
            return Err(Error::new(
                ErrorKind::Internal,
                "there is no clock to time a query by".to_owned(),
                None,
            ));
        }
        let options = &*self.options;
        let times = QueryTimes {
            start: range.start,
            end: range.end,
            step,
            lookback: options.lookback_ms,
            default_subquery_step: options.default_subquery_step_ms,
        };
        let view = store.view();
        let store = view.as_deref().unwrap_or(store);
        let mut worker = Worker::default();
        let work = || {
            context.check()?;
            // In a box its nodes stay where they are, and can be told apart by that.
            let plan = Box::new(plan::build(&self.expr, times)?);
            let value = exec::run::run(&plan, step == 0, store, &mut worker, context)?;
            Ok((value, plan))
        };
        let value = stack::with_room(self.height, work).unwrap_or_else(|error| {
            Err(Error::new(ErrorKind::Internal, format!("no thread for a deep query: {error}"), None))
        });
        let (value, plan) = value.map_err(|error| error.with_query(self.text.clone()))?;
        let stats = QueryStats {
            samples_read: context.samples_read(),
            peak_samples: context.peak_samples(),
            peak_bytes: context.peak_bytes(),
        };
        let annotations = worker.into_annotations();
        Ok((QueryResult { value, annotations, stats, query: self.text.clone() }, plan))
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

impl From<WrongType> for Error {
    fn from(error: WrongType) -> Self {
        Error::new(ErrorKind::BadData, error.to_string(), None).with_source(error)
    }
}
