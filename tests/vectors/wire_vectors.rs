//! The bytes and meanings in `tests/vectors`, which peers in other languages read too.

use callgate::unstable::wire::*;

const FRAME_LIMIT: usize = 67_174_400;

/// One entry of a vectors file.
#[derive(Debug, Default, PartialEq)]
struct Vector {
    name: String,
    verdict: String,
    bytes: Vec<u8>,
    meaning: String,
}

fn parse(text: &str) -> Vec<Vector> {
    let mut vectors: Vec<Vector> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some((name, verdict)) = line.strip_prefix('[').and_then(|l| l.split_once("] ")) {
            vectors.push(Vector {
                name: name.to_owned(),
                verdict: verdict.to_owned(),
                ..Vector::default()
            });
        } else if let Some(hex) = line.strip_prefix("hex ") {
            let vector = vectors.last_mut().expect("a name before the bytes");
            vector.bytes.extend(unhex(hex));
        } else if let Some(meaning) = line.strip_prefix("is ") {
            let vector = vectors.last_mut().expect("a name before the meaning");
            if !vector.meaning.is_empty() {
                vector.meaning.push('\n');
            }
            vector.meaning.push_str(meaning.trim());
        } else {
            assert!(line.is_empty() || line.starts_with('#'), "{line}");
        }
    }
    vectors
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    assert!(digits.len() % 2 == 0, "{text}");
    let digit = |c: char| c.to_digit(16).expect("a hex digit") as u8;
    let pairs = digits.chunks_exact(2);
    pairs.map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn frames() -> Vec<Vector> {
    parse(include_str!("frames.txt"))
}

