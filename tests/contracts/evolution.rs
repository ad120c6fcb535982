//! Compatible changes of a host's trait: the client's older one still calls it.

use std::time::Duration;

use callgate::{CallError, Client, Error, Host, InterfaceProxy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::{unique, watched};

/// What old clients know.
mod old {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
    pub struct Item {
        pub name: String,
        pub price: i32,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    pub enum Colour {
        Red,
    }

    #[derive(Debug, CallError)]
    pub enum Failure {
        Full(String),
        #[call_error(other)]
        Other(Error),
    }

    #[callgate::interface(name = "IShop")]
    pub trait Shop {
        fn add(&self, a: i32, b: i32) -> i64;
        fn find(&self, name: &str) -> String;
        fn price(&self, item: &Item) -> i64;
        fn newest(&self) -> Item;
        fn enter(&self, people: u16) -> Result<u32, Failure>;
        fn paint(&self, colour: Colour) -> String;
    }
}

/// What the host has become.
mod new {
    use super::*;

    #[derive(Serialize, Deserialize, JsonSchema)]
    pub struct Item {
        pub name: String,
        pub price: i64,
        #[serde(default)]
        pub discount: i64,
        pub note: Option<String>,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    pub struct Offer {
        pub name: String,
        pub price: i16,
        pub until: String,
    }

    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    pub enum Colour {
        Red,
        Green,
        Mixed(u8, u8, u8),
    }

    #[derive(Debug, CallError)]
    pub enum Failure {
        Full(String),
        Closed(String),
        #[call_error(other)]
        Other(Error),
    }

    #[callgate::interface(name = "IShop")]
    pub trait Shop {
        /// Wider numbers are taken, and narrower ones given.
        fn add(&self, a: i64, b: i64) -> i32;
        /// A new optional last parameter.
        fn find(&self, name: &str, limit: Option<u32>, from: Option<&str>) -> String;
        /// New optional members of a record.
        fn price(&self, item: &Item) -> i64;
        /// A new member that the caller does not know.
        fn newest(&self) -> Offer;
        /// A new error.
        fn enter(&self, people: u32) -> Result<u16, Failure>;
        /// New variants of what is taken.
        fn paint(&self, colour: Colour) -> String;
        /// A new method.
        fn close(&self) -> Result<(), Failure>;
    }

    pub struct Desk;

    impl Shop for Desk {
        fn add(&self, a: i64, b: i64) -> i32 {
            (a + b) as i32
        }

        fn find(&self, name: &str, limit: Option<u32>, from: Option<&str>) -> String {
            format!("{name} {limit:?} {from:?}")
        }

        fn price(&self, item: &Item) -> i64 {
            assert_eq!(item.note, None);
            item.price - item.discount
        }

        fn newest(&self) -> Offer {
            Offer { name: "apple".into(), price: 3, until: "noon".into() }
        }

        fn enter(&self, people: u32) -> Result<u16, Failure> {
            match people {
                0..100 => Ok(1),
                _ => Err(Failure::Closed("at night".into())),
            }
        }

        fn paint(&self, colour: Colour) -> String {
            format!("{colour:?}")
        }

        fn close(&self) -> Result<(), Failure> {
            Ok(())
        }
    }
}

#[test]
fn an_old_client_calls_a_new_host() {
    watched(Duration::from_secs(60), || {
        let endpoint = format!("pipe://{}", unique("evolution"));
        let host = Host::builder()
            .endpoint(&endpoint)
            .serve(|_| new::ShopDelegate::new(new::Desk))
            .start()
            .unwrap();
        let client = Client::connect(&endpoint).unwrap();
        let shop = old::ShopProxy::new(&client).unwrap();
        shop.verify().unwrap();
        assert_eq!(shop.add(1, 2).unwrap(), 3);
        assert_eq!(shop.find("pear").unwrap(), "pear None None");
        let apple = old::Item { name: "apple".into(), price: 3 };
        assert_eq!(shop.price(&apple).unwrap(), 3);
        assert_eq!(shop.newest().unwrap(), apple);
        assert_eq!(shop.enter(5).unwrap(), 1);
        match shop.enter(500) {
            Err(old::Failure::Other(error)) => assert_eq!(error.message(), "at night"),
            other => panic!("{other:?}"),
        }
        assert_eq!(shop.paint(old::Colour::Red).unwrap(), "Red");
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
#[cfg(feature = "schemars")]
fn a_new_client_of_an_old_host_finds_each_difference() {
    use callgate::InterfaceDelegate as _;

    let caller = new::ShopProxy::contract().unwrap();
    let host = old::ShopDelegate::<dyn old::Shop + Send + Sync>::contract().unwrap();
    let found = caller.differences(&host);
    let found: Vec<String> = found.iter().map(|difference| difference.to_string()).collect();
    assert_eq!(
        found,
        [
            "IShop.Add, parameter 1 (a): int64 here, int32 at the host",
            "IShop.Add, parameter 2 (b): int64 here, int32 at the host",
            "IShop.Add, result: int32 here, int64 at the host",
            "IShop.Find: 3 parameters here, 1 parameter at the host",
            "IShop.Price, parameter 1 (item), member price: int64 here, int32 at the host",
            "IShop.Newest, result, member price: int16 here, int32 at the host",
            "IShop.Enter, parameter 1 (people): uint32 here, uint16 at the host",
            "IShop.Enter, result: uint16 here, uint32 at the host",
            "IShop.Paint, parameter 1 (colour): one of \"Red\", \"Green\" here, one of \"Red\" at the host",
            "IShop.Close: Close() here, no such method at the host",
        ]
    );
}
