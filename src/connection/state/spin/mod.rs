//! Waiting for bytes: spinning where that pays, then sleeping.

mod policy;

use std::io;
use std::time::Duration;

use crate::chunk::Chunk;
use crate::connection::state::spin::policy::Policy;
use crate::process::SPINNING;
use crate::sync::atomic::Ordering;
use crate::sync::thread;
use crate::time;
use crate::transport::{wake_cost, Arrival, Receive, Wait};

/// One end's waits for one kind of bytes.
pub(crate) struct Spin {
    /// How long a wait may spin; `None` for twice the wake cost.
    limit: Option<Duration>,
    processors: usize,
    policy: Policy,
    yields_first: bool,
}

impl Spin {
    /// Waits that spin for at most `limit`, or twice the wake cost; not at all if the two ends have only
    /// one processor between them.
    pub fn new(limit: Option<Duration>, processors: usize) -> Spin {
        let processors = if limit == Some(Duration::ZERO) { 1 } else { processors };
        Spin { limit, processors, policy: Policy::new(), yields_first: false }
    }

    /// Whether waits may spin.
    pub fn is_possible(&self) -> bool {
        self.processors > 1
    }

    /// Makes the next wait that spins yield first: a thread was just given work, and spinning at once could
    /// keep it from the processor.
    pub fn yield_first(&mut self) {
        self.yields_first = true;
    }

    /// Receives as `wait` says, and spins before it sleeps where that pays.
    pub fn receive(
        &mut self,
        receive: &mut dyn Receive,
        buffer: &mut Chunk,
        wait: &Wait,
    ) -> io::Result<Arrival> {
        if !self.is_possible() {
            return receive.recv(buffer, wait);
        }
        let wake_cost = self.limit.map_or_else(wake_cost, |limit| limit / 2);
        if self.policy.spins() {
            return match self.spin(receive, buffer, wait, wake_cost)? {
                Some(arrival) => Ok(arrival),
                None => receive.recv(buffer, wait),
            };
        }
        let begun = time::now();
        let arrival = receive.recv(buffer, wait)?;
        if matches!(arrival, Arrival::Bytes(_)) {
            self.policy.note_sleep(time::since(begun), wake_cost);
        }
        Ok(arrival)
    }

    fn spin(
        &mut self,
        receive: &mut dyn Receive,
        buffer: &mut Chunk,
        wait: &Wait,
        wake_cost: Duration,
    ) -> io::Result<Option<Arrival>> {
        let Some(_permit) = SpinPermit::get(self.processors) else {
            return Ok(None);
        };
        if std::mem::take(&mut self.yields_first) {
            thread::yield_now();
        }
        let soon = receive.spin(buffer, wait, wake_cost)?;
        if soon.is_some() {
            self.policy.note_soon();
            return Ok(soon);
        }
        let late = receive.spin(buffer, wait, wake_cost)?;
        match late {
            Some(_) => self.policy.note_late(),
            None => self.policy.note_vain(),
        }
        Ok(late)
    }
}

/// The right to spin. Fewer threads of the process hold it than the two ends have processors, so that
/// spinning never keeps the awaited thread from running. Returned on drop.
struct SpinPermit;

impl SpinPermit {
    fn get(processors: usize) -> Option<SpinPermit> {
        let permit = SpinPermit;
        let others = SPINNING.fetch_add(1, Ordering::Relaxed);
        (others + 1 < processors).then_some(permit)
    }
}

impl Drop for SpinPermit {
    fn drop(&mut self) {
        SPINNING.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_do_not_spin_on_one_processor() {
        assert!(!Spin::new(None, 1).is_possible());
        assert!(!Spin::new(Some(Duration::ZERO), 8).is_possible());
        assert!(Spin::new(None, 2).is_possible());
    }
}
