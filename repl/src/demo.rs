//! shim
/// shim
pub fn demo_store() -> promqlite::MemoryStore {
    promqlite::MemoryStore::new()
}
