//! A store behind a pointer is a store: borrowed, boxed or shared.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Metadata, SelectRequest, SeriesIter, SeriesStore, StoreError};
use crate::model::{Matcher, TimeRange};

macro_rules! forward {
    ($pointer:ty) => {
        impl<S: SeriesStore + ?Sized> SeriesStore for $pointer {
            fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
                (**self).select(request)
            }

            fn view(&self) -> Option<Box<dyn SeriesStore + '_>> {
                (**self).view()
            }

            fn label_names(&self, matchers: &[Matcher], range: TimeRange) -> Result<Vec<String>, StoreError> {
                (**self).label_names(matchers, range)
            }

            fn label_values(
                &self,
                name: &str,
                matchers: &[Matcher],
                range: TimeRange,
            ) -> Result<Vec<String>, StoreError> {
                (**self).label_values(name, matchers, range)
            }

            fn metadata(&self, name: &str) -> Option<Cow<'_, Metadata>> {
                (**self).metadata(name)
            }

            fn time_range(&self) -> Option<TimeRange> {
                (**self).time_range()
            }

            fn series_count(&self) -> Option<usize> {
                (**self).series_count()
            }
        }
    };
}

forward!(&S);
forward!(Box<S>);
forward!(Arc<S>);
