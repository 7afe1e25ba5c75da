//! A file system in memory that can fail at any call, and that knows what a loss of power would leave.
//!
//! It keeps two pictures: what a process sees, and what is on the disk. Bytes get to the disk when their file is synced,
//! names when their directory is. Everything else may be there after a crash or not.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, MutexGuard};

use promqlite::store::disk::{Access, DirEntry, Io, Lock, ReadFile, WriteFile};

/// The file system; clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct CrashFiles(Arc<Mutex<Disk>>);

#[derive(Debug)]
struct Disk {
    nodes: Vec<Node>,
    /// Calls so far that may change something, and the others if they count.
    calls: usize,
    reads_count: bool,
    /// The call that fails, and whether all later ones do, too: the machine has stopped.
    fail: Option<(usize, bool)>,
}

#[derive(Clone, Debug)]
enum Node {
    File { bytes: Vec<u8>, synced: Vec<u8> },
    Dir { names: BTreeMap<String, usize>, synced: BTreeMap<String, usize> },
}

/// What a crash leaves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Crash {
    /// The process ends; the operating system writes everything.
    Process,
    /// The power goes, and nothing is there but what was synced.
    Power,
    /// The power goes, and of what was not synced some is there and some is not.
    PowerByChance(u64),
}

impl CrashFiles {
    pub(crate) fn new() -> Self {
        let root = Node::Dir { names: BTreeMap::new(), synced: BTreeMap::new() };
        CrashFiles(Arc::new(Mutex::new(Disk { nodes: vec![root], calls: 0, reads_count: false, fail: None })))
    }

    /// Counts all calls, those that only read included.
    pub(crate) fn counting_reads() -> Self {
        let files = CrashFiles::new();
        files.disk().reads_count = true;
        files
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap()
    }

    /// How many calls were made.
    pub(crate) fn calls(&self) -> usize {
        self.disk().calls
    }

    /// Lets call `n`, counted from 0, fail, and with `stop` all that follow.
    pub(crate) fn fail_at(&self, n: usize, stop: bool) {
        self.disk().fail = Some((n, stop));
    }

    /// The disk after a crash, as another file system.
    pub(crate) fn after(&self, crash: Crash) -> CrashFiles {
        let disk = self.disk();
        let mut image = Image { disk: &disk, nodes: Vec::new(), chance: 0, crash };
        if let Crash::PowerByChance(seed) = crash {
            image.chance = seed | 1;
        }
        image.copy(0);
        CrashFiles(Arc::new(Mutex::new(Disk {
            nodes: image.nodes,
            calls: 0,
            reads_count: false,
            fail: None,
        })))
    }
}

struct Image<'a> {
    disk: &'a Disk,
    nodes: Vec<Node>,
    chance: u64,
    crash: Crash,
}

impl Image<'_> {
    fn below(&mut self, n: usize) -> usize {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        (self.chance % n as u64) as usize
    }

    fn copy(&mut self, node: usize) -> usize {
        let place = self.nodes.len();
        let empty = Node::Dir { names: BTreeMap::new(), synced: BTreeMap::new() };
        self.nodes.push(empty);
        let copy = match &self.disk.nodes[node] {
            Node::File { bytes, synced } => {
                let bytes = self.bytes(bytes, synced);
                Node::File { synced: bytes.clone(), bytes }
            }
            Node::Dir { names, synced } => {
                let names = self.names(names, synced);
                let names: BTreeMap<String, usize> =
                    names.into_iter().map(|(name, node)| (name, self.copy(node))).collect();
                Node::Dir { synced: names.clone(), names }
            }
        };
        self.nodes[place] = copy;
        place
    }

    fn bytes(&mut self, bytes: &[u8], synced: &[u8]) -> Vec<u8> {
        match self.crash {
            Crash::Process => bytes.to_vec(),
            Crash::Power => synced.to_vec(),
            Crash::PowerByChance(_) if bytes.len() > synced.len() => {
                // A part of what came since, and perhaps the length of more without its bytes.
                let kept = synced.len() + self.below(bytes.len() - synced.len() + 1);
                let mut image = bytes[..kept].to_vec();
                if self.below(3) == 0 {
                    let sector = kept.div_ceil(512) * 512;
                    let whole = bytes.len().min(sector);
                    image.extend_from_slice(&bytes[kept..whole]);
                    image.resize(bytes.len(), 0);
                }
                image
            }
            Crash::PowerByChance(_) => {
                if self.below(2) == 0 {
                    bytes.to_vec()
                } else {
                    synced.to_vec()
                }
            }
        }
    }

    fn names(
        &mut self,
        names: &BTreeMap<String, usize>,
        synced: &BTreeMap<String, usize>,
    ) -> BTreeMap<String, usize> {
        match self.crash {
            Crash::Process => names.clone(),
            Crash::Power => synced.clone(),
            Crash::PowerByChance(_) => {
                let mut image = synced.clone();
                let all: std::collections::BTreeSet<&String> = names.keys().chain(synced.keys()).collect();
                for name in all {
                    if names.get(name) == synced.get(name) || self.below(2) == 0 {
                        continue;
                    }
                    match names.get(name) {
                        Some(node) => image.insert(name.clone(), *node),
                        None => image.remove(name),
                    };
                }
                // A directory that was renamed is in one place.
                let mut seen = std::collections::BTreeSet::new();
                image.retain(|_, node| seen.insert(*node));
                image
            }
        }
    }
}

