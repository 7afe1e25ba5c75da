//! Random queries that are correct by type.

use crate::data::METRICS;
use crate::random::Random;

pub(crate) struct Queries<'r> {
    random: &'r mut Random,
}

const LABELS: [&str; 3] = ["job", "i", "code"];

impl<'r> Queries<'r> {
    pub(crate) fn new(random: &'r mut Random) -> Self {
        Queries { random }
    }

    /// A query of type instant vector or, rarely, scalar.
    pub(crate) fn query(&mut self) -> String {
        let depth = self.random.below(4) + 1;
        match self.random.below(12) {
            0 => self.scalar(depth),
            1 => {
                let function = self.pick(&["sort", "sort_desc"]);
                format!("{function}({})", self.vector(depth))
            }
            _ => self.vector(depth),
        }
    }

    fn pick(&mut self, choices: &[&'static str]) -> &'static str {
        self.random.of(choices)
    }

    fn vector(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.selector();
        }
        let depth = depth - 1;
        match self.random.below(20) {
            0 | 1 => self.selector(),
            2..=6 => self.of_window(depth),
            7 | 8 => self.of_values(depth),
            9..=12 => self.aggregation(depth),
            13 | 14 => self.with_scalar(depth),
            15 | 16 => self.join(depth),
            17 => self.set(depth),
            18 => self.relabelled(depth),
            _ => match self.random.below(6) {
                0 => format!("({})", self.vector(depth)),
                1 => format!("-{}", self.operand(depth)),
                2 => format!("vector({})", self.scalar(depth)),
                3 => format!("absent({})", self.vector(depth)),
                4 => format!("timestamp({})", self.vector(depth)),
                _ => format!("histogram_quantile({}, {})", self.fraction(), self.buckets(depth)),
            },
        }
    }

    /// A vector that can stand beside an operator.
    fn operand(&mut self, depth: usize) -> String {
        let vector = self.vector(depth);
        let call = vector.starts_with(|c: char| c.is_ascii_alphabetic()) && vector.ends_with(')');
        if call && !vector.contains(' ') { vector } else { format!("({vector})") }
    }

    fn scalar(&mut self, depth: usize) -> String {
        if depth == 0 || self.random.chance(50) {
            return match self.random.below(10) {
                0 => "time()".to_owned(),
                1 => "pi()".to_owned(),
                2 => self.pick(&["NaN", "Inf", "-Inf"]).to_owned(),
                3 => self.pick(&["start()", "end()", "step()", "range()"]).to_owned(),
                _ => self.number(),
            };
        }
        let depth = depth - 1;
        match self.random.below(4) {
            0 => format!("scalar({})", self.vector(depth)),
            1 => format!("max_of({}, {})", self.scalar(depth), self.scalar(depth)),
            2 => format!("min_of({}, {})", self.scalar(depth), self.scalar(depth)),
            _ => {
                let operator = self.pick(&["+", "-", "*", "/", "%", "== bool", "< bool", ">= bool"]);
                format!("({} {operator} {})", self.scalar(depth), self.scalar(depth))
            }
        }
    }

    fn number(&mut self) -> String {
        match self.random.below(3) {
            0 => self.random.between(-5, 20).to_string(),
            1 => format!("{}", self.random.between(-200, 2000) as f64 / 100.0),
            _ => self.pick(&["0", "1", "2", "0.1", "100", "1e3"]).to_owned(),
        }
    }

    fn fraction(&mut self) -> String {
        self.pick(&["0", "0.1", "0.25", "0.5", "0.9", "0.99", "1", "1.5", "-0.5", "NaN"]).to_owned()
    }

    fn buckets(&mut self, depth: usize) -> String {
        match self.random.below(4) {
            0 => "h_bucket".to_owned(),
            1 => format!("rate(h_bucket[{}])", self.duration()),
            2 => format!("sum by (le{}) (h_bucket)", self.pick(&["", ", job", ", code, i"])),
            _ => self.vector(depth),
        }
    }

    fn duration(&mut self) -> &'static str {
        self.pick(&[
            "15s",
            "30s",
            "1m",
            "90s",
            "2m",
            "5m",
            "5m",
            "10m",
            "1ms",
            "20m",
            "47s",
            "1m + 30s",
            "3m * 2",
            "step() + 1m",
        ])
    }

    fn modifiers(&mut self) -> String {
        let mut text = String::new();
        if self.random.chance(12) {
            text.push_str(match self.random.below(6) {
                0 => " @ start()",
                1 => " @ end()",
                2 => " @ 0",
                3 => " @ -60",
                4 => " @ 600.5",
                _ => " @ 300",
            });
        }
        if self.random.chance(12) {
            text.push_str(" offset ");
            text.push_str(self.pick(&["15s", "1m", "5m", "-1m", "-7s", "0s", "20m", "1s"]));
        }
        text
    }

