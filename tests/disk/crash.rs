//! Whatever fails, and whenever the power goes: the store opens without help, and has every commit that was
//! acknowledged, and of the one that was not all or nothing.

use std::sync::Arc;

use promqlite::model::TimeRange;
use promqlite::store::disk::{DataDirectory, DiskOptions, DiskStore, Io, WriteError, check};

use crate::crash_files::{Crash, CrashFiles};
use crate::model::{Chance, Model};

fn options() -> DiskOptions {
    let mut options = DiskOptions::default();
    options.block_range = 1000;
    options.max_block_range = 9000;
    options
}

/// What a store has when a story ends.
struct End {
    /// What was acknowledged.
    acknowledged: Model,
    /// The same, with the commit that was under way.
    attempted: Model,
}

/// What happens in a story.
#[derive(Clone, Copy)]
struct Story {
    seed: u64,
    steps: usize,
    synced: bool,
}

impl Story {
    /// Lets it happen until something fails.
    fn run(self, files: &CrashFiles) -> End {
        let mut end = End { acknowledged: Model::default(), attempted: Model::default() };
        let mut chance = Chance(self.seed);
        let mut now = 10_000;
        let Ok(mut store) = open(files) else { return end };
        for step in 0..self.steps {
            let done = match chance.below(12) {
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
                _ => self.append(&store, &mut end, &mut now, &mut chance),
            };
            if done.is_err() {
                // From here on nothing is written.
                let refused = self.append(&store, &mut End::of(&end.acknowledged), &mut now, &mut chance);
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
        end.attempted = end.acknowledged.clone();
        for _ in 0..1 + chance.below(12) {
            let labels = chance.series();
            *now += chance.below(60) as i64;
            let time = if chance.below(5) == 0 { *now - chance.below(3000) as i64 } else { *now };
            let there = end.attempted.0.get(&labels).is_some_and(|samples| samples.contains_key(&time));
            if !there {
                let value = chance.value(&labels);
                appender.append(&labels, time, value.clone());
                end.attempted.add(&labels, time, 0, &value);
            }
        }
        let done = if self.synced { appender.commit_synced() } else { appender.commit_buffered() };
        if done.is_ok() {
            end.acknowledged = end.attempted.clone();
        }
        done
    }
}

impl End {
    fn of(model: &Model) -> Self {
        End { acknowledged: model.clone(), attempted: model.clone() }
    }

    /// Opens what a crash has left, and holds it against what should be there.
    fn check(&self, files: &CrashFiles, context: &str) {
        if !files.list("/data".as_ref()).is_ok_and(|entries| entries.iter().any(|entry| entry.name == "wal"))
        {
            assert!(self.acknowledged.0.is_empty(), "{context}: there is nothing");
            return;
        }
        // To read it needs no repair.
        let read_only = DataDirectory::open_with(Arc::new(files.clone()), "/data");
        let read_only = read_only.unwrap_or_else(|error| panic!("{context}: {error}"));
        self.check_model(&Model::of(&read_only, TimeRange::ALL), &format!("{context}, read only"));
        let store = open(files).unwrap_or_else(|error| panic!("{context}: {error}"));
        let model = Model::of(&store, TimeRange::ALL);
        self.check_model(&model, context);
        // It can be written to, and opened again.
        let mut end = End::of(&model);
        let story = Story { seed: 99, steps: 0, synced: true };
        let mut now = 50_000;
        story.append(&store, &mut end, &mut now, &mut Chance(5)).unwrap();
        store.flush().unwrap();
        drop(store);
        let store = open(files).unwrap_or_else(|error| panic!("{context}, again: {error}"));
        end.check_model(&Model::of(&store, TimeRange::ALL), &format!("{context}, again"));
        let findings = check::check_with(files, "/data".as_ref()).unwrap();
        assert!(findings.iter().all(|finding| finding.harmless), "{context}: {findings:?}");
    }

    fn check_model(&self, model: &Model, context: &str) {
        let lost = self.acknowledged.difference(model);
        let half = self.attempted.difference(model);
        assert!(lost.is_none() || half.is_none(), "{context}: {lost:?}, {half:?}");
    }
}

fn open(files: &CrashFiles) -> Result<DiskStore, promqlite::store::disk::DiskError> {
    DiskStore::open_with(Arc::new(files.clone()), "/data", options())
}

/// How many calls a story makes.
fn calls(story: Story) -> usize {
    let files = CrashFiles::new();
    story.run(&files);
    files.calls()
}

#[test]
fn every_call_fails_once() {
    for seed in [11, 12] {
        let story = Story { seed, steps: 40, synced: true };
        for n in 0..calls(story) {
            let files = CrashFiles::new();
            files.fail_at(n, false);
            let end = story.run(&files);
            end.check(&files.after(Crash::Process), &format!("seed {seed}, call {n} failed"));
        }
    }
}

#[test]
fn the_process_ends_at_every_call() {
    for (seed, synced) in [(21, true), (22, false)] {
        let story = Story { seed, steps: 40, synced };
        for n in 0..calls(story) {
            let files = CrashFiles::new();
            files.fail_at(n, true);
            let end = story.run(&files);
            end.check(&files.after(Crash::Process), &format!("seed {seed}, ended at call {n}"));
        }
    }
}

#[test]
fn the_power_goes_at_every_call() {
    for seed in [31, 32] {
        let story = Story { seed, steps: 40, synced: true };
        for n in 0..calls(story) {
            let files = CrashFiles::new();
            files.fail_at(n, true);
            let end = story.run(&files);
            end.check(&files.after(Crash::Power), &format!("seed {seed}, no power at call {n}"));
            for i in 0..3 {
                let chance = (n as u64 * 7 + i).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let image = files.after(Crash::PowerByChance(chance));
                end.check(&image, &format!("seed {seed}, no power at call {n}, chance {chance:#x}"));
            }
        }
    }
}
