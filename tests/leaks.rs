//! Closed objects leave no thread and no descriptor behind. Alone in its program, since it counts those of
//! the whole process.

mod support;

use std::time::Duration;

use callgate::Client;
use support::gate::eventually;
use support::{calculator_host, system, unique, watched};

#[test]
fn nothing_remains() {
    watched(Duration::from_secs(120), || {
        use_once(true);
        let before = system::own_descriptors().len();
        for _ in 0..30 {
            use_once(true);
            // Linux still lists a thread for a moment after it has been joined.
            eventually("threads of closed objects end", || {
                system::own_library_threads().is_empty()
            });
            let descriptors = system::own_descriptors();
            assert_eq!(descriptors.len(), before, "after closing: {descriptors:?}");
        }
        for _ in 0..30 {
            use_once(false);
        }
        eventually("threads of dropped objects end", || system::own_library_threads().is_empty());
        let descriptors = system::own_descriptors();
        assert_eq!(descriptors.len(), before, "after dropping: {descriptors:?}");
    });
}

fn use_once(close: bool) {
    let pipe = format!("pipe://{}", unique("leaks"));
    let host = calculator_host(&pipe).endpoint("tcp://127.0.0.1:0").start().unwrap();
    let clients: Vec<_> = host
        .endpoints()
        .iter()
        .map(|endpoint| Client::connect(&endpoint.to_string()).unwrap())
        .collect();
    let nobody = Client::connect(&format!("pipe://{}", unique("nobody"))).unwrap();
    for client in &clients {
        let calculator = client.proxy("ICalculator").unwrap();
        assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3);
    }
    if !close {
        return;
    }
    clients[0].close().unwrap();
    host.close().unwrap();
    clients[1].close().unwrap();
    nobody.close().unwrap();
}
