//! Memory, counted by the allocator itself.

use peak_alloc::PeakAlloc;

/// Counts every byte of the heap, and the old and the new place of what grows both.
#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Does some work, which may take `most` bytes of memory at a time beside what was taken
/// before.
///
/// # Panics
/// If it takes more.
pub fn bounded<T>(most: usize, work: impl FnOnce() -> T) -> T {
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let done = work();
    let taken = HEAP.peak_usage().saturating_sub(before);
    assert!(taken <= most, "{taken} bytes of memory at a time, where {most} are allowed");
    done
}