    fn matchers(&mut self) -> String {
        let mut all = Vec::new();
        while self.random.chance(25) && all.len() < 3 {
            let label = self.pick(&LABELS);
            all.push(match self.random.below(8) {
                0 => format!("{label}=\"\""),
                1 => format!("{label}!=\"\""),
                2 => format!("{label}=~\"a|1.*|5..\""),
                3 => format!("{label}!~\"b|2\""),
                4 => format!("{label}!=\"a\""),
                5 => format!("{label}=\"1\""),
                6 => format!("{label}=\"nothing\""),
                _ => format!("{label}=\"a\""),
            });
        }
        all.join(", ")
    }

    fn bare_selector(&mut self) -> String {
        let matchers = self.matchers();
        match self.random.below(14) {
            0 => "nothing".to_owned(),
            1 => format!("{{__name__=~\"{}\", {matchers}}}", self.pick(&["g|f", ".*_total", "[gf]|odd"])),
            _ => format!("{}{{{matchers}}}", self.random.of(&METRICS)),
        }
    }

    fn selector(&mut self) -> String {
        let selector = self.bare_selector();
        selector + &self.modifiers()
    }

    fn window(&mut self, depth: usize) -> String {
        if depth > 0 && self.random.chance(35) {
            let inner = match self.random.below(3) {
                0 => self.bare_selector(),
                _ => self.operand(depth - 1),
            };
            let range = self.pick(&["30s", "1m", "5m", "10m", "3m", "95s"]);
            let step = self.pick(&["", "15s", "30s", "1m", "7s", "2m", "5m"]);
            return format!("{inner}[{range}:{step}]{}", self.modifiers());
        }
        let selector = self.bare_selector();
        format!("{selector}[{}]{}", self.duration(), self.modifiers())
    }

    fn of_window(&mut self, depth: usize) -> String {
        let function = self.pick(&[
            "rate",
            "rate",
            "increase",
            "delta",
            "irate",
            "idelta",
            "deriv",
            "changes",
            "resets",
            "sum_over_time",
            "sum_over_time",
            "avg_over_time",
            "avg_over_time",
            "min_over_time",
            "max_over_time",
            "count_over_time",
            "last_over_time",
            "first_over_time",
            "present_over_time",
            "absent_over_time",
            "stddev_over_time",
            "stdvar_over_time",
            "mad_over_time",
            "ts_of_min_over_time",
            "ts_of_max_over_time",
            "ts_of_first_over_time",
            "ts_of_last_over_time",
            "quantile_over_time",
            "predict_linear",
            "double_exponential_smoothing",
        ]);
        let window = self.window(depth);
        match function {
            "quantile_over_time" if self.random.chance(20) => {
                format!("{function}({}, {window})", self.scalar(depth))
            }
            "quantile_over_time" => format!("{function}({}, {window})", self.fraction()),
            "predict_linear" => format!("{function}({window}, {})", self.scalar(depth)),
            "double_exponential_smoothing" => {
                let factors = self.pick(&["0.5, 0.5", "0.1, 0.9", "0.9, 0.1", "0.3, 0.01", "1, 0.5"]);
                format!("{function}({window}, {factors})")
            }
            _ => format!("{function}({window})"),
        }
    }

    fn of_values(&mut self, depth: usize) -> String {
        match self.random.below(8) {
            0 => {
                let function = self.pick(&["clamp_min", "clamp_max"]);
                format!("{function}({}, {})", self.vector(depth), self.scalar(depth))
            }
            1 => format!("clamp({}, {}, {})", self.vector(depth), self.scalar(depth), self.scalar(depth)),
            2 => format!("round({}, {})", self.vector(depth), self.scalar(0)),
            3 => {
                let function = self.pick(&[
                    "minute",
                    "hour",
                    "day_of_week",
                    "day_of_month",
                    "day_of_year",
                    "month",
                    "year",
                    "days_in_month",
                ]);
                match self.random.below(3) {
                    0 => format!("{function}()"),
                    1 => {
                        format!("{function}(vector({}))", self.random.between(-4_000_000_000, 4_000_000_000))
                    }
                    _ => format!("{function}(g)"),
                }
            }
            4 => {
                let function = self.pick(&[
                    "sqrt", "exp", "ln", "log2", "log10", "sin", "cos", "tan", "atan", "sinh", "tanh",
                    "asinh",
                ]);
                format!("{function}({})", self.vector(depth))
            }
            _ => {
                let function = self.pick(&["abs", "ceil", "floor", "round", "sgn", "deg", "rad"]);
                format!("{function}({})", self.vector(depth))
            }
        }
    }

