//! Whatever fails, and whenever the power goes: the store opens without help, and has every commit that was
//! acknowledged, and of the one that was not all or nothing.
//!
//! A story is commits, deletions, cutting of blocks, compaction and opening anew, by chance. It is told once for each of
//! its calls to the file system, which fails or is the last one:
//!
//! ```text
//! commit 1, synced   commit 2   commit 3   commit 4 … fails
//! the call fails, or the process ends:     1 to 3, and perhaps 4
//! the power goes:                          1, and perhaps 2, 3, 4, but none without those before it
//! ```

use std::sync::Arc;

use promqlite::model::{Matcher, TimeRange};
use promqlite::store::disk::{DataDirectory, DiskOptions, DiskStore, Io, WriteError, check};

use crate::crash_files::{Crash, CrashFiles};
use crate::model::{Chance, Model};

fn options() -> DiskOptions {
    let mut options = DiskOptions::default();
    options.block_range = 1000;
    options.max_block_range = 9000;
    options.late_samples = 25;
    options
}

/// What a store may have when a story ends.
struct End {
    /// What there was after each commit, since the last one that was synced.
    states: Vec<Model>,
    /// How many of these have to be there if the process ends.
    acknowledged: usize,
    /// What is being deleted. It may be there or not.
    deleting: Option<(Matcher, TimeRange)>,
}

/// What happens in a story.
#[derive(Clone, Copy)]
struct Story {
    seed: u64,
    steps: usize,
    /// Of ten commits so many are buffered.
    buffered: usize,
}

impl Story {
    /// Lets it happen until something fails.
    fn run(self, files: &CrashFiles) -> End {
        let mut end = End::of(Model::default());
        let mut chance = Chance(self.seed);
        let mut now = 10_000;
        let Ok(mut store) = open(files) else { return end };
        for step in 0..self.steps {
            let done = match chance.below(13) {
                0 => store.maintain().map(|_| ()),
                1 => store.flush().map(|_| ()),
                2 if step > 0 => {
                    drop(store);
                    match open(files) {
                        Ok(opened) => store = opened,
                        Err(_) => return end,
                    }
                    Ok(())
                }
                3 => delete(&store, &mut end, now, &mut chance),
                _ => self.append(&store, &mut end, &mut now, &mut chance),
            };
            if done.is_err() {
                // From here on nothing is written.
                let mut ignored = End::of(end.last().clone());
                let refused = self.append(&store, &mut ignored, &mut now, &mut chance);
                assert!(matches!(refused, Err(WriteError::Refused)), "{refused:?}");
                return end;
            }
        }
        end
    }

    fn append(
        self,
        store: &DiskStore,
        end: &mut End,
        now: &mut i64,
        chance: &mut Chance,
    ) -> Result<(), WriteError> {
        let mut appender = store.appender();
        let mut model = end.last().clone();
        for _ in 0..1 + chance.below(12) {
            let labels = chance.series();
            *now += chance.below(60) as i64;
            let time = if chance.below(5) == 0 { *now - chance.below(3000) as i64 } else { *now };
            let there = model.0.get(&labels).is_some_and(|samples| samples.contains_key(&time));
            if !there {
                let value = chance.value(&labels);
                appender.append(&labels, time, value.clone());
                model.add(&labels, time, 0, &value);
            }
        }
        let synced = chance.below(10) >= self.buffered;
        if model != *end.last() {
            end.states.push(model);
        }
        if synced {
            appender.commit_synced()?
        } else {
            appender.commit_buffered()?
        }
        if synced {
            end.states.drain(..end.states.len() - 1);
        }
        end.acknowledged = end.states.len();
        Ok(())
    }
}

fn delete(store: &DiskStore, end: &mut End, now: i64, chance: &mut Chance) -> Result<(), WriteError> {
    let matcher = Matcher::equal("host", ["a", "b", "c", "d"][chance.below(4)]);
    let start = now - chance.below(3000) as i64;
    let range = TimeRange::new(start, start + chance.below(500) as i64);
    end.deleting = Some((matcher.clone(), range));
    store.delete(std::slice::from_ref(&matcher), range)?;
    end.deleting = None;
    for model in &mut end.states {
        model.delete(std::slice::from_ref(&matcher), range);
    }
    Ok(())
}

impl End {
    fn of(model: Model) -> Self {
        End { states: vec![model], acknowledged: 1, deleting: None }
    }

    /// What there is when nothing fails.
    fn last(&self) -> &Model {
        self.states.last().unwrap()
    }

