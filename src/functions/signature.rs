//! How a call of a function is written, as people read it in help texts and tables.

use super::record::{Arity, Function};

impl Function {
    /// The call with the names and the types of the arguments, in brackets those that may be left out.
    ///
    /// ```
    /// use promqlite::functions::lookup;
    ///
    /// let signature = |name| lookup(name).map(|function| function.signature());
    /// assert_eq!(signature("abs").as_deref(), Some("abs(v instant-vector)"));
    /// assert_eq!(signature("round").as_deref(), Some("round(v instant-vector[, to_nearest scalar])"));
    /// assert_eq!(signature("time").as_deref(), Some("time()"));
    /// ```
    pub fn signature(&self) -> String {
        let mut out = format!("{}(", self.name);
        let mut close = ")";
        for (i, (name, value_type)) in self.arg_names.iter().zip(self.args).enumerate() {
            let may_be_missing = i + 1 == self.args.len() && self.arity != Arity::Exact;
            if may_be_missing {
                out.push('[');
            }
            if i > 0 {
                out.push_str(", ");
            }
            out.push_str(&format!("{name} {}", value_type.documented().replace(' ', "-")));
            if may_be_missing {
                close = if self.arity == Arity::Optional { "])" } else { ", ...])" };
            }
        }
        out + close
    }
}

#[cfg(test)]
mod tests {
    use super::super::FUNCTIONS;

    #[test]
    fn each_argument_is_named() {
        for function in FUNCTIONS {
            let signature = function.signature();
            assert_eq!(function.args.len(), function.arg_names.len(), "{signature}");
            for name in function.arg_names {
                assert!(signature.contains(&format!("{name} ")), "{signature}");
            }
        }
    }
}
