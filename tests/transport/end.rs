//! How streams end.

use crate::streams::{far, over_all, receive_exactly, room, send_all, waits};
use callgate::unstable::transport::{Arrival, Sent, Stream, Wait};
use std::io::{self, IoSlice};
use std::sync::Barrier;
use std::thread;

fn receive(stream: &mut Stream, wait: &Wait) -> io::Result<Arrival> {
    stream.receive.recv(&mut room(10), wait)
}

#[test]
fn shutdown_wakes_a_receiver_and_a_sender() {
    over_all(|make| {
        for wait in waits() {
            let (Stream { mut receive, mut transmit, control, .. }, _host) = make();
            while transmit.send(&[IoSlice::new(&[0; 5_000])], &[]).unwrap() != Sent::Full {}
            let barrier = Barrier::new(3);
            thread::scope(|scope| {
                let received = scope.spawn(|| {
                    barrier.wait();
                    receive.recv(&mut room(10), &wait).unwrap()
                });
                let room = scope.spawn(|| {
                    barrier.wait();
                    transmit.wait_writable(far()).unwrap()
                });
                barrier.wait();
                control.shutdown();
                assert_eq!(received.join().unwrap(), Arrival::End);
                assert!(room.join().unwrap());
            });
            assert!(transmit.send(&[IoSlice::new(b"x")], &[]).is_err());
        }
    });
}

#[test]
fn after_shutdown_nothing_more_comes_in_and_what_was_sent_arrives() {
    over_all(|make| {
        let (mut client, mut host) = make();
        send_all(&mut *client.transmit, b"last words");
        send_all(&mut *host.transmit, b"never read");
        receive_exactly(&mut *client.receive, 10, &Wait::default());
        client.control.shutdown();
        client.control.shutdown();
        for wait in waits() {
            assert_eq!(receive(&mut client, &wait).unwrap(), Arrival::End);
        }
        assert!(client.transmit.send(&[IoSlice::new(b"x")], &[]).is_err());
        assert_eq!(receive_exactly(&mut *host.receive, 10, &Wait::default()), b"last words");
        for wait in waits() {
            assert_eq!(receive(&mut host, &wait).unwrap(), Arrival::End);
        }
    });
}

#[test]
fn after_the_end_of_sending_everything_arrives_and_the_peer_can_still_send() {
    over_all(|make| {
        let (mut client, mut host) = make();
        // The host reads late, so the end stands right behind the bytes.
        send_all(&mut *client.transmit, b"question");
        client.control.finish();
        client.control.finish();
        assert!(client.transmit.send(&[IoSlice::new(b"x")], &[]).is_err());
        assert_eq!(receive_exactly(&mut *host.receive, 8, &Wait::default()), b"question");
        for wait in waits() {
            assert_eq!(receive(&mut host, &wait).unwrap(), Arrival::End);
        }
        send_all(&mut *host.transmit, b"answer");
        assert_eq!(receive_exactly(&mut *client.receive, 6, &Wait::default()), b"answer");
        host.control.finish();
        assert_eq!(receive(&mut client, &Wait::default()).unwrap(), Arrival::End);
    });
}

#[test]
fn unread_bytes_are_not_handed_out_after_shutdown() {
    over_all(|make| {
        let (mut client, host) = make();
        send_all(&mut *client.transmit, b"ab");
        let mut host = host;
        assert_eq!(receive_exactly(&mut *host.receive, 1, &Wait::default()), b"a");
        host.control.shutdown();
        assert_eq!(receive(&mut host, &Wait::default()).unwrap(), Arrival::End);
    });
}

#[test]
fn the_stream_ends_when_both_halves_are_dropped() {
    over_all(|make| {
        let (client, mut host) = make();
        let Stream { receive: receiving, mut transmit, control, .. } = client;
        drop(receiving);
        send_all(&mut *transmit, b"x");
        assert_eq!(receive_exactly(&mut *host.receive, 1, &Wait::default()), b"x");
        drop(transmit);
        assert_eq!(receive(&mut host, &Wait::default()).unwrap(), Arrival::End);
        // The first bytes may still be sent before the system notices that nobody is there.
        while let Ok(sent) = host.transmit.send(&[IoSlice::new(b"x")], &[]) {
            assert_ne!(sent, Sent::Full);
            thread::yield_now();
        }
        // It is there until now, and keeps nothing open.
        control.interrupt();
        control.finish();
        control.shutdown();
    });
}
