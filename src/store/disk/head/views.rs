//! Who is reading, and up to which commit.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The commits that someone reads up to, and how many do.
#[derive(Debug, Default)]
pub(in crate::store::disk) struct Views(Mutex<BTreeMap<u64, usize>>);

/// Someone reads up to a commit, as long as this lives.
#[derive(Debug)]
pub(in crate::store::disk) struct Reading {
    views: Arc<Views>,
    commit: u64,
}

impl Views {
    /// Someone begins to read up to `commit`.
    pub(super) fn enter(views: &Arc<Views>, commit: u64) -> Reading {
        let mut all = views.0.lock().unwrap_or_else(PoisonError::into_inner);
        *all.entry(commit).or_default() += 1;
        Reading { views: views.clone(), commit }
    }

    /// The earliest commit that someone reads up to.
    pub(in crate::store::disk) fn earliest(&self) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keys().next().copied()
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut all = self.views.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.commit) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.commit);
            }
        }
    }
}
