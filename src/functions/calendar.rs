//! Parts of a date out of seconds since the Unix epoch, in UTC.
//!
//! `year(vector(1136239445))` is 2006: seconds are cut to whole ones toward zero, whole days are counted, and
//! days become year, month and day by the regularity of the Gregorian calendar: 400 years, an era, are 146,097
//! days, and when a year begins in March its months' lengths follow a straight line and the leap day comes last.
//! Everything is arithmetic on integers without a table, so that a column costs a few ns a value.

const DAY: i64 = 86_400;

/// From the day after 29 February of a year divisible by 400 to the Unix epoch.
const MARCH_0000_TO_EPOCH: i64 = 719_468;

/// Days in 400 years.
const ERA: i64 = 146_097;

/// Go counts seconds without a sign, from the March of a year far back, and in 64 bits: what lies before that is
/// told as a date at the far end of time (`absoluteYears` in its package `time`).
const DAYS_BEFORE_MARCH_0000: i64 = 292_277_022_400 / 400 * ERA;

/// Days since the 1st of March of the year 0, and seconds of that day.
#[inline(always)]
fn day_and_second(seconds: i64) -> (i64, i64) {
    const TO_EPOCH: u64 = ((MARCH_0000_TO_EPOCH + DAYS_BEFORE_MARCH_0000) * DAY) as u64;
    let counted = (seconds as u64).wrapping_add(TO_EPOCH);
    ((counted / DAY as u64) as i64 - DAYS_BEFORE_MARCH_0000, (counted % DAY as u64) as i64)
}

pub(super) fn minute(values: &mut [f64]) {
    map(values, |seconds| day_and_second(seconds).1 % 3600 / 60);
}

pub(super) fn hour(values: &mut [f64]) {
    map(values, |seconds| day_and_second(seconds).1 / 3600);
}

/// The 1st of March of the year 0 was a Wednesday.
pub(super) fn day_of_week(values: &mut [f64]) {
    map(values, |seconds| (day_and_second(seconds).0 + 3).rem_euclid(7));
}

pub(super) fn day_of_month(values: &mut [f64]) {
    map(values, |seconds| Date::of(seconds).day);
}

pub(super) fn day_of_year(values: &mut [f64]) {
    map(values, |seconds| {
        let date = Date::of(seconds);
        let january_and_february = 59 + i64::from(date.is_leap());
        // March 1st is day 0 of the shifted year.
        if date.month > 2 {
            date.day_from_march + january_and_february + 1
        } else {
            date.day_from_march - 305
        }
    });
}

pub(super) fn days_in_month(values: &mut [f64]) {
    map(values, |seconds| {
        let date = Date::of(seconds);
        match date.month {
            2 => 28 + i64::from(date.is_leap()),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    });
}

pub(super) fn month(values: &mut [f64]) {
    map(values, |seconds| Date::of(seconds).month);
}

pub(super) fn year(values: &mut [f64]) {
    map(values, |seconds| Date::of(seconds).year);
}

#[inline(always)]
fn map(values: &mut [f64], part: impl Fn(i64) -> i64) {
    for value in values {
        *value = part(whole_seconds(*value)) as f64;
    }
}

/// Cut toward zero. What does not fit an `i64`, NaN included, becomes the smallest one, as x86 converts numbers.
#[inline(always)]
fn whole_seconds(value: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if value.abs() < LIMIT { value as i64 } else { i64::MIN }
}

struct Date {
    year: i64,
    month: i64,
    day: i64,
    /// Days since the last 1st of March.
    day_from_march: i64,
}

impl Date {
    #[inline(always)]
    fn of(seconds: i64) -> Date {
        let (days, _) = day_and_second(seconds);
        let (era, day_of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
        // Without its leap days, an era is 400 years of 365 days: one leap day in 1,460 days, save one in 36,524,
        // and one more at its end.
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_from_march = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // Five months are 153 days: 31, 30, 31, 30, 31.
        let month_from_march = (5 * day_from_march + 2) / 153;
        let day = day_from_march - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        Date { year, month, day, day_from_march }
    }

    #[inline(always)]
    fn is_leap(&self) -> bool {
        self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Datelike, Timelike};

    fn one(part: fn(&mut [f64]), seconds: f64) -> f64 {
        let mut values = [seconds];
        part(&mut values);
        values[0]
    }

    #[test]
    fn agrees_with_chrono() {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        // Around 1900 and 2100, the ends of eras, and anywhere in chrono's range.
        let mut cases = vec![0, -1, 951_782_399, 951_782_400, 951_868_800, 4_107_542_400, -2_203_891_200];
        for k in 0..20_000 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let wide = (state as i64) >> 22;
            cases.push(if k % 2 == 0 { wide } else { (state as i64) >> 30 });
        }
        for seconds in cases {
            let Some(date) = DateTime::from_timestamp(seconds, 0) else { continue };
            let at = |part| one(part, seconds as f64);
            assert_eq!(at(year), f64::from(date.year()), "year of {seconds}");
            assert_eq!(at(month), f64::from(date.month()), "month of {seconds}");
            assert_eq!(at(day_of_month), f64::from(date.day()), "day of {seconds}");
            assert_eq!(at(day_of_year), f64::from(date.ordinal()), "day of year of {seconds}");
            assert_eq!(
                at(day_of_week),
                f64::from(date.weekday().num_days_from_sunday()),
                "weekday of {seconds}"
            );
            assert_eq!(at(hour), f64::from(date.hour()), "hour of {seconds}");
            assert_eq!(at(minute), f64::from(date.minute()), "minute of {seconds}");
            assert_eq!(at(days_in_month), f64::from(date.num_days_in_month()), "days in month of {seconds}");
        }
    }

    #[test]
    fn fractions_are_cut_toward_zero() {
        assert_eq!(one(minute, -0.9), 0.0);
        assert_eq!(one(minute, -1.0), 59.0);
        assert_eq!(one(year, -0.5), 1970.0);
        assert_eq!(one(minute, 119.999), 1.0);
    }

    #[test]
    fn what_is_no_time_is_before_the_count_and_so_far_ahead() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e19, -1e300] {
            assert_eq!(one(year, value), 292_277_026_596.0);
            assert_eq!(one(month, value), 12.0);
            assert_eq!(one(day_of_month, value), 4.0);
            assert_eq!(one(hour, value), 15.0);
            assert_eq!(one(minute, value), 30.0);
        }
    }
}