    fn label_list(&mut self) -> String {
        let mut labels: Vec<&str> = LABELS.into_iter().filter(|_| self.random.chance(35)).collect();
        if self.random.chance(5) {
            labels.push("__name__");
        }
        labels.join(", ")
    }

    fn grouping(&mut self) -> String {
        match self.random.below(4) {
            0 => String::new(),
            1 => format!(" without ({})", self.label_list()),
            _ => format!(" by ({})", self.label_list()),
        }
    }

    fn aggregation(&mut self, depth: usize) -> String {
        let (grouping, vector) = (self.grouping(), self.vector(depth));
        match self.random.below(16) {
            0 => {
                let q = if self.random.chance(20) { self.scalar(depth) } else { self.fraction() };
                format!("quantile{grouping} ({q}, {vector})")
            }
            1 | 2 => {
                let op = self.pick(&["topk", "bottomk", "limitk"]);
                let k = if self.random.chance(15) {
                    self.scalar(depth)
                } else {
                    self.random.between(0, 4).to_string()
                };
                format!("{op}{grouping} ({k}, {vector})")
            }
            3 => format!(
                "limit_ratio{grouping} ({}, {vector})",
                self.pick(&["0.5", "-0.5", "0", "0.2", "1.5", "-2"])
            ),
            4 => format!("count_values{grouping} (\"{}\", {vector})", self.pick(&["v", "job"])),
            _ => {
                let op = self.pick(&[
                    "sum", "sum", "sum", "avg", "avg", "min", "max", "count", "group", "stddev", "stdvar",
                ]);
                format!("{op}{grouping} ({vector})")
            }
        }
    }

    fn operator(&mut self) -> &'static str {
        self.pick(&[
            "+", "-", "*", "/", "%", "^", "atan2", "==", "!=", "<", "<=", ">", ">=", "== bool", "< bool",
            ">= bool", "!= bool",
        ])
    }

    fn with_scalar(&mut self, depth: usize) -> String {
        let (vector, operator, scalar) = (self.operand(depth), self.operator(), self.scalar(depth));
        if self.random.chance(50) {
            format!("{vector} {operator} {scalar}")
        } else {
            format!("{scalar} {operator} {vector}")
        }
    }

    fn matching(&mut self) -> String {
        match self.random.below(4) {
            0 => String::new(),
            1 => format!(" ignoring ({})", self.label_list()),
            _ => format!(" on ({})", self.label_list()),
        }
    }

    fn join(&mut self, depth: usize) -> String {
        let operator = self.operator();
        let mut matching = self.matching();
        let (mut lhs, mut rhs) = (self.operand(depth), self.operand(depth));
        match self.random.below(4) {
            // Sides that are likely to match.
            0 => {
                let list = self.label_list();
                lhs = format!("sum by ({list}) ({lhs})");
                rhs = format!("max by ({list}) ({rhs})");
                matching = String::new();
            }
            1 if !matching.is_empty() => {
                let side = self.pick(&["group_left", "group_right"]);
                let include =
                    LABELS.into_iter().filter(|label| !matching.contains(label)).take(self.random.below(2));
                let include: Vec<&str> = include.collect();
                matching = format!("{matching} {side} ({})", include.join(", "));
                let one = if side == "group_left" { &mut rhs } else { &mut lhs };
                if self.random.chance(60) {
                    *one = format!("min by (job) ({one})");
                }
            }
            _ => {}
        }
        if self.random.chance(10) {
            let fill =
                self.pick(&["fill (0)", "fill_left (1)", "fill_right (2.5)", "fill_left (1) fill_right (2)"]);
            matching = format!("{matching} {fill}");
        }
        format!("{lhs} {operator}{matching} {rhs}")
    }

    fn set(&mut self, depth: usize) -> String {
        let operator = self.pick(&["and", "or", "or", "unless"]);
        let (matching, lhs, rhs) = (self.matching(), self.operand(depth), self.operand(depth));
        format!("{lhs} {operator}{matching} {rhs}")
    }

    fn relabelled(&mut self, depth: usize) -> String {
        let vector = self.vector(depth);
        let target = self.pick(&["job", "i", "new", "__name__"]);
        let source = self.pick(&["job", "i", "code", "__name__", "nothing"]);
        match self.random.below(3) {
            0 => format!("label_join({vector}, \"{target}\", \"-\", \"{source}\", \"i\")"),
            _ => {
                let (pattern, replacement) = self.random.of(&[
                    ("(.*)", "$1"),
                    ("(.+)", "x$1"),
                    ("(a|1).*", "<$1>"),
                    (".*", ""),
                    ("nothing", "x"),
                    ("", "empty"),
                    ("(.)(.*)", "$2$1"),
                ]);
                format!(
                    "label_replace({vector}, \"{target}\", \"{replacement}\", \"{source}\", \"{pattern}\")"
                )
            }
        }
    }
}
