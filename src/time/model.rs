//! The clock of a model. It stands still while the model's threads run, and the model checker decides when
//! it advances: by a little whenever a thread reads it, and to the next deadline at any time. Deadlines
//! that are far away pass only when nothing else happens, as they would in a program; and so do all
//! deadlines while the clock is patient.
//!
//! The checker runs all threads of a model on one thread of the system, so thread-locals serve as globals
//! of the model.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use shuttle::rand::Rng;
use shuttle::thread::{self, Thread};

/// A deadline that is at most this far away may pass at any time.
const NEAR: Duration = Duration::from_millis(20);

/// A deadline that is further away than this never passes: threads that wait for it are stuck.
const HORIZON: Duration = Duration::from_secs(3600);

/// How many steps other threads may take, at most, before a near deadline passes.
const STEPS: u32 = 24;

/// Another deadline passes after this many steps in which no thread took a lock.
const IDLE_STEPS: u32 = 64;

/// By how much the clock may advance when a thread reads it.
const MOVES: [Duration; 4] = [
    Duration::from_micros(50),
    Duration::from_micros(250),
    Duration::from_micros(450),
    Duration::from_micros(900),
];

const WAITING: u8 = 0;
const WOKEN: u8 = 1;
const LATE: u8 = 2;

/// One wait of a thread. It ends once, by [`Sleeper::wake`] or by its deadline.
pub(crate) struct Sleeper {
    thread: Thread,
    state: AtomicU8,
}

impl Sleeper {
    /// A wait of this thread.
    pub fn new() -> Arc<Sleeper> {
        Arc::new(Sleeper { thread: thread::current(), state: AtomicU8::new(WAITING) })
    }

    fn end(&self, state: u8) -> bool {
        let ended = self.state.compare_exchange(WAITING, state, Ordering::SeqCst, Ordering::SeqCst);
        ended.is_ok()
    }

    /// Whether the wait has not ended.
    pub fn is_waiting(&self) -> bool {
        self.state.load(Ordering::SeqCst) == WAITING
    }

    /// Ends the wait. False if it had already ended.
    pub fn wake(&self) -> bool {
        let woken = self.end(WOKEN);
        if woken {
            self.thread.unpark();
        }
        woken
    }

    /// Waits, on the thread that created it. True if the deadline ended the wait.
    pub fn sleep(self: &Arc<Self>, deadline: Option<Instant>) -> bool {
        let key = deadline.map(|deadline| set_alarm(deadline, self));
        while self.is_waiting() {
            thread::park();
        }
        if let Some(key) = key {
            CLOCK.with_borrow_mut(|clock| clock.alarms.remove(&key));
        }
        self.state.load(Ordering::SeqCst) == LATE
    }
}

type Key = (Instant, u64);

#[derive(Default)]
struct Clock {
    elapsed: Duration,
    alarms: BTreeMap<Key, Arc<Sleeper>>,
    count: u64,
    hand: Option<Thread>,
    stopped: bool,
    /// Whether deadlines pass only when nothing else happens.
    patient: bool,
    /// How many deadlines have passed because nothing else happened.
    forced: usize,
}

impl Clock {
    fn now(&self) -> Instant {
        start() + self.elapsed
    }

    /// The next deadline, unless it is beyond the horizon.
    fn next(&self) -> Option<Duration> {
        let (at, _) = self.alarms.first_key_value()?.0;
        Some(at.saturating_duration_since(start())).filter(|at| *at < HORIZON)
    }

    /// Advances to this time; returns the waits whose deadlines have passed by then.
    fn move_to(&mut self, elapsed: Duration) -> Vec<Arc<Sleeper>> {
        self.elapsed = self.elapsed.max(elapsed);
        let later = self.alarms.split_off(&(self.now(), u64::MAX));
        std::mem::replace(&mut self.alarms, later).into_values().collect()
    }
}

thread_local! {
    static CLOCK: RefCell<Clock> = RefCell::default();
    static PROGRESS: Cell<u64> = const { Cell::new(0) };
}