/// Splits and decodes a vector's bytes, and passes the message to `look`.
fn decode<T>(bytes: &[u8], look: impl FnOnce(Message<'_>) -> T) -> Result<T, Malformed> {
    let mut buffer = FrameBuffer::new(FRAME_LIMIT);
    for &byte in bytes {
        assert!(buffer.next_frame()?.is_none(), "the frame ends early");
        buffer.room().and_then(|room| room.append(&[byte])).expect("memory");
    }
    let frame = buffer.next_frame()?.expect("the frame is complete");
    assert!(buffer.is_empty());
    Message::decode(&frame).map(look)
}

fn optional(value: Option<impl std::fmt::Debug>) -> String {
    value.map_or("nil".to_owned(), |value| format!("{value:?}"))
}

fn describe_metadata(raw: Option<&[u8]>) -> String {
    let Some(raw) = raw else {
        return "nil".to_owned();
    };
    let pairs: Vec<String> =
        metadata_pairs(raw).map(|(key, value)| format!("{key:?}:{value:?}")).collect();
    format!("{{{}}}", pairs.join(","))
}

fn describe_limits(limits: &PeerLimits) -> String {
    format!(
        "frame={} calls={} bytes={} nested_calls={} nested_bytes={}",
        limits.frame, limits.calls, limits.bytes, limits.nested_calls, limits.nested_bytes
    )
}

fn describe_who(who: &Who) -> String {
    format!("library={:?} language={:?} pid={}", who.library, who.language, who.pid)
}

fn describe(message: &Message<'_>) -> String {
    match message {
        Message::Hello(hello) => format!(
            "hello min={} max={} offered={:?} required={:?} {} {}",
            hello.min_version,
            hello.max_version,
            hello.offered,
            hello.required,
            describe_limits(&hello.limits),
            describe_who(&hello.who)
        ),
        Message::Welcome(welcome) => format!(
            "welcome version={} features={:?} {} connection_id={} {}",
            welcome.version,
            welcome.features,
            describe_limits(&welcome.limits),
            welcome.connection_id,
            describe_who(&welcome.who)
        ),
        Message::Auth { payload } => format!("auth payload={}", hex(payload)),
        Message::Refuse { status, message } => {
            format!("refuse status={status} message={message:?}")
        }
        Message::Call(call, payload) => format!(
            "call id={} flags={} interface={:?} method={:?} signature={} timeout_ms={} lane={} \
             parent={} metadata={} payload={}",
            call.id,
            call.flags,
            call.interface,
            call.method,
            optional(call.signature),
            optional(call.timeout_ms),
            call.lane,
            optional(call.parent),
            describe_metadata(call.metadata),
            hex(payload)
        ),
        Message::OneWay(call, payload) => format!(
            "one-way flags={} interface={:?} method={:?} signature={} lane={} parent={} \
             metadata={} payload={}",
            call.flags,
            call.interface,
            call.method,
            optional(call.signature),
            call.lane,
            optional(call.parent),
            describe_metadata(call.metadata),
            hex(payload)
        ),
        Message::Reply { id, flags, result } => {
            format!("reply id={id} flags={flags} payload={}", hex(result))
        }
        Message::Error(error, data) => format!(
            "error id={} status={} execution={} message={:?} type_name={} trace={} payload={}",
            error.id,
            error.status,
            error.execution,
            error.message,
            optional(error.type_name),
            optional(error.trace),
            hex(data)
        ),
        Message::Cancel { id } => format!("cancel id={id}"),
        Message::Credit { calls, bytes } => format!("credit calls={calls} bytes={bytes}"),
        Message::Part { transfer, last, bytes } => {
            format!("part transfer={transfer} last={last} bytes={}", hex(bytes))
        }
        Message::Ping { token } => format!("ping token={token}"),
        Message::Pong { token } => format!("pong token={token}"),
        Message::Goodbye { status, message } => {
            format!("goodbye status={status} message={message:?}")
        }
    }
}

/// The status of the error that replies to a call which cannot be served.
fn misfit(message: &Message<'_>) -> Option<String> {
    let misfit = match message {
        Message::Call(call, _) => call.misfit(),
        Message::OneWay(call, _) => call.misfit(),
        _ => None,
    };
    misfit.map(|misfit| format!("status={}", misfit.status().code()))
}

/// The message as this version encodes it, and the length that encoding returned.
fn encode(message: &Message<'_>) -> (Vec<u8>, usize) {
    let mut out = Vec::new();
    let mut payload: &[u8] = &[];
    let length = match message {
        Message::Hello(hello) => encode_hello(&mut out, hello),
        Message::Welcome(welcome) => encode_welcome(&mut out, welcome),
        Message::Auth { .. } => panic!("reserved"),
        Message::Refuse { status, message } => encode_refuse(&mut out, *status, message),
        Message::Call(call, arguments) => {
            payload = arguments;
            call.encode(&mut out, payload.len())
        }
        Message::OneWay(call, arguments) => {
            payload = arguments;
            call.encode(&mut out, payload.len())
        }
        Message::Reply { id, flags, result } => {
            payload = result;
            encode_reply(&mut out, *id, *flags, payload.len())
        }
        Message::Error(error, data) => {
            payload = data;
            error.encode(&mut out, payload.len())
        }
        Message::Cancel { id } => encode_cancel(&mut out, *id),
        Message::Credit { calls, bytes } => encode_credit(&mut out, *calls, *bytes),
        Message::Part { transfer, last, bytes } => {
            payload = bytes;
            encode_part(&mut out, *transfer, *last, payload.len())
        }
        Message::Ping { token } => encode_ping(&mut out, *token),
        Message::Pong { token } => encode_pong(&mut out, *token),
        Message::Goodbye { status, message } => encode_goodbye(&mut out, *status, message),
    };
    out.extend_from_slice(payload);
    (out, length)
}

#[test]
fn frames_mean_what_their_vectors_say() {
    for vector in frames() {
        let found = decode(&vector.bytes, |message| (describe(&message), misfit(&message)));
        match (vector.verdict.as_str(), found) {
            ("canonical" | "accepted", Ok((described, fits))) => {
                assert_eq!((described, fits), (vector.meaning, None), "{}", vector.name);
            }
            ("misfit", Ok((_, misfit))) => {
                assert_eq!(misfit, Some(vector.meaning), "{}", vector.name);
            }
            ("refused", Err(reason)) => {
                assert!(reason.to_string().contains(&vector.meaning), "{}: {reason}", vector.name)
            }
            (verdict, found) => panic!("{}: {verdict}, but {found:?}", vector.name),
        }
    }
}

/// The messages in bytes that arrive in steps, with frames that may come in parts.
fn join(mut bytes: &[u8], step: usize) -> Result<String, Malformed> {
    const LIMIT: usize = 100;
    let mut buffer = FrameBuffer::new(LIMIT);
    buffer.accept_parts();
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let most = buffer.most_wanted().unwrap_or(usize::MAX);
        let room = buffer.room().expect("memory");
        let spare = room.capacity() - room.len();
        assert!(spare.min(most) > 0);
        let (now, later) = bytes.split_at(spare.min(most).min(step).min(bytes.len()));
        room.append(now).expect("memory");
        bytes = later;
        while let Some(frame) = buffer.next_frame()? {
            messages.push(describe(&Message::decode(&frame)?));
        }
    }
    Ok(messages.join("\n"))
}

