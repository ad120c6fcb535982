//! What it costs a thread here to sleep and be woken.

use super::system;
use crate::time;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Until it is measured: what virtual machines were found to need.
const GUESS: Duration = Duration::from_micros(65);

/// What a measurement may find: less is a wake-up of a thread whose processor was awake, more is other
/// load on the machine.
const PLAUSIBLE: RangeInclusive<Duration> = Duration::from_micros(10)..=Duration::from_micros(150);

/// How often it is measured; the lower quartile counts, since other load only delays a wake-up.
const SLEEPS: usize = 8;

/// Long enough for a processor to fall asleep with its only thread.
const SLEEP: Duration = Duration::from_micros(100);

/// In nanoseconds; zero until it is measured. The machine's, so that all of the process may share it.
static KNOWN: AtomicU32 = AtomicU32::new(0);

/// What it costs a thread to sleep and be woken.
pub(crate) fn wake_cost() -> Duration {
    match KNOWN.load(Ordering::Relaxed) {
        0 => GUESS,
        nanos => Duration::from_nanos(nanos.into()),
    }
}

/// Measures it, unless the process has done so: sleeps eight times and looks how much later than asked
/// it is woken. Takes about a millisecond.
pub(crate) fn measure_wake_cost() {
    if KNOWN.load(Ordering::Relaxed) > 0 {
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
