//! Measures what sleeping and waking a thread costs on this machine.

use super::system;
use crate::time;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Used until it is measured: a typical value for virtual machines.
const GUESS: Duration = Duration::from_micros(65);

/// The range of believable results. Below it the processor was still awake; above it the machine had other
/// load.
const PLAUSIBLE: RangeInclusive<Duration> = Duration::from_micros(10)..=Duration::from_micros(150);

/// How many times it is measured. The lower quartile counts, since other load only delays a wake-up.
const SLEEPS: usize = 8;

/// Long enough for a processor to go idle.
const SLEEP: Duration = Duration::from_micros(100);

/// The result in nanoseconds; zero until it is measured. It is a property of the machine, so the whole
/// process shares it.
static KNOWN: AtomicU32 = AtomicU32::new(0);

/// The cost of sleeping and waking a thread.
pub(crate) fn wake_cost() -> Duration {
    match KNOWN.load(Ordering::Relaxed) {
        0 => GUESS,
        nanos => Duration::from_nanos(nanos.into()),
    }
}

/// Measures it once per process: sleeps eight times, and compares the wake-up with the time asked for.
/// Takes about a millisecond.
pub(crate) fn measure_wake_cost() {
    // A model has no processors to measure.
    if cfg!(callgate_shuttle) || KNOWN.load(Ordering::Relaxed) > 0 {
        return;
    }
    let Some(_exact) = system::exact_timers() else { return };
    let mut late = [(); SLEEPS].map(|()| {
        let due = time::after(SLEEP);
        std::thread::sleep(SLEEP);
        time::since(due)
    });
    late.sort();
    let cost = late[SLEEPS / 4].clamp(*PLAUSIBLE.start(), *PLAUSIBLE.end());
    KNOWN.store(cost.subsec_nanos(), Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wake_cost_is_measured_once() {
        measure_wake_cost();
        let measured = wake_cost();
        assert!(PLAUSIBLE.contains(&measured), "{measured:?}");
        measure_wake_cost();
        assert_eq!(wake_cost(), measured);
    }
}
