//! Threads for work that must not wait: slow delegates, new leaders, flushes. Each host and client has its
//! own pool, so that its threads end with it.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::error::{Error, Result, Status};
use crate::process::Process;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{shared_static, thread, thread_local, Arc, Condvar, Mutex};
use crate::time;

/// A worker ends after being idle for this long.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

type Job = Box<dyn FnOnce() + Send>;

/// Where one thread waits for its next job.
#[derive(Default)]
struct Desk {
    job: Mutex<Option<Job>>,
    /// Signalled when it has a job or the pool closes. Waited for with the lock of the staff.
    called: Condvar,
}

#[derive(Default)]
struct Staff {
    closed: bool,
    /// Those of idle threads. The one that became idle last gets the next job, so that those not needed for
    /// long stay idle, and end.
    idle: Vec<Arc<Desk>>,
    threads: Vec<thread::JoinHandle<()>>,
    /// The thread that ended last, which the next one joins: a thread ends a little after its work, and may
    /// run user code then.
    left: Option<thread::JoinHandle<()>>,
    running: usize,
    /// The number of threads that wait for the end of others.
    joining: usize,
    started: u64,
}

shared_static! { static POOLS: AtomicU64 = AtomicU64::new(1); }

thread_local! {
    /// The pool that this thread belongs to; 0 for a thread of the program.
    static POOL: Cell<u64> = const { Cell::new(0) };
    /// The pool that started this thread, or 0.
    static STARTER: Cell<u64> = const { Cell::new(0) };
}

/// A pool of threads that grows when all are busy.
pub(crate) struct Workers {
    name: &'static str,
    /// Identifies the pool.
    number: u64,
    /// With this many threads, no further one is started for a call.
    most_for_calls: usize,
    staff: Mutex<Staff>,
    one_left: Condvar,
    process: Process,
}

impl Workers {
    /// A pool without threads. Their names will begin with `name` (at most 9 bytes, for Linux). With
    /// `most_for_calls` threads, no further one is started for a call.
    pub fn new(name: &'static str, most_for_calls: usize) -> Arc<Workers> {
        let (staff, one_left) = (Mutex::default(), Condvar::new());
        let (number, process) = (POOLS.fetch_add(1, Ordering::Relaxed), Process::current());
        Arc::new(Workers { name, number, most_for_calls, staff, one_left, process })
    }

    /// Runs a job on an idle thread, or on a new one. The job is dropped if none can be started.
    pub fn execute(self: &Arc<Self>, job: impl FnOnce() + Send + 'static) -> Result<()> {
        self.execute_among(usize::MAX, job)
    }

    /// The same for a call, or for something else that a peer can ask for without end.
    pub fn execute_call(self: &Arc<Self>, job: impl FnOnce() + Send + 'static) -> Result<()> {
        self.execute_among(self.most_for_calls, job)
    }

    /// Starts no thread if there are already `most`.
    fn execute_among(
        self: &Arc<Self>,
        most: usize,
        job: impl FnOnce() + Send + 'static,
    ) -> Result<()> {
        let mut staff = self.staff.lock();
        if staff.closed {
            return Err(Error::new(Status::Closed, "the host or client is closed"));
        }
        let job: Job = Box::new(job);
        if let Some(desk) = staff.idle.pop() {
            *desk.job.lock() = Some(job);
            drop(staff);
            desk.called.notify_one();
            return Ok(());
        }
        if staff.running >= most {
            // The job may run arbitrary code when it is dropped.
            drop(staff);
            drop(job);
            let message = format!("{most} threads run already; let fewer calls run at once");
            return Err(Error::new(Status::LimitExceeded, message));
        }
        staff.started += 1;
        staff.running += 1;
        let name = format!("{}-{}", self.name, staff.started);
        drop(staff);
        self.start(name, job)
    }

    /// Starts a thread that is already counted. No lock is held: without a thread the job is dropped, which
    /// may run arbitrary code.
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

    /// Runs a job that must run: on this thread, if no other is available.
    pub fn execute_or_run_here(self: &Arc<Self>, job: impl FnOnce() + Send + 'static) {
        let mut sure = Sure(Some(job));
        // If no thread can be started the job runs when it is dropped.
        let _ = self.execute(move || sure.run());
    }

    /// Whether it accepts no more jobs.
    pub fn is_closed(&self) -> bool {
        self.staff.lock().closed
    }

    /// Whether this thread belongs to the pool.
    pub fn has_this_thread(&self) -> bool {
        POOL.with(Cell::get) == self.number
    }

    /// Whether this thread belongs to any pool.
    #[cfg(feature = "c-abi")]
    pub fn have_this_thread() -> bool {
        POOL.with(Cell::get) != 0
    }

    /// Makes this thread, which the pool did not start, count as one of its own.
    pub fn adopt_this_thread(&self) {
        POOL.with(|pool| pool.set(self.number));
    }

    fn work(&self, first: Job) {
        self.adopt_this_thread();
        STARTER.with(|starter| starter.set(self.number));
        first();
        let desk = Arc::default();
        while let Some(job) = self.next_job(&desk) {
            job();
        }
        self.join_predecessor();
    }

    /// Waits for a job at this desk. `None` if there is none for long, or if the pool closes.
    fn next_job(&self, desk: &Arc<Desk>) -> Option<Job> {
        let deadline = time::after(IDLE_TIMEOUT);
        let mut staff = self.staff.lock();
        staff.idle.push(desk.clone());
        let mut late = false;
        while !staff.closed && !late {
            late = desk.called.wait_until(&mut staff, deadline).timed_out();
            let job = desk.job.lock().take();
            if job.is_some() {
                return job;
            }
        }
        staff.idle.retain(|idle| !Arc::ptr_eq(idle, desk));
        None
    }

    /// Registers this ending thread as the one to join next.
    fn join_predecessor(&self) {
        let own = thread::current().id();
        let mut staff = self.staff.lock();
        let place = staff.threads.iter().position(|thread| thread.thread().id() == own);
        // Not registered yet: the starting thread is late, and the closing one will join it.
        let Some(place) = place else { return };
        let own = staff.threads.swap_remove(place);
        let before = staff.left.replace(own);
        drop(staff);
        before.map(thread::JoinHandle::join);
    }

    /// Accepts no more jobs, and waits until all threads have ended. False if the deadline passes first;
    /// they then end by themselves, after their jobs.
    ///
    /// Does not wait when called on a thread that the pool started.
    pub fn close(&self, deadline: Instant) -> bool {
        let mut staff = self.staff.lock();
        staff.closed = true;
        for desk in &staff.idle {
            desk.called.notify_one();
        }
        if STARTER.with(Cell::get) == self.number {
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
            // A panic was already reported where it happened.
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
            // These threads do not exist here, and their ids may belong to other threads.
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

/// Removes a thread from the count when it ends, however it ends, or if it could not be started.
struct Leaving(Arc<Workers>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.staff.lock().running -= 1;
        self.0.one_left.notify_all();
    }
}
