//! Threads that run what must not wait: slow delegates, new leaders, flushes. One pool for each
//! host and each client, so that it goes when they go.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError};

use crate::error::{Error, Result, Status};
use crate::process::Process;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{thread, Arc, Condvar, Mutex};

/// A worker that had nothing to do for so long goes.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Staff {
    /// `None` once closed.
    jobs: Option<Sender<Job>>,
    threads: Vec<thread::JoinHandle<()>>,
    /// The last one that has left, to be joined by the next: a thread ends a little after its work,
    /// and may run code of the user's in that.
    left: Option<thread::JoinHandle<()>>,
    running: usize,
    /// How many threads wait for the end of others.
    joining: usize,
    started: u64,
}

static POOLS: AtomicU64 = AtomicU64::new(1);

thread_local! {
    /// The pool that this thread belongs to; 0 for a thread that the program started.
    static POOL: Cell<u64> = const { Cell::new(0) };
}

/// A pool of threads that grows when all are busy.
pub(crate) struct Workers {
    name: &'static str,
    /// What tells pools apart.
    number: u64,
    staff: Mutex<Staff>,
    idle: Receiver<Job>,
    one_left: Condvar,
    process: Process,
}

impl Workers {
    /// A pool without threads, which will carry that name (at most 9 bytes, for Linux).
    pub fn new(name: &'static str) -> Arc<Workers> {
        // Without capacity, sending succeeds only if a worker is waiting for a job.
        let (jobs, idle) = crossbeam_channel::bounded(0);
        let staff = Staff { jobs: Some(jobs), ..Staff::default() };
        let (staff, one_left) = (Mutex::new(staff), Condvar::new());
        let (number, process) = (POOLS.fetch_add(1, Ordering::Relaxed), Process::current());
        Arc::new(Workers { name, number, staff, idle, one_left, process })
    }

    /// Runs a job on a thread that is idle, or on a new one. The job is dropped when none can be
    /// started.
    pub fn execute(self: &Arc<Self>, job: impl FnOnce() + Send + 'static) -> Result<()> {
        let mut staff = self.staff.lock();
        let Some(jobs) = &staff.jobs else {
            return Err(Error::new(Status::Closed, "the host or client is closed"));
        };
        let job = match jobs.try_send(Box::new(job)) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) => job,
        };
        staff.started += 1;
        staff.running += 1;
        let name = format!("{}-{}", self.name, staff.started);
        drop(staff);
        self.start(name, job)
    }

    /// Starts a thread, which was counted in already. With no lock held: without a thread the job
    /// is dropped, and that may do things of its own.
    fn start(self: &Arc<Self>, name: String, job: Job) -> Result<()> {
        let workers = self.clone();
        let leaving = Leaving(workers.clone());
        let started = thread::Builder::new().name(name).spawn(move || {
            let _leaving = leaving;
            workers.work(job);
        });
        match started {
            Ok(handle) => {
                self.staff.lock().threads.push(handle);
                Ok(())
            }
            Err(error) => Err(Error::from_io(
                Status::LimitExceeded,
                "no thread could be started; raise the limit of threads or memory",
                &error,
            )),
        }
    }

    /// Runs a job that has to run: on this thread, if no other can be had.
    pub fn execute_or_run_here(self: &Arc<Self>, job: impl FnOnce() + Send + 'static) {
        let mut sure = Sure(Some(job));
        // One that is dropped runs in being dropped.
        let _ = self.execute(move || sure.run());
    }

    /// Whether it takes no more jobs.
    pub fn is_closed(&self) -> bool {
        self.staff.lock().jobs.is_none()
    }

    /// Whether this thread is one of the pool.
    pub fn has_this_thread(&self) -> bool {
        POOL.get() == self.number
    }

    /// Whether this thread is one of any pool.
    #[cfg(feature = "c-abi")]
    pub fn have_this_thread() -> bool {
        POOL.get() != 0
    }

    /// Has this thread, which the pool did not start, count as one of it from now on.
    pub fn adopt_this_thread(&self) {
        POOL.set(self.number);
    }

    fn work(&self, first: Job) {
        self.adopt_this_thread();
        first();
        while let Ok(job) = self.idle.recv_timeout(IDLE_TIMEOUT) {
            job();
        }
        self.join_predecessor();
    }

    /// Makes this thread, which leaves, the next one to be joined.
    fn join_predecessor(&self) {
        let own = thread::current().id();
        let mut staff = self.staff.lock();
        let place = staff.threads.iter().position(|thread| thread.thread().id() == own);
        // Without a place, who started it is late, and whoever closes joins it.
        let Some(place) = place else { return };
        let own = staff.threads.swap_remove(place);
        let before = staff.left.replace(own);
        drop(staff);
        before.map(thread::JoinHandle::join);
    }

    /// Takes no more jobs, and waits until all threads have ended. False when the deadline passes
    /// before; then they end by themselves, after their jobs.
    ///
    /// On a thread of the pool itself it does not wait.
    pub fn close(&self, deadline: Instant) -> bool {
        let mut staff = self.staff.lock();
        staff.jobs = None;
        let own = thread::current().id();
        if staff.threads.iter().chain(&staff.left).any(|thread| thread.thread().id() == own) {
            return false;
        }
        while staff.running > 0 {
            if self.one_left.wait_until(&mut staff, deadline).timed_out() {
                return staff.running == 0;
            }
        }
        let left = staff.left.take();
        let threads = std::mem::take(&mut staff.threads);
        staff.joining += 1;
        drop(staff);
        for thread in threads.into_iter().chain(left) {
            // A job that panicked was reported where it ran.
            let _ = thread.join();
        }
        staff = self.staff.lock();
        staff.joining -= 1;
        self.one_left.notify_all();
        while staff.joining > 0 {
            if self.one_left.wait_until(&mut staff, deadline).timed_out() {
                return staff.joining == 0;
            }
        }
        true
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        if !self.process.is_current() {
            // In a child their threads do not exist: what was theirs may be another thread's by now.
            let staff = self.staff.get_mut();
            std::mem::forget((std::mem::take(&mut staff.threads), staff.left.take()));
        }
    }
}

/// A job that runs when it is dropped, at the latest.
struct Sure<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Sure<F> {
    fn run(&mut self) {
        if let Some(job) = self.0.take() {
            job();
        }
    }
}

impl<F: FnOnce()> Drop for Sure<F> {
    fn drop(&mut self) {
        self.run();
    }
}

/// Counts a thread out when it ends, in whatever way, or was not to be had.
struct Leaving(Arc<Workers>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.staff.lock().running -= 1;
        self.0.one_left.notify_all();
    }
}