#[test]
fn frames_in_parts_give_what_their_vectors_say() {
    let vectors = parse(include_str!("parts.txt"));
    assert!(!vectors.is_empty());
    for vector in vectors {
        for step in [1, 2, 3, 7, usize::MAX] {
            let found = join(&vector.bytes, step);
            let name = format!("{} in steps of {step}", vector.name);
            match (vector.verdict.as_str(), found) {
                ("joined", found) => assert_eq!(found.as_deref(), Ok(&*vector.meaning), "{name}"),
                ("refused", Err(reason)) => {
                    assert!(reason.to_string().contains(&vector.meaning), "{name}: {reason}")
                }
                (verdict, found) => panic!("{name}: {verdict}, but {found:?}"),
            }
        }
    }
}

#[test]
fn canonical_frames_are_encoded_to_the_same_bytes() {
    for vector in frames() {
        if matches!(vector.verdict.as_str(), "refused" | "misfit") {
            continue;
        }
        let canonical = vector.verdict == "canonical";
        let same = decode(&vector.bytes, |message| {
            if matches!(message, Message::Auth { .. }) {
                return false;
            }
            let (bytes, length) = encode(&message);
            assert_eq!(bytes.len(), 4 + length, "{}", vector.name);
            if canonical {
                assert_eq!(hex(&bytes), hex(&vector.bytes), "{}", vector.name);
            }
            bytes == vector.bytes
        });
        let same = same.expect("accepted");
        // The payload of this one is bad; its header is like any other.
        let exempt = vector.name == "call.payload-is-not-looked-at";
        assert!(same == canonical || exempt, "{} is canonical", vector.name);
    }
}

#[test]
fn every_cut_of_a_header_is_refused_or_loses_payload_only() {
    for vector in frames().iter().filter(|v| v.verdict == "canonical") {
        let whole = &vector.bytes[4..];
        for length in 0..whole.len() {
            if let Ok(message) = Message::decode(&whole[..length]) {
                let described = describe(&message);
                let (header, cut) = described.rsplit_once("payload=").expect(&vector.name);
                let (same, payload) = vector.meaning.rsplit_once("payload=").expect(&vector.name);
                assert_eq!(header, same, "{} cut at {length}", vector.name);
                assert!(payload.starts_with(cut), "{} cut at {length}", vector.name);
            }
        }
    }
}

#[test]
fn values_are_well_formed_or_not() {
    for vector in parse(include_str!("values.txt")) {
        match (vector.verdict.as_str(), check_value(&vector.bytes)) {
            ("accepted", Ok(())) => {}
            ("refused", Err(reason)) => {
                assert!(reason.to_string().contains(&vector.meaning), "{}: {reason}", vector.name)
            }
            (verdict, found) => panic!("{}: {verdict}, but {found:?}", vector.name),
        }
    }
}

#[test]
fn the_specification_shows_the_same_example() {
    let specification = include_str!("../../PROTOCOL.md");
    let shown: Vec<Vector> = specification
        .split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.strip_prefix("vectors\n"))
        .flat_map(parse)
        .collect();
    let mut vectors = frames();
    vectors.retain(|vector| vector.name.starts_with("example."));
    assert_eq!(vectors.len(), 4);
    assert_eq!(shown, vectors);
}
