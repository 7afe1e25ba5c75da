//! When a query of an assertion is asked.

use std::fmt;

use crate::inspect::Times;
use crate::model::Timestamp;
use crate::syntax::format_duration;
use crate::testing::test_time::point_text;
use crate::testing::{EvalTime, TestTime, TestTimeError};

/// When a query is asked: at the newest sample unless it is said.
///
/// ```
/// use promqlite::testing::{Expected, Timeline, When, check_promql};
///
/// let mut timeline = Timeline::every("1m");
/// timeline.scrape("up 1\n");
/// timeline.scrape("up 0\n");
/// check_promql(&timeline, "up", When::NEWEST, Expected::series().with("up", 0))?;
/// check_promql(&timeline, "up", When::at("30s"), Expected::series().with("up", 1))?;
/// check_promql(&timeline, "up", When::range("0s", "1m", "1m"), Expected::series().with("up", [1, 0]))?;
/// # Ok::<(), promqlite::testing::PromqlFailure>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct When(Asked);

#[derive(Clone, Debug, Default, PartialEq)]
enum Asked {
    #[default]
    Newest,
    At(TestTime),
    Range {
        start: TestTime,
        end: TestTime,
        step: TestTime,
    },
}

impl When {
    /// At the time of the newest scrape, or sample.
    pub const NEWEST: When = When(Asked::Newest);

    /// At this time.
    pub fn at(time: impl Into<TestTime>) -> When {
        When(Asked::At(time.into()))
    }

    /// At `start`, `start + step`, and so on up to `end`.
    pub fn range(start: impl Into<TestTime>, end: impl Into<TestTime>, step: impl Into<TestTime>) -> When {
        When(Asked::Range { start: start.into(), end: end.into(), step: step.into() })
    }

    /// The time itself; `None` if it is the newest, and that is not known.
    pub(super) fn resolve(
        &self,
        start: Timestamp,
        newest: impl FnOnce() -> Option<Timestamp>,
    ) -> Result<Option<EvalTime>, TestTimeError> {
        Ok(match &self.0 {
            Asked::Newest => newest().map(EvalTime::Instant),
            Asked::At(time) => Some(EvalTime::Instant(time.point(start)?)),
            Asked::Range { start: first, end, step } => Some(EvalTime::Range {
                start: first.point(start)?,
                end: end.point(start)?,
                step: step.distance()?,
            }),
        })
    }
}

impl EvalTime {
    /// As [`inspect`](crate::inspect) writes it.
    pub(in crate::testing) fn times(self) -> Times {
        match self {
            EvalTime::Instant(time) => Times::instant(time),
            EvalTime::Range { start, end, step } => Times { start, end, step },
        }
    }
}

/// For people: `at 5m`, `from 0s to 5m step 15s`.
impl fmt::Display for EvalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            EvalTime::Instant(time) => write!(f, "at {}", point_text(time)),
            EvalTime::Range { start, end, step } => {
                let (start, end) = (point_text(start), point_text(end));
                write!(f, "from {start} to {end} step {}", format_duration(step))
            }
        }
    }
}
