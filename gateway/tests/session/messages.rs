use callgate_gateway::session::message::{Content, Message, Unreadable, LONGEST_REASON};
use callgate_gateway::session::{Lost, Received, Tag, HEADER};

use crate::Pair;

const TAG: Tag = Tag::new([7; 16]);

#[test]
fn what_is_written_is_read() {
    let reason = "r".repeat(LONGEST_REASON);
    for content in [
        Content::Data(b"x"),
        Content::Credit(u64::MAX),
        Content::Heartbeat,
        Content::End,
        Content::Reset(""),
        Content::Reset(&reason),
    ] {
        let message = Message { sequence: u64::MAX - 1, content };
        assert_eq!(Message::decode(&message.encode(&TAG), &TAG), Ok(message));
    }
}

#[test]
fn the_bytes_are_those_of_the_documented_table() {
    let message = Message { sequence: 0x0102, content: Content::Data(b"ab") }.encode(&TAG);
    let mut expected = vec![1, 0];
    expected.extend([7; 16]);
    expected.extend([2, 1, 0, 0, 0, 0, 0, 0]);
    expected.extend(b"ab");
    assert_eq!(message, expected);
}

#[test]
fn a_long_reason_is_cut_between_characters() {
    let long = "é".repeat(LONGEST_REASON);
    let message = Message { sequence: 0, content: Content::Reset(&long) }.encode(&TAG);
    let read = Message::decode(&message, &TAG).unwrap();
    assert_eq!(read.content, Content::Reset(&long[..LONGEST_REASON]));
}

#[test]
fn without_the_tag_every_message_is_forged() {
    let message = Message { sequence: 0, content: Content::Data(b"x") }.encode(&TAG);
    for at in 2..18 {
        let mut forged = message.clone();
        forged[at] ^= 0x80;
        assert_eq!(Message::decode(&forged, &TAG), Err(Unreadable::Forged));
    }
    for length in 0..HEADER {
        assert_eq!(Message::decode(&message[..length], &TAG), Err(Unreadable::Forged));
    }
}

#[test]
fn with_the_tag_what_breaks_the_format_is_malformed() {
    let good = |content| Message { sequence: 0, content }.encode(&TAG);
    let changed = |mut message: Vec<u8>, at: usize, byte| {
        message[at] = byte;
        message
    };
    let cut = |mut message: Vec<u8>, length| {
        message.truncate(length);
        message
    };
    let longer = |mut message: Vec<u8>, bytes: &[u8]| {
        message.extend_from_slice(bytes);
        message
    };
    for malformed in [
        changed(good(Content::Heartbeat), 0, 0),
        changed(good(Content::Heartbeat), 0, 2),
        changed(good(Content::Heartbeat), 1, 5),
        changed(good(Content::Heartbeat), 1, 255),
        longer(good(Content::Heartbeat), b"x"),
        longer(good(Content::End), b"x"),
        cut(good(Content::Data(b"x")), HEADER),
        cut(good(Content::Credit(1)), HEADER + 7),
        longer(good(Content::Credit(1)), b"x"),
        longer(good(Content::Reset("a")), &[0xff]),
        longer(good(Content::Reset("a")), &[b'a'; LONGEST_REASON]),
    ] {
        assert_eq!(Message::decode(&malformed, &TAG), Err(Unreadable::Malformed), "{malformed:?}");
    }
}

#[test]
fn a_forged_message_changes_nothing_and_a_malformed_one_ends_the_session() {
    let mut pair = Pair::new();
    let message = pair.data(b"x");
    let mut forged = message.clone();
    forged[2] ^= 1;
    assert_eq!(pair.deliver(&forged), Ok(Received::Forged));
    assert_eq!(pair.deliver(&message), Ok(Received::Data));
    let mut malformed = pair.data(b"y");
    malformed[1] = 99;
    assert_eq!(pair.deliver(&malformed), Err(Lost::Malformed));
}

#[test]
fn a_tag_is_not_printed() {
    assert!(!format!("{TAG:?}").contains('7'));
}
