//! Work that keeps a processor busy.

use std::hint::{black_box, spin_loop};
use std::time::{Duration, Instant};

/// Steps of the loop that compares machines.
const STEPS: u64 = 20_000_000;

/// How many times the loop is timed; the fastest time counts, since other load only slows it.
const TRIES: usize = 5;

/// Keeps the processor busy for this long.
pub fn work_for(time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        spin_loop();
    }
}

/// How long this machine takes for a fixed loop of dependent multiplications, as a measure of its speed:
/// without it, figures of two machines cannot be compared.
pub fn fixed_loop() -> Duration {
    let time = || {
        let begun = Instant::now();
        let mut value = 1_u64;
        for step in 0..STEPS {
            // Opaque, so that the compiler does not find a shorter way to the last value.
            value = black_box(value.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step));
        }
        begun.elapsed()
    };
    (0..TRIES).map(|_| time()).min().unwrap_or_default()
}