impl Disk {
    fn call(&mut self) -> io::Result<()> {
        let call = self.calls;
        self.calls += 1;
        match self.fail {
            Some((at, stop)) if call == at || stop && call > at => Err(io::Error::other("made to fail")),
            _ => Ok(()),
        }
    }

    fn read_call(&mut self) -> io::Result<()> {
        if self.reads_count { self.call() } else { Ok(()) }
    }

    fn find(&self, path: &Path) -> io::Result<usize> {
        let mut node = 0;
        for part in path.components() {
            if let Component::Normal(name) = part {
                let Node::Dir { names, .. } = &self.nodes[node] else {
                    return Err(io::ErrorKind::NotADirectory.into());
                };
                node = *names.get(name.to_str().unwrap()).ok_or(io::ErrorKind::NotFound)?;
            }
        }
        Ok(node)
    }

    fn names(&mut self, path: &Path) -> io::Result<&mut BTreeMap<String, usize>> {
        let node = self.find(path)?;
        match &mut self.nodes[node] {
            Node::Dir { names, .. } => Ok(names),
            Node::File { .. } => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    fn add(&mut self, path: &Path, node: Node) -> io::Result<usize> {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let place = self.nodes.len();
        let names = self.names(path.parent().unwrap())?;
        if names.contains_key(&name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        names.insert(name, place);
        self.nodes.push(node);
        Ok(place)
    }
}

impl Io for CrashFiles {
    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let mut disk = self.disk();
        disk.read_call()?;
        let names: Vec<(String, usize)> = disk.names(dir)?.iter().map(|(n, i)| (n.clone(), *i)).collect();
        let entry = |(name, node): (String, usize)| match &disk.nodes[node] {
            Node::File { bytes, .. } => DirEntry { name, is_dir: false, len: bytes.len() as u64 },
            Node::Dir { .. } => DirEntry { name, is_dir: true, len: 0 },
        };
        Ok(names.into_iter().map(entry).collect())
    }

    fn open(&self, path: &Path, _: Access) -> io::Result<Box<dyn ReadFile>> {
        let mut disk = self.disk();
        disk.read_call()?;
        match &disk.nodes[disk.find(path)?] {
            Node::File { bytes, .. } => Ok(Box::new(Opened(bytes.clone()))),
            Node::Dir { .. } => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.call()?;
        let mut so_far = std::path::PathBuf::new();
        for part in path.components() {
            so_far.push(part);
            if disk.find(&so_far).is_err() {
                disk.add(&so_far, Node::Dir { names: BTreeMap::new(), synced: BTreeMap::new() })?;
            }
        }
        Ok(())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn WriteFile>> {
        let mut disk = self.disk();
        disk.call()?;
        let node = disk.add(path, Node::File { bytes: Vec::new(), synced: Vec::new() })?;
        Ok(Box::new(Written { files: self.clone(), node }))
    }

    fn truncate(&self, path: &Path, len: u64) -> io::Result<()> {
        let mut disk = self.disk();
        disk.call()?;
        let node = disk.find(path)?;
        if let Node::File { bytes, synced } = &mut disk.nodes[node] {
            bytes.truncate(len as usize);
            *synced = bytes.clone();
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.call()?;
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        let node = disk.names(from.parent().unwrap())?.remove(&name(from)).ok_or(io::ErrorKind::NotFound)?;
        disk.names(to.parent().unwrap())?.insert(name(to), node);
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.call()?;
        let name = path.file_name().unwrap().to_str().unwrap();
        disk.names(path.parent().unwrap())?.remove(name).map(|_| ()).ok_or(io::ErrorKind::NotFound.into())
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        if !self.disk().names(path)?.is_empty() {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        self.remove_file(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.call()?;
        let node = disk.find(path)?;
        if let Node::Dir { names, synced } = &mut disk.nodes[node] {
            *synced = names.clone();
        }
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>> {
        let mut disk = self.disk();
        disk.call()?;
        if disk.find(path).is_err() {
            disk.add(path, Node::File { bytes: Vec::new(), synced: Vec::new() })?;
        }
        Ok(Box::new(Locked))
    }
}

#[derive(Debug)]
struct Locked;

impl Lock for Locked {}

#[derive(Debug)]
struct Opened(Vec<u8>);

impl ReadFile for Opened {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn mapped(&self) -> Option<&[u8]> {
        Some(&self.0)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.0.get(offset as usize..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }
}

#[derive(Debug)]
struct Written {
    files: CrashFiles,
    node: usize,
}

impl WriteFile for Written {
    fn write(&mut self, new: &[u8]) -> io::Result<()> {
        let mut disk = self.files.disk();
        let call = disk.call();
        let Node::File { bytes, .. } = &mut disk.nodes[self.node] else { return call };
        // A write that fails may have written a part.
        let part = if call.is_ok() { new } else { &new[..new.len() / 2] };
        bytes.extend_from_slice(part);
        call
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut disk = self.files.disk();
        disk.call()?;
        if let Node::File { bytes, synced } = &mut disk.nodes[self.node] {
            *synced = bytes.clone();
        }
        Ok(())
    }
}
