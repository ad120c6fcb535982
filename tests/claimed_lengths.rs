//! A length is only a claim: a host allocates no memory for it. Alone in its process, whose memory is
//! measured.

mod support;

use std::fs;
use std::io::Write;
use std::time::Duration;

use callgate::Client;
use support::raw::{self, RawClient};
use support::{calculator_host, sanitizer, watched};

const CONNECTIONS: usize = 50;
const CLAIM: u32 = 64 << 20;
const MIB: u64 = 1 << 20;

/// More than a Unix socket holds: once this much is written, the host has seen the length.
const SENT: usize = 256 << 10;

/// Resident and mapped memory of this process.
fn memory() -> (u64, u64) {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let kib = |key: &str| {
        let line = status.lines().find(|line| line.starts_with(key)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    (kib("VmHWM:") * 1024, kib("VmSize:") * 1024)
}

#[test]
fn memory_follows_what_has_arrived_not_what_was_claimed() {
    watched(Duration::from_secs(60), || {
        let endpoint = raw::endpoint("claims");
        let _host = calculator_host(&endpoint).start().unwrap();
        let mut claimants: Vec<_> =
            (0..CONNECTIONS).map(|_| RawClient::connect(&endpoint)).collect();
        let part = vec![0x5a; SENT];
        let before = memory();
        for claimant in &mut claimants {
            claimant.stream.write_all(&CLAIM.to_le_bytes()).unwrap();
            claimant.stream.write_all(&part).unwrap();
        }
        let after = memory();
        let resident = (after.0 - before.0) / MIB;
        assert!(resident < sanitizer::bound(32), "{resident} MiB more are resident");
        // Half of the claim, since the stacks and heaps of threads take some.
        let mapped = after.1.saturating_sub(before.1) / MIB;
        assert!(mapped < 1600, "{mapped} MiB more are mapped");
        let client = Client::connect(&endpoint).unwrap();
        let calculator = client.proxy("ICalculator").unwrap();
        assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3);
    });
}
