//! One thing that can be written at the cursor.

/// What can be written in place of the word at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What the list shows.
    pub name: String,
    /// What is written.
    pub text: String,
    /// What it is, in a few words; may be empty.
    pub detail: String,
}

impl Candidate {
    /// A candidate that is written as it is shown.
    pub(super) fn plain(name: impl Into<String>, detail: impl Into<String>) -> Self {
        let name = name.into();
        Candidate { text: name.clone(), name, detail: detail.into() }
    }

    /// A candidate that is written otherwise than it is shown.
    pub(super) fn written(
        name: impl Into<String>,
        text: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Candidate { name: name.into(), text: text.into(), detail: detail.into() }
    }
}
