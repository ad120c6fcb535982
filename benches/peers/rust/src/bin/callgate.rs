//! Callgate with all limits at their defaults. Bytes are passed as ready MessagePack, as `serde_bytes`
//! would encode them.
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};

use callgate::{CallOptions, Client, Endpoint, Host, InboundCall, Proxy, Result};

/// A MessagePack array of one element, and the head of binary data with a 32-bit length.
const ARRAY_OF_ONE: u8 = 0x91;
const BYTES: u8 = 0xc6;
const HEAD: usize = 5;

struct Conn {
    _client: Option<Client>,
    server: Proxy,
}

fn arguments(data: &[u8]) -> Vec<u8> {
    let mut arguments = Vec::with_capacity(1 + HEAD + data.len());
    arguments.extend([ARRAY_OF_ONE, BYTES]);
    arguments.extend((data.len() as u32).to_be_bytes());
    arguments.extend(data);
    arguments
}

/// Where the host listens: at the address, or over TLS on a free port.
fn host_endpoint(addr: &str) -> String {
    match peers::keys() {
        None => format!("unix://{addr}"),
        Some(keys) => {
            format!(
                "tls://127.0.0.1:0?certificate={keys}/host.pem&key={keys}/host.key&trust=anyone"
            )
        }
    }
}

/// Where its clients connect.
fn client_endpoint(addr: &str) -> String {
    match peers::keys() {
        None => format!("unix://{addr}"),
        Some(keys) => {
            let port = peers::read_port(addr);
            format!("tls://127.0.0.1:{port}?trust={keys}/host.pem&name=localhost")
        }
    }
}

fn visited(call: InboundCall) {
    let number = call.args::<(i32,)>();
    call.reply_with(number.map(|(n,)| n + 1)).unwrap();
}

impl peers::Conn for Conn {
    /// Calls block the calling thread, so nothing needs polling twice.
    fn block_on<F: Future>(f: F) -> F::Output {
        match std::pin::pin!(f).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => output,
            Poll::Pending => unreachable!("nothing here awaits"),
        }
    }
    async fn open(addr: &str) -> Self {
        let builder = Client::builder(&client_endpoint(addr));
        let client = builder.callback_handler("IVisitor", visited).connect().unwrap();
        let server = client.proxy("IBench").unwrap();
        Conn { _client: Some(client), server }
    }
    async fn add(&mut self, a: i32, b: i32) -> i32 {
        self.server.call("Add", &(a, b)).unwrap()
    }
    async fn echo(&mut self, data: &[u8]) {
        let options = CallOptions::default();
        let reply = self.server.call_bytes("Echo", &arguments(data), &options).unwrap();
        peers::check(&reply[HEAD..], data);
    }
    fn shared(addr: &str) -> Box<dyn Fn() -> Self + Send + Sync> {
        let c = Self::block_on(Self::open(addr));
        Box::new(move || Conn { _client: None, server: c.server.clone() })
    }
    async fn visit(&mut self, n: i32) -> i32 {
        self.server.call("Visit", &(n,)).unwrap()
    }
    async fn flood(&mut self, numbers: peers::Numbers) {
        let sent = numbers.sent.clone();
        for n in numbers {
            self.server.one_way("Post", &(n,)).unwrap();
        }
        while self.server.call::<i64>("Count", &()).unwrap() < sent.load(SeqCst) as i64 {}
    }
}

fn serve(call: InboundCall, visitor: &Proxy, posts: &AtomicI64) -> Result<()> {
    match call.method() {
        "Add" => {
            let numbers = call.args::<(i32, i32)>();
            call.reply_with(numbers.map(|(a, b)| a + b))
        }
        "Echo" => {
            let value = call.arguments()[1..].to_vec(); // the answer cannot borrow from its call
            call.reply_bytes(&value)
        }
        "Visit" => {
            let number = call.args::<(i32,)>();
            call.reply_with(number.and_then(|number| visitor.call::<i32>("Visited", &number)))
        }
        "Post" => {
            posts.fetch_add(1, SeqCst);
            Ok(())
        }
        _ => call.reply(&posts.load(SeqCst)),
    }
}

fn main() {
    if std::env::args().nth(1).unwrap() != "server" {
        return peers::client::<Conn>();
    }
    let addr = std::env::args().nth(2).unwrap();
    let builder = Host::builder().endpoint(&host_endpoint(&addr));
    let builder = builder.duplex_delegate_factory("IBench", "IVisitor", |_, visitor| {
        let posts = AtomicI64::new(0);
        Ok(Some(Arc::new(move |call: InboundCall| serve(call, &visitor, &posts).unwrap())))
    });
    let host = builder.start().unwrap();
    if let Endpoint::Tls { port, .. } = host.endpoints()[0] {
        peers::write_port(&addr, port);
    }
    peers::ready();
    loop {
        std::thread::park(); // until this process is not needed any more
    }
}
