//! What the thermostat tells a Prometheus server, written by hand: it has two metrics only.

/// A thermostat with a heater.
#[derive(Debug, Default)]
pub struct Thermostat {
    celsius: f64,
    heating: bool,
    switched: [u64; 2],
}

/// Below this it heats, a degree above it stops.
const WANTED: f64 = 20.0;

impl Thermostat {
    /// Takes a measurement, and switches the heater.
    pub fn measure(&mut self, celsius: f64) {
        self.celsius = celsius;
        let heating = if self.heating { celsius < WANTED + 1.0 } else { celsius < WANTED };
        if heating != self.heating {
            self.switched[usize::from(heating)] += 1;
        }
        self.heating = heating;
    }

    /// Whether the heater is on.
    pub fn is_heating(&self) -> bool {
        self.heating
    }

    /// The text of `/metrics`.
    pub fn metrics(&self) -> String {
        format!(
            "# TYPE temperature_celsius gauge\n\
             temperature_celsius {}\n\
             # TYPE heater_on gauge\n\
             heater_on {}\n\
             # TYPE heater_switched_total counter\n\
             heater_switched_total{{to=\"off\"}} {}\n\
             heater_switched_total{{to=\"on\"}} {}\n",
            self.celsius,
            u8::from(self.heating),
            self.switched[0],
            self.switched[1],
        )
    }
}
