//! Hostile peers of all kinds, which attack hosts until standard input ends.

use std::io::Read;
use std::time::Duration;

use crate::attack::{Attack, Call};

/// The pause of each attacker after an attack.
const PAUSE: Duration = Duration::from_secs(2);

/// Calls that hosts serve, or refuse since the check number is wrong.
fn calls() -> Vec<Call> {
    vec![
        Call::new("IWork", "Run", b"\x92\x01\x02"),
        Call::new("IWork", "Slow", b"\x92\x01\x02"),
        Call::new("IWork", "Deeper", b"\x91\x02"),
        Call::new("IOrdered", "Run", b"\x92\x01\x02"),
        Call::new("IOrdered", "Tell", b"\x92\x01\x02"),
    ]
}

/// Attacks each endpoint, and prints what was done. Panics if a host has broken the protocol.
pub fn attack(seed: u64, endpoints: &[&str]) {
    let attacks = Attack::start_each(endpoints, &calls(), seed, 1, PAUSE);
    std::io::stdin().read_to_end(&mut Vec::new()).expect("standard input");
    let tallies: Vec<_> = attacks.into_iter().map(Attack::stop).collect();
    tallies.iter().for_each(|tally| eprintln!("{tally}"));
    println!("{}", tallies.iter().map(|tally| tally.total() + tally.turned_away).sum::<u64>());
}
