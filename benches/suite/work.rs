//! Work that keeps a processor busy.

use std::hint::{black_box, spin_loop};
use std::time::{Duration, Instant};

/// Steps of the loop by which machines can be compared.
const STEPS: u64 = 20_000_000;

/// How often the loop is timed; the fastest time counts, as other load only slows it.
const TRIES: usize = 5;

/// Keeps the processor busy for that long.
pub fn work_for(time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        spin_loop();
    }
}

/// How long this machine takes for a fixed loop of dependent multiplications: its own speed, without
/// which figures of two machines do not compare.
pub fn fixed_loop() -> Duration {
    let time = || {
        let begun = Instant::now();
        let mut value = 1_u64;
        for step in 0..STEPS {
            // Opaque, or the compiler finds a shorter way to the last value.
            value = black_box(value.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step));
        }
        begun.elapsed()
    };
    (0..TRIES).map(|_| time()).min().unwrap_or_default()
}
