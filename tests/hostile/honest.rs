//! An honest client that calls without pause beside an attack, so that a test shows what others suffer.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use callgate::{Client, Error};

use crate::support::{calculator_host, unique, watched};

/// What an honest client met during an attack.
pub struct Report {
    pub calls: usize,
    pub failures: Vec<Error>,
    pub worst: Duration,
}

impl Report {
    /// Prints the report, and requires that no call failed.
    pub fn require_unharmed(&self) {
        println!("{self}");
        assert!(self.failures.is_empty(), "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (calls, failed) = (self.calls, self.failures.len());
        write!(f, "an honest client made {calls} calls, the slowest in {:?}; ", self.worst)?;
        match self.failures.first() {
            Some(first) => write!(f, "{failed} failed, the first so: {first}"),
            None => write!(f, "none failed"),
        }
    }
}

/// Runs an attack while an honest client calls `ICalculator.Add` at this endpoint: that of the host under
/// attack, or that of an honest host whose client is under attack. At least one call is made before the
/// attack, one during it and one after it.
pub fn beside<R>(endpoint: &str, attack: impl FnOnce() -> R) -> (Report, R) {
    let client = Client::connect(endpoint).expect("the endpoint is valid");
    let calculator = client.proxy("ICalculator").expect("the name is valid");
    let mut report = Report { calls: 0, failures: Vec::new(), worst: Duration::ZERO };
    let mut call = || {
        let begun = Instant::now();
        match calculator.call::<i64>("Add", &(report.calls, 1)) {
            Ok(sum) => assert_eq!(sum, report.calls as i64 + 1, "the sum is another call's"),
            Err(error) => report.failures.push(error),
        }
        report.calls += 1;
        report.worst = report.worst.max(begun.elapsed());
    };
    let over = AtomicBool::new(false);
    call();
    let result = thread::scope(|scope| {
        let caller = scope.spawn(|| loop {
            let last = over.load(Ordering::Acquire);
            call();
            if last {
                return;
            }
        });
        let result = {
            let _over = Over(&over);
            attack()
        };
        caller.join().expect("the honest client does not panic");
        result
    });
    (report, result)
}

/// Ends the honest client when the attack returns or panics.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[test]
fn an_honest_client_reports_what_it_meets() {
    watched(Duration::from_secs(60), || {
        let host = calculator_host(&format!("pipe://{}", unique("honest"))).start().unwrap();
        let endpoint = host.endpoints()[0].to_string();
        let (report, answer) = beside(&endpoint, || 42);
        report.require_unharmed();
        assert!(report.calls >= 2 && report.worst > Duration::ZERO && answer == 42);
        let (report, ()) = beside(&endpoint, || host.close().unwrap());
        assert!(!report.failures.is_empty(), "{report}");
    });
}
