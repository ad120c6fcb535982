//! Bare requests and replies over NATS, by its client for Rust. Numbers are little-endian.
use async_nats::{Client, ConnectOptions, Message, Subscriber};
use futures::StreamExt;
use std::sync::atomic::Ordering::SeqCst;

/// How many messages may wait for a subscriber; with the default of 65,536 a flood loses some.
const MOST_WAITING: usize = 1 << 20;

async fn connect(url: &str) -> Client {
    ConnectOptions::new().subscription_capacity(MOST_WAITING).connect(url).await.unwrap()
}

fn number(payload: &[u8]) -> i32 {
    i32::from_le_bytes(payload[..4].try_into().unwrap())
}

async fn reply(client: &Client, request: Message, answer: Vec<u8>) {
    client.publish(request.reply.unwrap(), answer.into()).await.unwrap();
}

struct Conn {
    client: Client,
    visitor: String,
}

impl Conn {
    async fn ask(&self, subject: &'static str, payload: Vec<u8>) -> Message {
        self.client.request(subject, payload.into()).await.unwrap()
    }
}

/// Replies to the calls that come back from the server.
async fn be_visited(client: Client, mut visits: Subscriber) {
    while let Some(visit) = visits.next().await {
        let answer = (number(&visit.payload) + 1).to_le_bytes().to_vec();
        reply(&client, visit, answer).await;
    }
}

impl peers::Conn for Conn {
    fn block_on<F: Future>(f: F) -> F::Output {
        peers::runtime(false).block_on(f)
    }
    async fn open(addr: &str) -> Self {
        let client = connect(addr).await;
        let visitor = client.new_inbox();
        let visits = client.subscribe(visitor.clone()).await.unwrap();
        tokio::spawn(be_visited(client.clone(), visits));
        Conn { client, visitor }
    }
    async fn add(&mut self, a: i32, b: i32) -> i32 {
        let numbers = [a.to_le_bytes(), b.to_le_bytes()].concat();
        number(&self.ask("bench.add", numbers).await.payload)
    }
    async fn echo(&mut self, data: &[u8]) {
        peers::check(&self.ask("bench.echo", data.to_vec()).await.payload, data);
    }
    fn shared(addr: &str) -> Box<dyn Fn() -> Self + Send + Sync> {
        let c: Conn = peers::in_background(addr);
        Box::new(move || Conn { client: c.client.clone(), visitor: c.visitor.clone() })
    }
    async fn visit(&mut self, n: i32) -> i32 {
        let mut question = n.to_le_bytes().to_vec();
        question.extend(self.visitor.as_bytes());
        number(&self.ask("bench.visit", question).await.payload)
    }
    async fn flood(&mut self, numbers: peers::Numbers) {
        let sent = numbers.sent.clone();
        for n in numbers {
            self.client.publish("bench.post", n.to_le_bytes().to_vec().into()).await.unwrap();
        }
        let all = sent.load(SeqCst) as i32;
        while number(&self.ask("bench.count", vec![]).await.payload) < all {}
    }
}

/// Calls the client back.
async fn visit(client: Client, request: Message) {
    let (question, visitor) = request.payload.split_at(4);
    let visitor = std::str::from_utf8(visitor).unwrap().to_owned();
    let visited = client.request(visitor, question.to_vec().into()).await.unwrap();
    reply(&client, request, visited.payload.to_vec()).await;
}

async fn serve(client: Client, mut requests: Subscriber) {
    let mut posts = 0i32;
    while let Some(request) = requests.next().await {
        match request.subject.as_str() {
            "bench.add" => {
                let sum = number(&request.payload) + number(&request.payload[4..]);
                reply(&client, request, sum.to_le_bytes().to_vec()).await;
            }
            "bench.echo" => {
                client.publish(request.reply.unwrap(), request.payload).await.unwrap();
            }
            "bench.visit" => drop(tokio::spawn(visit(client.clone(), request))),
            "bench.post" => posts += 1,
            _ => reply(&client, request, posts.to_le_bytes().to_vec()).await,
        }
    }
}

fn main() {
    if std::env::args().nth(1).unwrap() != "server" {
        return peers::client::<Conn>();
    }
    peers::runtime(true).block_on(async {
        let client = connect(&std::env::args().nth(2).unwrap()).await;
        let requests = client.subscribe("bench.*").await.unwrap();
        client.flush().await.unwrap();
        peers::ready();
        serve(client, requests).await;
    })
}
