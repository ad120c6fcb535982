//! Unusual traits: their code compiles without a warning and works.

#![deny(warnings)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;
use std::time::Duration;

use callgate::{Client, Error, Host, InboundCall};

use crate::support::{unique, watched};

mod aliased {
    /// A result type into which the macro cannot see.
    pub type Result = std::result::Result<u32, callgate::Error>;
}

#[callgate::interface(name = "IOdd")]
pub trait Odd: Send + Sync {
    /// Arguments named like things in the generated code.
    #[allow(clippy::too_many_arguments)]
    fn r#match(&self, call: u8, arguments: u8, argument_0: u8, method: u8, proxy: u8) -> u32;
    fn aliased(&self) -> aliased::Result;
    fn nested(&self, text: Cow<'_, str>, map: &BTreeMap<String, Vec<u8>>) -> Option<(String, u32)>;
    #[cfg(any())]
    fn missing(&self, ghost: Ghost);
    #[cfg(not(any()))]
    fn present(&self, #[allow(unused)] bytes: &BTreeMap<u8, u8>, nothing: ()) -> usize;
    #[deprecated = "use `count`"]
    fn old_count(&self) -> u32 {
        self.count(1)
    }
    fn count(&self, by: u32) -> u32;
    fn whence(&self, inbound: &InboundCall) -> callgate::Result<String>;
    #[rustfmt::skip]
    #[allow(clippy::too_many_arguments)]
    fn sixteen(&self, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8,
               i: u8, j: u8, k: u8, l: u8, m: u8, n: u8, o: u8, p: u8) -> u32;
}

#[derive(Default)]
struct Thing(AtomicU32);

impl Odd for Thing {
    fn r#match(&self, call: u8, arguments: u8, argument_0: u8, method: u8, proxy: u8) -> u32 {
        [call, arguments, argument_0, method, proxy].into_iter().map(u32::from).sum()
    }

    fn aliased(&self) -> aliased::Result {
        Err(Error::remote_error("Aliased", "as planned"))
    }

    fn nested(&self, text: Cow<'_, str>, map: &BTreeMap<String, Vec<u8>>) -> Option<(String, u32)> {
        map.get(&*text).map(|found| (text.into_owned(), found.len() as u32))
    }

    fn present(&self, bytes: &BTreeMap<u8, u8>, (): ()) -> usize {
        bytes.len()
    }

    fn count(&self, by: u32) -> u32 {
        self.0.fetch_add(by, Ordering::Relaxed)
    }

    fn whence(&self, inbound: &InboundCall) -> callgate::Result<String> {
        Ok(format!("{} {}", inbound.interface(), inbound.method()))
    }

    #[rustfmt::skip]
    fn sixteen(&self, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8,
               i: u8, j: u8, k: u8, l: u8, m: u8, n: u8, o: u8, p: u8) -> u32 {
        [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p].into_iter().map(u32::from).sum()
    }
}

/// Serves one object on all connections, and runs `play` with a client of it.
fn odd(play: impl FnOnce(&Thing, OddProxy, OddProxy) + Send + 'static) {
    watched(Duration::from_secs(60), || {
        let endpoint = format!("pipe://{}", unique("odd"));
        let thing = Arc::new(Thing::default());
        let served: Arc<dyn Odd> = thing.clone();
        let host = Host::builder()
            .endpoint(&endpoint)
            .serve(move |_| OddDelegate::shared(served.clone()))
            .start()
            .unwrap();
        let clients = [Client::connect(&endpoint).unwrap(), Client::connect(&endpoint).unwrap()];
        let [one, other] = clients.each_ref().map(|client| OddProxy::new(client).unwrap());
        play(&thing, one, other);
        clients.iter().for_each(|client| client.close().unwrap());
        host.close().unwrap();
    });
}

#[test]
fn names_and_types_of_all_kinds_are_served() {
    odd(|_, odd, _| {
        assert_eq!(odd.r#match(1, 2, 3, 4, 5).unwrap(), 15);
        assert_eq!(odd.start_match(1, 2, 3, 4, 6).wait().unwrap(), 16);
        assert_eq!(odd.aliased().unwrap_err().remote().unwrap().type_name, "Aliased");
        assert_eq!(odd.start_aliased().wait().unwrap_err().remote().unwrap().type_name, "Aliased");
        let map = BTreeMap::from([("seven".to_owned(), vec![7; 7])]);
        assert_eq!(odd.nested("seven".into(), &map).unwrap(), Some(("seven".into(), 7)));
        assert_eq!(odd.nested("six".into(), &map).unwrap(), None);
        assert_eq!(odd.present(&BTreeMap::from([(1, 2), (3, 4)]), ()).unwrap(), 2);
        assert_eq!(odd.whence().unwrap(), "IOdd Whence");
        assert_eq!(odd.sixteen(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 200).unwrap(), 215);
    });
}

#[test]
fn one_object_serves_all_connections_where_it_is_shared() {
    odd(|thing, one, other| {
        assert_eq!(one.count(2).unwrap(), 0);
        assert_eq!(other.count(3).unwrap(), 2);
        #[allow(deprecated)]
        let third = one.old_count().unwrap();
        assert_eq!((third, thing.0.load(Ordering::Relaxed)), (5, 6));
    });
}
