//! What the metrics of the thermostat say while a day goes by.

use std::f64::consts::TAU;

use promqlite::assert_promql;
use promqlite::testing::{Expected, PromqlProblem, Timeline, When, check_promql};
use thermostat::Thermostat;

/// A day with a scrape every minute; the temperature swings around 20 degrees six times.
fn a_day() -> Timeline {
    let mut timeline = Timeline::every("1m").starting_at("2026-01-07T00:00:00Z");
    let mut thermostat = Thermostat::default();
    for minute in 0..=24 * 60 {
        thermostat.measure(20.0 + 2.0 * (f64::from(minute) / 240.0 * TAU).sin());
        timeline.scrape(thermostat.metrics());
    }
    timeline
}

#[test]
fn the_heater_follows_the_temperature() {
    let day = a_day();
    assert_promql!(day, "increase(heater_switched_total[1d])", approx(0.2) {
        r#"{to="on"}"# => 6,
        r#"{to="off"}"# => 6,
    });
    assert_promql!(day, "temperature_celsius and heater_on == 0", range "0s".."1d" step "10m", all >= 20.0);
    assert_promql!(day, "temperature_celsius and heater_on == 1", range "0s".."1d" step "10m", all < 21);
    assert_promql!(day, "avg_over_time(heater_on[1d])", 0.4..0.7);
    assert_promql!(day, "heater_on", at "2026-01-07T01:00:00Z", { "heater_on" => 0 });
    assert_promql!(day, "heater_on", at "3h", { "heater_on" => 1 });
}

#[test]
fn a_thermostat_that_is_gone() {
    let mut timeline = Timeline::every("15s");
    let thermostat = Thermostat::default();
    timeline.target("house", "cellar").scrape(thermostat.metrics());
    timeline.target("house", "attic").scrape(thermostat.metrics());
    timeline.target("house", "cellar").fail();
    timeline.target("house", "attic").scrape(thermostat.metrics());
    assert_promql!(timeline, "up", {
        r#"up{job="house", instance="cellar"}"# => 0,
        r#"up{job="house", instance="attic"}"# => 1,
    });
    assert_promql!(timeline, "count(temperature_celsius)", 1.0);
    let cellar = r#"temperature_celsius{instance="cellar"}"#;
    assert_promql!(timeline, cellar, empty);
    assert_promql!(timeline, cellar, at "14s", 0.0);
}

#[test]
fn a_failure_as_a_value() {
    let failure = check_promql(&a_day(), "heater_onn", When::NEWEST, Expected::value(1)).unwrap_err();
    assert!(matches!(failure.problem(), PromqlProblem::NotOneValue { .. }));
    assert!(failure.to_string().contains("did you mean heater_on?"), "{failure}");
}

#[test]
#[should_panic(expected = "different  temperature_celsius  expected 30  got 20")]
fn a_failure_as_a_panic() {
    let mut timeline = Timeline::every("1m");
    let mut thermostat = Thermostat::default();
    thermostat.measure(20.0);
    timeline.scrape(thermostat.metrics());
    assert_promql!(timeline, "temperature_celsius", { "temperature_celsius" => 30 });
}
