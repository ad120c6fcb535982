//! Runs models, each many times, with its threads in a different order each time. A seed determines the
//! order.

use std::env;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};
use shuttle::{Config, MaxSteps, Runner};

use crate::random::Random;
use crate::time;

/// The number of schedules per model; `CALLGATE_SCHEDULES` overrides it.
const SCHEDULES: usize = 100_000;

/// More steps than any schedule that makes progress.
const MAX_STEPS: usize = 400_000;

/// The stack of a thread: models format messages, for which the checker's default is too small.
const STACK: usize = 0x20000;

/// One schedule in this many runs its threads by priority; the others choose at each step.
const BY_PRIORITIES: u64 = 4;

/// One step in this many lowers a thread's priority.
const PRIORITY_CHANGES: u64 = 300;

/// Runs a model in many schedules. A failure reports the seed of its schedule, which `CALLGATE_SEED`
/// repeats. With `CALLGATE_FIRST_FAILURE` it also ends the program, whatever other models do.
pub(crate) fn explore(model: impl Fn() + Send + Sync + 'static) {
    let number = |name: &str| {
        env::var(name)
            .ok()
            .map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
    };
    let seeds = match number("CALLGATE_SEED") {
        Some(seed) => seed..seed + 1,
        None => {
            let first = RandomState::new().hash_one(0) >> 32;
            let count = number("CALLGATE_SCHEDULES").unwrap_or(SCHEDULES as u64);
            first..first + count
        }
    };
    let _end = env::var_os("CALLGATE_FIRST_FAILURE").map(|_| EndOnFailure);
    run(Order::new(seeds), model);
}

/// Runs a model in each schedule of a scheduler.
pub(super) fn run(scheduler: impl Scheduler + 'static, model: impl Fn() + Send + Sync + 'static) {
    let mut config = Config::new();
    config.max_steps = MaxSteps::FailAfter(MAX_STEPS);
    config.stack_size = STACK;
    config.silence_warnings = true;
    config.failure_persistence = shuttle::FailurePersistence::None;
    config.ungraceful_shutdown_config.immediately_return_on_panic = true;
    Runner::new(scheduler, config).run(move || {
        super::thread::make_scarce(false);
        time::model::run(&model);
    });
}

/// Ends the program when it is dropped by a model that fails, and names the model.
struct EndOnFailure;

impl Drop for EndOnFailure {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let thread = std::thread::current();
            // Past the capture of the test's output, which is lost.
            let _ = writeln!(io::stderr(), "first failure: {}", thread.name().unwrap_or("a model"));
            std::process::exit(101);
        }
    }
}

/// Prints what happens in a model, when a single schedule is repeated.
pub fn trace(what: impl FnOnce() -> String) {
    static REPEATS: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    if *REPEATS.get_or_init(|| env::var("CALLGATE_SEED").is_ok()) {
        let thread = usize::from(shuttle::thread::current().id());
        eprintln!("{:?} thread {thread}: {}", time::model::elapsed(), what());
    }
}

/// A choice that the checker makes.
pub(crate) fn perhaps() -> bool {
    one_of(2)
}

/// A choice that the checker makes: true once in `number` times.
pub(crate) fn one_of(number: usize) -> bool {
    choose(number) == 0
}

/// A number below `count` that the checker chooses.
pub(crate) fn choose(count: usize) -> usize {
    use shuttle::rand::Rng;
    shuttle::rand::thread_rng().gen_range(0..count)
}

/// The order of a model's threads, and all other choices of the checker.
#[derive(Debug)]
struct Order {
    seeds: std::ops::Range<u64>,
    seed: u64,
    random: Random,
    /// The priorities of the threads, if they are used: the highest runs.
    priorities: Option<Vec<i64>>,
    lowest: i64,
}

impl Order {
    fn new(seeds: std::ops::Range<u64>) -> Order {
        Order { seeds, seed: 0, random: Random::new(0), priorities: None, lowest: 0 }
    }

    fn lower(&mut self, task: TaskId) {
        self.lowest -= 1;
        if let Some(priorities) = &mut self.priorities {
            priorities[usize::from(task)] = self.lowest;
        }
    }

    /// Gives new threads their priorities.
    fn place(&mut self, runnable: &[&Task]) {
        let Some(priorities) = &mut self.priorities else { return };
        let most = runnable.iter().map(|task| usize::from(task.id())).max().unwrap_or(0);
        while priorities.len() <= most {
            priorities.push((self.random.next() >> 33) as i64);
        }
    }
}

impl Scheduler for Order {
    fn new_execution(&mut self) -> Option<Schedule> {
        self.seed = self.seeds.next()?;
        self.random = Random::new(self.seed);
        self.lowest = 0;
        self.priorities = (self.random.below(BY_PRIORITIES) == 0).then(Vec::new);
        Some(Schedule::new(self.seed))
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        is_yielding: bool,
    ) -> Option<TaskId> {
        self.place(runnable);
        if self.priorities.is_some() {
            let changes = self.random.below(PRIORITY_CHANGES) == 0;
            if let Some(current) = current.filter(|_| is_yielding || changes) {
                self.lower(current);
            }
        }
        let next = match &self.priorities {
            Some(priorities) => {
                runnable.iter().max_by_key(|task| priorities[usize::from(task.id())])
            }
            None => runnable.get(self.random.below(runnable.len() as u64) as usize),
        };
        next.map(|task| task.id())
    }

    fn next_u64(&mut self) -> u64 {
        self.random.next()
    }
}

impl Drop for Order {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let thread = std::thread::current();
            let model = thread.name().unwrap_or("MODEL");
            eprintln!("to repeat it: ci/model-check --replay {model} {}", self.seed);
        }
    }
}
