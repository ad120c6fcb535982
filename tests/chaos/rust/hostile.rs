//! Hostile peers of all kinds, which attack hosts until standard input ends.

use std::io::Read;
use std::time::Duration;

use crate::attack::{Attack, Call, Target};

/// The pause of each attacker after an attack.
const PAUSE: Duration = Duration::from_secs(2);

/// Calls that hosts serve, or refuse since the check number is wrong.
fn calls() -> Vec<Call> {
    let call = |interface, method, arguments: &[u8]| Call {
        interface,
        method,
        arguments: arguments.to_vec(),
    };
    vec![
        call("IWork", "Run", b"\x92\x01\x02"),
        call("IWork", "Slow", b"\x92\x01\x02"),
        call("IWork", "Deeper", b"\x91\x02"),
        call("IOrdered", "Run", b"\x92\x01\x02"),
        call("IOrdered", "Tell", b"\x92\x01\x02"),
    ]
}

/// Attacks each endpoint, and prints what was done. Panics if a host has broken the protocol.
pub fn attack(seed: u64, endpoints: &[&str]) {
    let attacks: Vec<_> = (seed..)
        .zip(endpoints)
        .map(|(seed, endpoint)| {
            let target = Target { endpoint: (*endpoint).into(), calls: calls() };
            Attack::start(&target, seed, 1, PAUSE)
        })
        .collect();
    std::io::stdin().read_to_end(&mut Vec::new()).expect("standard input");
    let tallies: Vec<_> = attacks.into_iter().map(Attack::stop).collect();
    tallies.iter().for_each(|tally| eprintln!("{tally}"));
    println!("{}", tallies.iter().map(|tally| tally.total() + tally.turned_away).sum::<u64>());
}