    /// Opens what a crash has left, and holds it against what should be there.
    fn check(&self, files: &CrashFiles, power: bool, context: &str) {
        let states = &self.states[if power { 0 } else { self.acknowledged - 1 }..];
        if !files.list("/data".as_ref()).is_ok_and(|entries| entries.iter().any(|entry| entry.name == "wal"))
        {
            assert!(states[0].0.is_empty(), "{context}: there is nothing");
            return;
        }
        // To read it needs no repair.
        let read_only = DataDirectory::open_with(Arc::new(files.clone()), "/data");
        let read_only = read_only.unwrap_or_else(|error| panic!("{context}: {error}"));
        let seen = Model::of(&read_only, TimeRange::ALL);
        self.check_state(states, &seen, &format!("{context}, read only"));
        let store = open(files).unwrap_or_else(|error| panic!("{context}: {error}"));
        let model = Model::of(&store, TimeRange::ALL);
        assert_eq!(seen.difference(&model), None, "{context}: who reads and who writes see the same");
        // It can be written to, and opened again.
        let mut end = End::of(model);
        let story = Story { seed: 99, steps: 0, buffered: 0 };
        let mut now = 50_000;
        story.append(&store, &mut end, &mut now, &mut Chance(5)).unwrap();
        store.flush().unwrap();
        drop(store);
        let store = open(files).unwrap_or_else(|error| panic!("{context}, again: {error}"));
        let again = Model::of(&store, TimeRange::ALL);
        assert_eq!(end.last().difference(&again), None, "{context}, again");
        let findings = check::check_with(files, "/data".as_ref()).unwrap();
        assert!(findings.iter().all(|finding| finding.harmless), "{context}: {findings:?}");
    }

    /// It is one of the states, but for what is being deleted.
    fn check_state(&self, states: &[Model], model: &Model, context: &str) {
        let without = |model: &Model| {
            let mut model = model.clone();
            if let Some((matcher, range)) = &self.deleting {
                model.delete(std::slice::from_ref(matcher), *range);
            }
            model
        };
        let differences: Vec<_> = states
            .iter()
            .map(|state| without(state).difference(&without(model)).or_else(|| model.beyond(state)))
            .collect();
        assert!(differences.iter().any(Option::is_none), "{context}: {differences:?}");
    }
}

fn open(files: &CrashFiles) -> Result<DiskStore, promqlite::store::disk::DiskError> {
    DiskStore::open_with(Arc::new(files.clone()), "/data", options())
}

#[test]
fn every_call_that_reads_fails_once() {
    let story = Story { seed: 15, steps: 25, buffered: 5 };
    let files = CrashFiles::counting_reads();
    story.run(&files);
    for n in 0..files.calls() {
        let files = CrashFiles::counting_reads();
        files.fail_at(n, false);
        let end = story.run(&files);
        end.check(&files.after(Crash::Process), false, &format!("seed {}, call {n} failed", story.seed));
    }
}

/// How many calls a story makes.
fn calls(story: Story) -> usize {
    let files = CrashFiles::new();
    story.run(&files);
    files.calls()
}

#[test]
fn every_call_fails_once() {
    for (seed, buffered) in [(11, 0), (12, 5)] {
        let story = Story { seed, steps: 40, buffered };
        for n in 0..calls(story) {
            let files = CrashFiles::new();
            files.fail_at(n, false);
            let end = story.run(&files);
            end.check(&files.after(Crash::Process), false, &format!("seed {seed}, call {n} failed"));
        }
    }
}

#[test]
fn the_process_ends_at_every_call() {
    for (seed, buffered) in [(21, 0), (22, 10)] {
        let story = Story { seed, steps: 40, buffered };
        for n in 0..calls(story) {
            let files = CrashFiles::new();
            files.fail_at(n, true);
            let end = story.run(&files);
            end.check(&files.after(Crash::Process), false, &format!("seed {seed}, ended at call {n}"));
        }
    }
}

#[test]
fn the_power_goes_at_every_call() {
    for (seed, buffered) in [(31, 0), (32, 5), (33, 8)] {
        let story = Story { seed, steps: 30, buffered };
        for n in 0..calls(story) {
            let files = CrashFiles::new();
            files.fail_at(n, true);
            let end = story.run(&files);
            end.check(&files.after(Crash::Power), true, &format!("seed {seed}, no power at call {n}"));
            for i in 0..2 {
                let chance = (n as u64 * 7 + i).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let image = files.after(Crash::PowerByChance(chance));
                end.check(&image, true, &format!("seed {seed}, no power at call {n}, chance {chance:#x}"));
            }
        }
    }
}
