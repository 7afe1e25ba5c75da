//! Which blocks are made into one (`tsdb/compact.go`).
//!
//! Blocks that overlap are, whatever their size. Otherwise blocks grow through stretches of time that triple, each
//! beginning at a multiple of its length: three of two hours become one of six, three of those one of eighteen. The
//! newest block is left alone, as others may still come for its stretch.
//!
//! ```text
//! |0-2|2-4|4-6|6-8|           ->   |0-6|6-8|
//! |0-6|    |8-10| |10-12|     ->   |0-6|8-12|    when 12 has been passed
//! ```
//!
//! A block of which much is deleted is made anew without it.

use std::collections::BTreeSet;

use super::meta::{BlockMeta, Compaction, OUT_OF_ORDER, Parent};
use super::options::DiskOptions;
use super::rewrite::NewBlock;

/// The blocks that are to become one, by their places in `metas`, which are sorted by the time at which they begin.
pub(super) fn plan(metas: &[&BlockMeta], options: &DiskOptions) -> Option<Vec<usize>> {
    // Blocks of a part of a head do not say how far the head has been cut. They are left as they are.
    let ours = |meta: &BlockMeta| meta.compaction.hints.iter().all(|hint| hint == OUT_OF_ORDER);
    let all: Vec<usize> = (0..metas.len()).filter(|i| ours(metas[*i])).collect();
    if let Some(overlapping) = overlapping(metas, &all) {
        return Some(overlapping);
    }
    let (&newest, older) = all.split_last()?;
    let newest_begins = metas[newest].min_time;
    for range in options.ranges().skip(1) {
        for group in by_range(metas, older, range) {
            let (first, last) = (metas[*group.first()?], metas[*group.last()?]);
            let end = first.min_time.div_euclid(range).saturating_add(1).saturating_mul(range);
            let full = last.max_time.saturating_sub(first.min_time) == range || end <= newest_begins;
            if group.len() > 1 && full {
                return Some(group);
            }
        }
    }
    let large = options.ranges().nth(options.ranges().count() / 2).unwrap_or(options.block_range);
    let mostly_deleted = |i: &&usize| {
        let meta = metas[**i];
        let (deleted, series) = (meta.stats.tombstones, meta.stats.series);
        deleted > 0
            && (deleted >= series
                || meta.max_time.saturating_sub(meta.min_time) >= large && deleted * 20 > series + 1)
    };
    all.iter().rev().find(mostly_deleted).map(|i| vec![*i])
}

/// The first blocks that overlap each other.
fn overlapping(metas: &[&BlockMeta], all: &[usize]) -> Option<Vec<usize>> {
    let mut group: Vec<usize> = Vec::new();
    let mut end = i64::MIN;
    for &i in all {
        if metas[i].min_time >= end {
            if group.len() > 1 {
                break;
            }
            group.clear();
        }
        group.push(i);
        end = end.max(metas[i].max_time);
    }
    (group.len() > 1).then_some(group)
}

/// The blocks that lie within the same stretch of time.
fn by_range(metas: &[&BlockMeta], all: &[usize], range: i64) -> Vec<Vec<usize>> {
    let mut groups: Vec<(i64, Vec<usize>)> = Vec::new();
    for &i in all {
        let stretch = metas[i].min_time.div_euclid(range);
        let fits = metas[i].max_time.saturating_sub(1).div_euclid(range) == stretch;
        match groups.last_mut() {
            Some((of_group, group)) if fits && *of_group == stretch => group.push(i),
            _ if fits => groups.push((stretch, vec![i])),
            _ => {}
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// What blocks become together.
pub(super) fn outcome(metas: &[&BlockMeta]) -> NewBlock {
    let parent =
        |meta: &&BlockMeta| Parent { ulid: meta.ulid, min_time: meta.min_time, max_time: meta.max_time };
    let sources: BTreeSet<_> = metas.iter().flat_map(|meta| &meta.compaction.sources).copied().collect();
    let late = metas.iter().all(|meta| !meta.compaction.hints.is_empty());
    NewBlock {
        min_time: metas.iter().map(|meta| meta.min_time).min().unwrap_or(0),
        max_time: metas.iter().map(|meta| meta.max_time).max().unwrap_or(0),
        compaction: Compaction {
            level: metas.iter().map(|meta| meta.compaction.level).max().unwrap_or(0) + 1,
            sources: sources.into_iter().collect(),
            parents: metas.iter().map(parent).collect(),
            deletable: false,
            hints: if late { vec![OUT_OF_ORDER.to_owned()] } else { Vec::new() },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::meta::BlockStats;
    use super::super::ulid::Ulid;
    use super::*;

    fn meta(min_time: i64, max_time: i64, tombstones: u64) -> BlockMeta {
        BlockMeta {
            ulid: Ulid::for_contents(max_time, min_time as u64),
            min_time,
            max_time,
            stats: BlockStats { series: 100, tombstones, ..BlockStats::default() },
            compaction: Compaction { level: 1, ..Compaction::default() },
        }
    }

    #[test]
    fn which_blocks_become_one() {
        let mut options = DiskOptions::default();
        (options.block_range, options.max_block_range) = (2, 54);
        type Blocks<'a> = &'a [(i64, i64)];
        let table: &[(Blocks<'_>, Option<&[usize]>)] = &[
            (&[], None),
            (&[(0, 2)], None),
            (&[(0, 2), (2, 4)], None),
            (&[(0, 2), (2, 4), (4, 6)], None),
            (&[(0, 2), (2, 4), (4, 6), (6, 8)], Some(&[0, 1, 2])),
            (&[(0, 2), (4, 6), (6, 8)], Some(&[0, 1])),
            (&[(0, 2), (2, 4), (8, 10)], Some(&[0, 1])),
            (&[(-6, -4), (-4, -2), (2, 4)], Some(&[0, 1])),
            (&[(0, 6), (6, 12), (12, 18), (18, 20)], Some(&[0, 1, 2])),
            (&[(0, 6), (6, 12), (12, 18)], None),
            // Overlaps go first.
            (&[(0, 2), (2, 4), (4, 6), (6, 8), (7, 9)], Some(&[3, 4])),
            (&[(0, 4), (1, 2), (3, 5), (5, 6)], Some(&[0, 1, 2])),
            // Larger than the stretch that it would be put into.
            (&[(0, 7), (7, 9), (14, 16)], None),
        ];
        for (blocks, expected) in table {
            let metas: Vec<BlockMeta> = blocks.iter().map(|(from, to)| meta(*from, *to, 0)).collect();
            let planned = plan(&metas.iter().collect::<Vec<_>>(), &options);
            assert_eq!(planned.as_deref(), *expected, "{blocks:?}");
        }
        let deleted = [meta(0, 2, 0), meta(2, 4, 100), meta(4, 6, 20)];
        assert_eq!(plan(&deleted.iter().collect::<Vec<_>>(), &options), Some(vec![1]));
        let deleted = [meta(0, 18, 6), meta(18, 36, 0)];
        assert_eq!(plan(&deleted.iter().collect::<Vec<_>>(), &options), Some(vec![0]));
    }
}
