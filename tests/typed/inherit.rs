//! Interfaces that inherit others: calls carry the name of the interface that inherits.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use callgate::{CallOptions, Client, Host, InboundCall, Result, Status};

use crate::support::{unique, watched};

mod base {
    /// The first that is inherited.
    #[callgate::interface(name = "Base.ICounter")]
    pub trait Counter: Send + Sync {
        fn add(&self, by: i64) -> i64;
        fn reset(&self) -> callgate::Result<()>;
    }

    #[callgate::interface(name = "Base.INamed")]
    pub trait Named: std::fmt::Debug {
        fn name(&self) -> String;
        #[one_way]
        fn rename(&self, name: &str);
    }
}

/// Inherits two interfaces.
#[callgate::interface(name = "IMeter")]
pub trait Meter: base::Counter + base::Named + Send {
    fn unit(&self, call: &InboundCall) -> Result<String>;
}

/// Inherits one that inherits.
#[callgate::interface(name = "IFineMeter")]
pub trait FineMeter: Meter {
    fn precision(&self) -> f64;
}

#[derive(Debug, Default)]
struct Gauge {
    count: Mutex<i64>,
    name: Mutex<String>,
}

impl base::Counter for Gauge {
    fn add(&self, by: i64) -> i64 {
        let mut count = self.count.lock().unwrap();
        *count += by;
        *count
    }

    fn reset(&self) -> Result<()> {
        Err(callgate::Error::remote_error("Sealed", "the gauge is sealed"))
    }
}

impl base::Named for Gauge {
    fn name(&self) -> String {
        self.name.lock().unwrap().clone()
    }

    fn rename(&self, name: &str) {
        *self.name.lock().unwrap() = name.into();
    }
}

impl Meter for Gauge {
    fn unit(&self, call: &InboundCall) -> Result<String> {
        Ok(format!("m, asked of {}", call.interface()))
    }
}

impl FineMeter for Gauge {
    fn precision(&self) -> f64 {
        0.5
    }
}

fn gauge(play: impl FnOnce(&Client) + Send + 'static) {
    watched(Duration::from_secs(60), || {
        let endpoint = format!("pipe://{}", unique("gauge"));
        let gauge = Arc::new(Gauge::default());
        let (fine, plain): (Arc<dyn FineMeter>, _) = (gauge.clone(), gauge);
        let host = Host::builder()
            .endpoint(&endpoint)
            .serve(move |_| FineMeterDelegate::shared(fine.clone()))
            .serve(move |_| base::CounterDelegate::shared(plain.clone()))
            .start()
            .unwrap();
        let client = Client::connect(&endpoint).unwrap();
        play(&client);
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn what_is_inherited_is_called_like_what_is_its_own() {
    gauge(|client| {
        let meter = FineMeterProxy::new(client).unwrap();
        assert_eq!(meter.precision().unwrap(), 0.5);
        assert_eq!(meter.unit().unwrap(), "m, asked of IFineMeter");
        assert_eq!(meter.add(3).unwrap(), 3);
        assert_eq!(meter.start_add(4).wait().unwrap(), 7);
        assert_eq!(meter.reset().unwrap_err().remote().unwrap().type_name, "Sealed");
        let named = base::NamedProxy::from(&MeterProxy::from(&meter));
        assert_eq!(named.as_ref().interface(), "IFineMeter");
        named.rename("Ada").unwrap();
        assert_eq!(named.name().unwrap(), "Ada");
    });
}

#[test]
fn options_hold_for_what_is_inherited() {
    gauge(|client| {
        let token = callgate::CancelToken::new();
        token.cancel();
        let mut options = CallOptions::default();
        options.cancel = Some(token);
        let cancelled = FineMeterProxy::new(client).unwrap().with_options(options);
        assert_eq!(cancelled.add(1).unwrap_err().status(), Status::Cancelled);
        let named = base::NamedProxy::from(&*cancelled);
        assert_eq!(named.name().unwrap_err().status(), Status::Cancelled);
    });
}

#[test]
fn an_inherited_interface_has_its_own_methods_alone() {
    gauge(|client| {
        let counter = base::CounterProxy::new(client).unwrap();
        assert_eq!(counter.add(1).unwrap(), 1);
        let error = counter.as_ref().call::<f64>("Precision", &()).unwrap_err();
        assert_eq!(error.message(), "interface 'Base.ICounter' has no method 'Precision'");
        let meter = FineMeterProxy::new(client).unwrap();
        let error = meter.as_ref().call::<f64>("Missing", &()).unwrap_err();
        assert_eq!(error.message(), "interface 'IFineMeter' has no method 'Missing'");
    });
}
