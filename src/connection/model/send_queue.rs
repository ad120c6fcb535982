//! Calls that wait to be sent: each leaves once, those of a lane in order, on any thread; and a thread that
//! waits for its turn gets it.

use shuttle::thread;

use super::{explore, perhaps};
use crate::cancel::Cancellation;
use crate::connection::state::send_queue::{Line, SendQueue, Waits};
use crate::sync::{Arc, Mutex};

/// A call: its lane, and its number within the lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Call {
    lane: u64,
    number: u32,
}

impl Waits for Call {
    fn line(&self) -> Line {
        Line::Root
    }

    fn lane(&self) -> u64 {
        self.lane
    }
}

#[derive(Default)]
struct Side {
    queue: Arc<SendQueue<Call>>,
    sent: Mutex<Vec<Call>>,
    senders: Mutex<Vec<thread::JoinHandle<()>>>,
}

impl Side {
    /// Starts a call like a proxy: sends it at once if it can and nothing waits before it.
    fn start(self: &Arc<Self>, lane: u64, number: u32) {
        let call = Call { lane, number };
        if !self.queue.enter(Arc::new(call)) {
            return;
        }
        let waits = perhaps();
        if !waits {
            self.sent.lock().push(call);
        }
        if waits || self.queue.leave(Line::Root) {
            let side = self.clone();
            self.senders.lock().push(thread::spawn(move || side.send_waiting()));
        }
    }

    fn send_waiting(&self) {
        while let Some(call) = self.queue.first(Line::Root) {
            self.sent.lock().push(*call);
            if !self.queue.leave(Line::Root) {
                return;
            }
        }
    }

    /// Calls and waits like a proxy.
    fn call(&self, lane: u64, number: u32) {
        if self.queue.is_busy() {
            let never = Cancellation::default();
            self.queue.wait_turn(Line::Root, lane, None, never).expect("nothing ends it");
        }
        self.sent.lock().push(Call { lane, number });
    }

    fn sent_of(&self, lane: u64) -> Vec<u32> {
        let sent = self.sent.lock();
        sent.iter().filter(|call| call.lane == lane).map(|call| call.number).collect()
    }
}

#[test]
fn calls_of_a_lane_leave_in_order_and_once() {
    explore(|| {
        let side = Arc::new(Side::default());
        let callers = [1, 2].map(|lane| {
            let side = side.clone();
            thread::spawn(move || {
                side.start(lane, 0);
                side.start(lane, 1);
                side.call(lane, 2);
            })
        });
        for caller in callers {
            caller.join().unwrap();
        }
        let senders = std::mem::take(&mut *side.senders.lock());
        for sender in senders {
            sender.join().unwrap();
        }
        for lane in [1, 2] {
            assert_eq!(side.sent_of(lane), [0, 1, 2], "lane {lane}");
        }
        assert!(!side.queue.is_busy(), "a call was left behind");
    });
}