/// The time at which all models begin; only differences matter.
fn start() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    *START.get_or_init(Instant::now)
}

/// The present time, which may have advanced a little.
pub(crate) fn now() -> Instant {
    let mut dice = shuttle::rand::thread_rng();
    if dice.gen_range(0..6) == 0 && !is_patient() {
        let by = MOVES[dice.gen_range(0..MOVES.len())];
        move_to(elapsed() + by);
    }
    CLOCK.with_borrow(Clock::now)
}

/// How much time has passed in the model.
pub(crate) fn elapsed() -> Duration {
    CLOCK.with_borrow(|clock| clock.elapsed)
}

/// How many deadlines have passed because nothing else could happen.
#[cfg(test)]
pub(crate) fn forced_deadlines() -> usize {
    CLOCK.with_borrow(|clock| clock.forced)
}

/// From now on all deadlines pass only when nothing else can happen, or near ones at any time again.
#[cfg(test)]
pub(crate) fn be_patient(patient: bool) {
    CLOCK.with_borrow_mut(|clock| clock.patient = patient);
}

/// Lets this time pass as soon as nothing else happens.
#[cfg(test)]
pub(crate) fn let_pass(time: Duration) {
    let before = forced_deadlines();
    Sleeper::new().sleep(Some(now() + time));
    CLOCK.with_borrow_mut(|clock| clock.forced = before);
}

fn is_patient() -> bool {
    CLOCK.with_borrow(|clock| clock.patient)
}

/// Notes that a thread has taken a lock or begins to wait: the model makes progress without deadlines.
pub(crate) fn note_progress() {
    PROGRESS.set(PROGRESS.get() + 1);
}

fn move_to(elapsed: Duration) {
    let late = CLOCK.with_borrow_mut(|clock| clock.move_to(elapsed));
    for sleeper in late {
        if sleeper.end(LATE) {
            sleeper.thread.unpark();
        }
    }
}

fn set_alarm(deadline: Instant, sleeper: &Arc<Sleeper>) -> Key {
    note_progress();
    let (key, hand, late) = CLOCK.with_borrow_mut(|clock| {
        clock.count += 1;
        let key = (deadline, clock.count);
        let late = deadline <= clock.now();
        if !late {
            clock.alarms.insert(key, sleeper.clone());
        }
        (key, clock.hand.clone(), late)
    });
    if late {
        sleeper.end(LATE);
    } else if let Some(hand) = hand {
        hand.unpark();
    }
    key
}

/// Runs a model with a clock of its own.
pub(crate) fn run(model: impl FnOnce()) {
    CLOCK.take();
    let hand = thread::spawn(turn_the_hand);
    CLOCK.with_borrow_mut(|clock| clock.hand = Some(hand.thread().clone()));
    model();
    CLOCK.with_borrow_mut(|clock| clock.stopped = true);
    hand.thread().unpark();
    hand.join().unwrap();
}

fn is_stopped() -> bool {
    CLOCK.with_borrow(|clock| clock.stopped)
}

fn turn_the_hand() {
    while !is_stopped() {
        let Some(next) = CLOCK.with_borrow(Clock::next) else {
            thread::park();
            continue;
        };
        if is_near(next) {
            let steps = shuttle::rand::thread_rng().gen_range(0..STEPS);
            for _ in 0..steps {
                thread::yield_now();
            }
            if is_near(next) {
                move_to(next);
            }
        } else if is_idle() && CLOCK.with_borrow(Clock::next) == Some(next) {
            CLOCK.with_borrow_mut(|clock| clock.forced += 1);
            move_to(next);
        }
    }
}

/// Whether a deadline may pass at any time.
fn is_near(deadline: Duration) -> bool {
    deadline <= elapsed() + if is_patient() { Duration::ZERO } else { NEAR }
}

/// Whether no thread makes progress, though each could run.
fn is_idle() -> bool {
    let before = PROGRESS.get();
    (0..IDLE_STEPS).all(|_| {
        thread::yield_now();
        PROGRESS.get() == before
    })
}
