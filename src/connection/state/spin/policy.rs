//! Decides whether the next wait for bytes spins before it sleeps, from how long the last waits took.
//!
//! A thread that sleeps and is woken pays the *wake cost*. Spinning for longer than that cannot pay, unless
//! the peer sleeps too: then it must be woken itself before it can reply. So a wait spins for the wake
//! cost, and as long again for the peer's.
//!
//! | a wait that | means |
//! |---|---|
//! | spins, and ends within the wake cost | spinning pays |
//! | spins for longer | the peer slept, or needs longer than sleeping costs: a few of these end spinning |
//! | sleeps for half the wake cost or less | a wake-up is cheap, as when both ends share a processor |
//! | sleeps for up to twice the wake cost | spinning would have paid: the peer was awake |
//! | sleeps for up to three times the wake cost | spinning may pay, if the peer then spins too |
//! | sleeps for longer | spinning would not pay |
//!
//! Spinning no longer than sleeping costs is the rule of Karlin, Li, Manasse and Owicki, Empirical Studies
//! of Competitive Spinning for a Shared-Memory Multiprocessor (1991).

use std::time::Duration;

/// How much waits may waste before spinning ends: a wait that outlasts the wake cost wastes one, a wait
/// that ends asleep two. A single slow reply among quick ones does not end spinning.
const BUDGET: u32 = 4;

/// The most waits between two failed trials.
const RAREST_TRIAL: u32 = 1024;

/// What a wait that slept says about spinning.
#[derive(Clone, Copy)]
enum Sign {
    PeerAwake,
    PeerAsleep,
}

/// Tries spinning again, less often after each failure.
#[derive(Clone, Copy)]
struct Trials {
    interval: u32,
    left: u32,
}

impl Trials {
    const NEW: Trials = Trials { interval: 1, left: 0 };

    /// Whether the present sign starts a trial.
    fn is_due(&mut self) -> bool {
        let due = self.left == 0;
        self.left = self.left.saturating_sub(1);
        due
    }

    fn note_failure(&mut self) {
        self.interval = (self.interval * 2).min(RAREST_TRIAL);
        self.left = self.interval;
    }
}

/// The state of one end's waits.
pub(super) struct Policy {
    /// How much spinning may still waste; zero while waits do not spin.
    budget: u32,
    /// The sign that started the present trial.
    trial: Option<Sign>,
    /// The trials of each sign.
    trials: [Trials; 2],
}

impl Policy {
    /// A policy whose first wait spins.
    pub const fn new() -> Policy {
        Policy { budget: BUDGET, trial: None, trials: [Trials::NEW; 2] }
    }

    /// Whether the next wait spins.
    pub fn spins(&self) -> bool {
        self.budget > 0
    }

    /// Notes a wait that ended within the wake cost, while it spun.
    pub fn note_soon(&mut self) {
        self.budget = BUDGET;
        if self.trial.take().is_some() {
            self.trials = [Trials::NEW; 2];
        }
    }

    /// Notes a wait that outlasted the wake cost, and ended while it spun.
    pub fn note_late(&mut self) {
        self.waste(1);
    }

    /// Notes a wait that spun in vain and then slept.
    pub fn note_vain(&mut self) {
        self.waste(2);
    }

    fn waste(&mut self, part: u32) {
        self.budget = self.budget.saturating_sub(part);
        if self.budget == 0 {
            if let Some(sign) = self.trial.take() {
                self.trials[sign as usize].note_failure();
            }
        }
    }

    /// Notes a wait that slept for `slept` without having spun.
    pub fn note_sleep(&mut self, slept: Duration, wake_cost: Duration) {
        let sign = match slept {
            slept if slept <= wake_cost / 2 => return,
            slept if slept <= 2 * wake_cost => Sign::PeerAwake,
            slept if slept <= 3 * wake_cost => Sign::PeerAsleep,
            _ => return,
        };
        if self.trials[sign as usize].is_due() {
            self.budget = BUDGET;
            self.trial = Some(sign);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In microseconds.
    const COST: u64 = 60;

    /// Two ends that reply to each other in turn, in simulated time.
    struct Pair {
        ends: [Policy; 2],
        /// Whether each end sleeps while the other works.
        asleep: [bool; 2],
        /// The cost of a wake-up on this machine.
        wake: u64,
        /// How long the two ends spun in total.
        spun: u64,
    }

    impl Pair {
        fn new() -> Pair {
            Pair { ends: [Policy::new(), Policy::new()], asleep: [true; 2], wake: COST, spun: 0 }
        }

        /// The end `at` waits while the other, which its message may have to wake, works for `work`.
        fn wait(&mut self, at: usize, work: u64) {
            let answer = work + if self.asleep[1 - at] { self.wake } else { 0 };
            let end = &mut self.ends[at];
            self.asleep[at] = !end.spins() || answer > 2 * COST;
            if !end.spins() {
                let slept = Duration::from_micros(answer + self.wake);
                end.note_sleep(slept, Duration::from_micros(COST));
                return;
            }
            self.spun += answer.min(2 * COST);
            match answer {
                answer if answer <= COST => end.note_soon(),
                answer if answer <= 2 * COST => end.note_late(),
                _ => end.note_vain(),
            }
        }

        /// Both ends work for `work` in each of `rounds` rounds.
        fn play(&mut self, rounds: usize, work: u64) {
            self.spun = 0;
            for _ in 0..rounds {
                self.wait(0, work);
                self.wait(1, work);
            }
        }

        fn spins(&self) -> bool {
            self.ends.iter().all(Policy::spins)
        }
    }

    #[test]
    fn ends_spin_while_answers_come_within_the_wake_cost() {
        for work in [1, 10, 30, COST - 1] {
            let mut pair = Pair::new();
            pair.play(20, work);
            assert!(pair.spins(), "{work}");
        }
    }

    #[test]
    fn ends_sleep_when_answers_take_longer_than_sleeping_costs() {
        for work in [COST + 10, 2 * COST, 5 * COST, 100 * COST] {
            let mut pair = Pair::new();
            pair.play(4000, work);
            let part = pair.spun as f64 / (8000 * work) as f64;
            assert!(part < 0.03, "spinning took {part} of the time with {work}");
        }
    }

    #[test]
    fn one_slow_answer_does_not_end_spinning() {
        let mut pair = Pair::new();
        pair.play(20, 5);
        pair.wait(0, 1000);
        pair.play(3, 5);
        assert!(pair.spins());
    }

    #[test]
    fn ends_that_both_sleep_soon_spin_again() {
        for before in [COST + 10, 2 * COST, 1000] {
            let mut pair = Pair::new();
            pair.play(2000, before);
            assert!(!pair.spins());
            pair.play(20, 5);
            assert!(pair.spins(), "after {before}");
        }
    }

    #[test]
    fn ends_sleep_where_a_wake_up_is_cheap() {
        let mut end = Policy::new();
        end.note_vain();
        end.note_vain();
        for _ in 0..1000 {
            end.note_sleep(Duration::from_micros(5), Duration::from_micros(COST));
            assert!(!end.spins());
        }
    }

    #[test]
    fn spinning_is_tried_ever_more_rarely_while_that_fails() {
        let mut end = Policy::new();
        let (mut tried, mut waits) = (0, 0);
        while waits < 10_000 {
            waits += 1;
            if end.spins() {
                tried += 1;
                end.note_vain();
            } else {
                end.note_sleep(Duration::from_micros(COST), Duration::from_micros(COST));
            }
        }
        assert!(tried < 50, "{tried} of {waits} waits spun");
    }
}
