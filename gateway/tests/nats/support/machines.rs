//! Machines that can be cut off: network namespaces on one wire. Hosts and clients stay in the test's process, since the
//! pipes of its gateways lead into all of them.

use std::io::Write;
use std::process::Command;

use super::unique;

/// The machines, which are removed when this is dropped.
pub struct Machines {
    wire: String,
    machines: Vec<String>,
}

impl Machines {
    /// Makes this number of machines. `None`, with a clear notice, if the system does not allow it and need not.
    pub fn new(count: usize) -> Option<Machines> {
        let name = unique("net");
        let mut made = Machines { wire: format!("{name}-wire"), machines: Vec::new() };
        if !ip(&["netns", "add", &made.wire]) {
            assert!(std::env::var_os("CALLGATE_REQUIRE_NATS").is_none(), "no network namespaces");
            writeln!(std::io::stderr(), "SKIPPED: this user may not make network namespaces").ok();
            return None;
        }
        made.lay("link add wire type bridge");
        made.lay("link set wire up");
        for machine in 0..count {
            let space = format!("{name}-{machine}");
            assert!(ip(&["netns", "add", &space]));
            made.machines.push(space.clone());
            made.lay(&format!("link add port{machine} type veth peer eth0 netns {space}"));
            made.lay(&format!("link set port{machine} master wire up"));
            let address = made.address(machine);
            for words in [
                format!("address add {address}/24 dev eth0"),
                "link set eth0 up".into(),
                "link set lo up".into(),
            ] {
                run(&space, &words);
            }
        }
        Some(made)
    }

    /// The address of a machine.
    pub fn address(&self, machine: usize) -> String {
        format!("10.78.0.{}", machine + 1)
    }

    /// What begins a command that runs on a machine.
    pub fn prefix(&self, machine: usize) -> Vec<String> {
        ["ip", "netns", "exec", &self.machines[machine]].map(str::to_owned).to_vec()
    }

    /// Lets nothing pass from and to a machine any more; nobody is notified.
    pub fn cut(&self, machine: usize) {
        self.lay(&format!("link set port{machine} down"));
    }

    /// Ends the cut.
    pub fn heal(&self, machine: usize) {
        self.lay(&format!("link set port{machine} up"));
    }

    fn lay(&self, words: &str) {
        run(&self.wire, words);
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        for space in self.machines.iter().chain([&self.wire]) {
            ip(&["netns", "delete", space]);
        }
    }
}

fn run(space: &str, words: &str) {
    let words: Vec<_> = ["-n", space].into_iter().chain(words.split(' ')).collect();
    assert!(ip(&words), "ip {words:?}");
}

/// Whether it succeeded.
fn ip(words: &[&str]) -> bool {
    Command::new("ip").args(words).status().is_ok_and(|status| status.success())
}
