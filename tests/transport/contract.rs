//! What every stream does while it is open.

use crate::streams::{
    far, listen, over_all, receive_exactly, room, send_all, send_slices, soon, waits, watched,
};
use callgate::unstable::transport::{self, Arrival, Sent, Stream, Wait};
use std::io::{ErrorKind, IoSlice};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn bytes_travel_both_ways_however_they_are_awaited() {
    over_all(|make| {
        let (mut client, mut host) = make();
        for wait in waits() {
            send_all(&mut *client.transmit, b"a question");
            assert_eq!(receive_exactly(&mut *host.receive, 10, &wait), b"a question");
            thread::scope(|scope| {
                let answer = scope.spawn(|| receive_exactly(&mut *client.receive, 9, &waits()[0]));
                send_all(&mut *host.transmit, b"an answer");
                assert_eq!(answer.join().unwrap(), b"an answer");
            });
        }
    });
}

#[test]
fn bytes_are_appended_within_the_capacity() {
    over_all(|make| {
        let (mut client, mut host) = make();
        send_all(&mut *client.transmit, b"0123456789");
        let mut buffer = room(6);
        buffer.append(b"ab").unwrap();
        while buffer.len() < 6 {
            let arrival = host.receive.recv(&mut buffer, &Wait::default()).unwrap();
            assert!(matches!(arrival, Arrival::Bytes(_)));
        }
        assert_eq!(&buffer[..], b"ab0123");
        assert_eq!(buffer.capacity(), 6);
        let error = host.receive.recv(&mut buffer, &Wait::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(receive_exactly(&mut *host.receive, 6, &Wait::default()), b"456789");
    });
}

#[test]
fn receiving_brings_no_more_than_was_asked_for() {
    over_all(|make| {
        let (mut client, mut host) = make();
        send_all(&mut *client.transmit, b"0123456789");
        let mut buffer = room(100);
        let wait = Wait { most: Some(4), ..Wait::default() };
        let mut before = 0;
        while buffer.len() < 10 {
            host.receive.recv(&mut buffer, &wait).unwrap();
            assert!((1..=4).contains(&(buffer.len() - before)), "{:?}", &buffer[..]);
            before = buffer.len();
        }
        assert_eq!(&buffer[..], b"0123456789");
        send_all(&mut *client.transmit, b"0123456789");
        let found = host.receive.spin(&mut buffer, &wait, Duration::from_secs(10)).unwrap();
        assert!(matches!(found, None | Some(Arrival::Bytes(1..=4))), "{found:?}");
    });
}

#[test]
fn deadlines_are_kept() {
    over_all(|make| {
        let (mut client, mut host) = make();
        let mut buffer = room(10);
        let never = Wait { deadline: Some(far()), ..Wait::default() };
        send_all(&mut *client.transmit, b"x");
        receive_exactly(&mut *host.receive, 1, &never);
        // Near and far deadlines are kept by different means; farther and less far ones alternate.
        for millis in [0, 15, 1_050, 1_400] {
            for interruptible in [false, true] {
                let deadline = soon(millis);
                let wait = Wait { deadline: Some(deadline), interruptible, most: None };
                let arrival = host.receive.recv(&mut buffer, &wait).unwrap();
                assert_eq!(arrival, Arrival::TimedOut);
                assert!(Instant::now() >= deadline, "too early: {wait:?}");
            }
        }
    });
}

/// The wait and the bytes meet at every distance, as the sender pauses for other times than the receiver waits.
#[test]
fn bytes_that_arrive_at_a_deadline_are_kept() {
    const BYTES: u32 = 600;
    over_all(|make| {
        let (mut client, mut host) = make();
        let (transmit, receive) = (&mut client.transmit, &mut host.receive);
        thread::scope(|scope| {
            scope.spawn(move || {
                for number in 0..BYTES {
                    let pause =
                        Instant::now() + Duration::from_micros(u64::from(number * 37 % 1_500));
                    while Instant::now() < pause {
                        std::hint::spin_loop();
                    }
                    send_all(&mut **transmit, &[number as u8]);
                }
            });
            let mut received = room(BYTES as usize);
            while received.len() < BYTES as usize {
                let wait = Wait { deadline: Some(soon(1)), ..Wait::default() };
                let arrival = receive.recv(&mut received, &wait).unwrap();
                assert_ne!(arrival, Arrival::End);
                if let Some(last) = received.last() {
                    assert_eq!(*last, (received.len() - 1) as u8, "a byte is missing");
                }
            }
        });
    });
}

#[test]
fn spinning_finds_what_is_there_and_does_not_sleep() {
    over_all(|make| {
        let (mut client, mut host) = make();
        let mut buffer = room(10);
        let long = Duration::from_micros(300);
        let mut spin = |wait: &Wait| host.receive.spin(&mut buffer, wait, long).unwrap();
        let begun = Instant::now();
        assert_eq!(spin(&Wait::default()), None);
        // In-process streams cannot poll; the others have spun for the whole time.
        let can_spin = begun.elapsed() >= long;
        let past = Wait { deadline: Some(Instant::now()), ..Wait::default() };
        let late = spin(&past);
        assert_eq!(late, can_spin.then_some(Arrival::TimedOut));
        send_all(&mut *client.transmit, b"a");
        let mut found = spin(&past);
        // TCP takes its time, even within a machine.
        while found == Some(Arrival::TimedOut) {
            found = spin(&past);
        }
        assert_eq!(found, can_spin.then_some(Arrival::Bytes(1)));
        host.control.interrupt();
        let interruptible = Wait { interruptible: true, ..Wait::default() };
        let interrupted = host.receive.spin(&mut buffer, &interruptible, long).unwrap();
        assert_eq!(interrupted, can_spin.then_some(Arrival::Interrupted));
        host.control.shutdown();
        let ended = host.receive.spin(&mut buffer, &Wait::default(), long).unwrap();
        assert_eq!(ended, can_spin.then_some(Arrival::End));
    });
}

#[test]
fn what_is_there_comes_even_after_the_deadline() {
    over_all(|make| {
        let (mut client, mut host) = make();
        send_all(&mut *client.transmit, b"ab");
        assert_eq!(receive_exactly(&mut *host.receive, 1, &Wait::default()), b"a");
        let wait = Wait { deadline: Some(Instant::now()), ..Wait::default() };
        assert_eq!(receive_exactly(&mut *host.receive, 1, &wait), b"b");
    });
}

#[test]
fn an_interrupt_wakes_the_receiver_that_waits() {
    over_all(|make| {
        for round in 0..100 {
            let (_client, mut host) = make();
            let barrier = Barrier::new(2);
            thread::scope(|scope| {
                let arrival = scope.spawn(|| {
                    barrier.wait();
                    let wait = Wait { interruptible: true, ..waits()[round % 2] };
                    host.receive.recv(&mut room(10), &wait)
                });
                barrier.wait();
                // Sometimes before it sleeps, sometimes after.
                (0..round * 20).for_each(|_| std::hint::spin_loop());
                host.control.interrupt();
                assert_eq!(arrival.join().unwrap().unwrap(), Arrival::Interrupted);
            });
        }
    });
}

#[test]
fn an_interrupt_waits_for_an_interruptible_receiver() {
    over_all(|make| {
        let (mut client, mut host) = make();
        let mut buffer = room(10);
        for _ in 0..2 {
            let interruptible = Wait { interruptible: true, deadline: Some(soon(20)), most: None };
            host.control.interrupt();
            host.control.interrupt();
            send_all(&mut *client.transmit, b"x");
            assert_eq!(receive_exactly(&mut *host.receive, 1, &Wait::default()), b"x");
            let mut next = || host.receive.recv(&mut buffer, &interruptible).unwrap();
            assert_eq!(next(), Arrival::Interrupted);
            assert_eq!(next(), Arrival::TimedOut);
            send_all(&mut *client.transmit, b"y");
            assert!(matches!(next(), Arrival::Bytes(1)));
            buffer.clear();
        }
    });
}

/// What streams are filled with.
const PIECE: [u8; 10_000] = [7; 10_000];

/// Sends until there is no room and none appears; returns how much was sent. A piece is left over, which must
/// be sent next.
fn fill(stream: &mut Stream) -> usize {
    let mut sent = 0;
    loop {
        match stream.transmit.send(&[IoSlice::new(&PIECE)], &[]).unwrap() {
            Sent::Bytes(count) => sent += count,
            Sent::Full => {
                let deadline = soon(50);
                if !stream.transmit.wait_writable(deadline).unwrap() {
                    assert!(Instant::now() >= deadline);
                    return sent;
                }
            }
        }
    }
}

#[test]
fn a_full_stream_says_so_until_there_is_room() {
    over_all(|make| {
        let (mut client, mut host) = make();
        let sent = fill(&mut client);
        assert!(!client.transmit.wait_writable(Instant::now()).unwrap());
        thread::scope(|scope| {
            let received = scope.spawn(|| receive_exactly(&mut *host.receive, sent, &waits()[0]));
            assert!(client.transmit.wait_writable(far()).unwrap());
            assert_eq!(received.join().unwrap(), vec![7; sent]);
        });
        send_all(&mut *client.transmit, &PIECE);
        send_all(&mut *client.transmit, b"x");
        let rest = receive_exactly(&mut *host.receive, PIECE.len() + 1, &waits()[0]);
        assert_eq!(rest, [&PIECE[..], b"x"].concat());
    });
}

#[test]
fn halves_outlive_the_threads_that_used_them() {
    over_all(|make| {
        let (mut client, mut host) = make();
        let waiting = Wait { deadline: Some(soon(5)), ..Wait::default() };
        let receive = &mut host.receive;
        let waited = thread::scope(|scope| {
            scope.spawn(|| receive.recv(&mut room(10), &waiting)).join().unwrap()
        });
        assert_eq!(waited.unwrap(), Arrival::TimedOut);
        let sent = thread::scope(|scope| scope.spawn(|| fill(&mut client)).join().unwrap());
        assert_eq!(receive_exactly(&mut *host.receive, sent, &waits()[1]), vec![7; sent]);
    });
}

#[test]
fn large_gathers_pass_each_other() {
    const SIZE: usize = 10 << 20;
    over_all(|make| {
        let (client, host) = make();
        let bytes: Vec<u8> =
            (0..SIZE as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        thread::scope(|scope| {
            for Stream { mut receive, mut transmit, .. } in [client, host] {
                let bytes = &bytes;
                scope.spawn(move || {
                    // More slices than one system call accepts, the first ones empty.
                    let chunks = bytes.chunks(SIZE / 3_000).map(IoSlice::new);
                    let mut slices: Vec<_> =
                        [IoSlice::new(b""); 2].into_iter().chain(chunks).collect();
                    send_slices(&mut *transmit, &mut slices).unwrap();
                });
                scope.spawn(move || {
                    let received = receive_exactly(&mut *receive, SIZE, &waits()[1]);
                    assert!(received == *bytes, "other bytes arrived than were sent");
                });
            }
        });
    });
}

#[test]
fn nothing_cannot_be_sent() {
    over_all(|make| {
        let (mut client, _host) = make();
        for slices in [&[][..], &[IoSlice::new(b""), IoSlice::new(b"")]] {
            let error = client.transmit.send(slices, &[]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
    });
}

#[test]
fn clients_that_come_together_over_tcp_all_get_in() {
    const THREADS: usize = 4;
    const EACH: usize = 100;
    watched(|| {
        let mut listener = listen("tcp://127.0.0.1:0");
        let endpoint = listener.endpoint().clone();
        let dial = || transport::dial(&endpoint, far()).unwrap();
        thread::scope(|scope| {
            let clients: Vec<_> = (0..THREADS)
                .map(|_| scope.spawn(|| (0..EACH).map(|_| dial()).collect::<Vec<_>>()))
                .collect();
            for _ in 0..THREADS * EACH {
                listener.accept().unwrap().expect("nobody stopped it");
            }
            for client in clients {
                assert_eq!(client.join().unwrap().len(), EACH);
            }
        });
    });
}
