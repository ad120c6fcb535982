//! Hostile peers that attack a host, or the clients that connect to them, all the time, one attack after the
//! other as a seed decides: beside honest programs, to see that those do not suffer.

mod kinds;
mod messages;
mod peer;
mod random;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use self::kinds::{Kind, KINDS};
use self::peer::Peer;
use self::random::Random;
use super::stream::Listener;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |number| number.parse().expect("a number"))
}

/// How long a test attacks: `CALLGATE_ATTACK_SECONDS`.
pub fn duration() -> Duration {
    Duration::from_secs(number("CALLGATE_ATTACK_SECONDS", 4))
}

/// The seed of a test's attacks: `CALLGATE_ATTACK_SEED`, or any. Prints it, so that a failure can be repeated.
pub fn seed() -> u64 {
    let now = std::time::UNIX_EPOCH.elapsed().expect("it is later than 1970");
    let seed = number("CALLGATE_ATTACK_SEED", now.as_micros() as u64);
    println!("CALLGATE_ATTACK_SEED={seed}");
    seed
}

/// A call that an honest peer might make.
#[derive(Clone, Debug)]
pub struct Call {
    pub interface: &'static str,
    pub method: &'static str,
    /// A MessagePack array.
    pub arguments: Vec<u8>,
}

impl Call {
    pub fn new(interface: &'static str, method: &'static str, arguments: &[u8]) -> Call {
        Call { interface, method, arguments: arguments.to_vec() }
    }
}

/// What is attacked.
#[derive(Clone, Debug)]
pub struct Target {
    /// `unix://PATH` or `tcp://ADDRESS`.
    pub endpoint: String,
    /// Calls that it serves, at least one, so that attacks get beyond names that it does not know.
    pub calls: Vec<Call>,
}

/// How often each attack was made.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    made: BTreeMap<&'static str, u64>,
    /// How often the target could not be reached or did not welcome the peer.
    pub turned_away: u64,
}

impl Tally {
    /// The number of all attacks.
    pub fn total(&self) -> u64 {
        self.made.values().sum()
    }

    fn add(&mut self, other: &Tally) {
        other.made.iter().for_each(|(kind, count)| *self.made.entry(kind).or_default() += count);
        self.turned_away += other.turned_away;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} attacks, {} turned away", self.total(), self.turned_away)?;
        self.made.iter().try_for_each(|(kind, count)| write!(f, ", {kind} {count}"))
    }
}

/// Attackers at work, each a thread.
pub struct Attack {
    stop: Arc<AtomicBool>,
    attackers: Vec<JoinHandle<Tally>>,
}

impl Attack {
    /// Begins to attack a host with this number of hostile clients, each with a pause after each attack. The
    /// same seed gives the same attacks; their timing depends on the machine.
    pub fn start(target: &Target, seed: u64, attackers: u64, pause: Duration) -> Attack {
        Attack::start_with(seed, attackers, pause, || {
            let target = target.clone();
            move |kind: &Kind, random| {
                let Ok(mut peer) = Peer::connect(&target.endpoint, random) else { return false };
                let ready = !kind.1 || peer.introduce();
                if ready {
                    kind.2(&mut peer, &target);
                }
                ready
            }
        })
    }

    /// Begins to attack each endpoint of a host which serves these calls, each with other choices.
    pub fn start_each(
        endpoints: &[impl ToString],
        calls: &[Call],
        seed: u64,
        attackers: u64,
        pause: Duration,
    ) -> Vec<Attack> {
        let targets = endpoints
            .iter()
            .map(|endpoint| Target { endpoint: endpoint.to_string(), calls: calls.to_vec() });
        (0..)
            .zip(targets)
            .map(|(place, target): (u64, _)| {
                Attack::start(&target, seed.wrapping_add(place), attackers, pause)
            })
            .collect()
    }

    /// Listens at an endpoint where nothing is yet as a hostile host, and attacks each client that connects.
    /// `calls` are what clients serve.
    pub fn listen(endpoint: &str, calls: &[Call], seed: u64) -> Attack {
        let listener = Listener::bind(endpoint).expect("the endpoint is free");
        let target = Target { endpoint: String::new(), calls: calls.to_vec() };
        Attack::start_with(seed, 2, Duration::from_millis(1), || {
            let listener = listener.without_waiting().expect("a handle of the listener");
            let target = target.clone();
            move |kind: &Kind, random| {
                let Ok(stream) = listener.accept() else { return false };
                stream.set_nonblocking(false).expect("a socket");
                let mut peer = Peer::over(stream, random);
                let ready = !kind.1 || peer.welcome();
                if ready {
                    kind.2(&mut peer, &target);
                }
                ready
            }
        })
    }

    fn start_with<F>(seed: u64, attackers: u64, pause: Duration, act: impl Fn() -> F) -> Attack
    where
        F: Fn(&Kind, Random) -> bool + Send + 'static,
    {
        let stop = Arc::new(AtomicBool::new(false));
        let attackers = (0..attackers).map(|number| {
            let (stop, act) = (stop.clone(), act());
            thread::spawn(move || {
                let mut random = Random::new(seed.wrapping_add(number << 32));
                let mut tally = Tally::default();
                while !stop.load(Ordering::Acquire) {
                    let kind = random.choose(&KINDS);
                    if act(kind, Random::new(random.next())) {
                        *tally.made.entry(kind.0).or_default() += 1;
                    } else {
                        tally.turned_away += 1;
                    }
                    thread::sleep(pause);
                }
                tally
            })
        });
        let attackers = attackers.collect();
        Attack { stop, attackers }
    }

    /// Ends the attack once those under way have ended, within seconds. Panics if the target has ever broken
    /// the protocol.
    pub fn stop(self) -> Tally {
        self.stop.store(true, Ordering::Release);
        let mut all = Tally::default();
        for attacker in self.attackers {
            all.add(&attacker.join().expect("the target keeps to the protocol"));
        }
        all
    }
}
