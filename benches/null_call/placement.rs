//! Which processors the two processes run on.

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    OneCore,
    OneCoreEach,
    Free,
}

impl Placement {
    pub const ALL: [Placement; 3] = [Placement::OneCore, Placement::OneCoreEach, Placement::Free];

    pub fn name(self) -> &'static str {
        match self {
            Placement::OneCore => "one-core",
            Placement::OneCoreEach => "one-core-each",
            Placement::Free => "free",
        }
    }

    pub fn of(name: &str) -> Placement {
        let found = Self::ALL.into_iter().find(|placement| placement.name() == name);
        found.expect("the name is one of ours")
    }

    pub fn describe(self) -> &'static str {
        match self {
            Placement::OneCore => "both processes on one core",
            Placement::OneCoreEach => "one core each",
            Placement::Free => "left to the scheduler",
        }
    }

    pub fn pin_client(self) {
        if self != Placement::Free {
            pin(0);
        }
    }

    pub fn pin_server(self) {
        match self {
            Placement::OneCore => pin(0),
            Placement::OneCoreEach => pin(1),
            // The server inherits nothing: the client was not pinned.
            Placement::Free => {}
        }
    }
}

/// Pins this process, which has one thread yet, to the processor of that number.
fn pin(processor: usize) {
    // SAFETY: the set is plain bits, and the processor's number lies within it.
    let pinned = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(processor, &mut set);
        libc::sched_setaffinity(0, std::mem::size_of_val(&set), &set)
    };
    assert_eq!(pinned, 0, "processor {processor} is not ours");
}
