//! How an aggregation is written, as people read it in help texts and tables.

use super::record::Aggregation;

impl Aggregation {
    /// The aggregation with its clause and what stands between the parentheses.
    ///
    /// ```
    /// use promqlite::aggregations::lookup;
    ///
    /// let signature = |name| lookup(name).map(|aggregation| aggregation.signature());
    /// assert_eq!(signature("sum").as_deref(), Some("sum [by|without (labels)] (v instant-vector)"));
    /// assert_eq!(signature("topk").as_deref(), Some("topk [by|without (labels)] (k scalar, v instant-vector)"));
    /// ```
    pub fn signature(&self) -> String {
        let parameter = match self.parameter {
            Some((value_type, name)) => format!("{name} {value_type}, "),
            None => String::new(),
        };
        format!("{} [by|without (labels)] ({parameter}v instant-vector)", self.name)
    }
}
