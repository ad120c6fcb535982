//! Several NATS servers of one cluster.

use crate::support::gateway::{connect, offer};
use crate::support::host::{client, host, name};
use crate::support::server::Server;
use crate::support::{eventually, watched};

#[test]
fn gateways_of_different_servers_meet_and_go_on_through_another_one() {
    watched(|| {
        let Some(mut servers) = Server::cluster() else { return };
        let host = host("one");
        let _offer = offer(&servers[0].service("test"), &host.1);
        let entrance = connect(&servers[1].service("test"));
        let client = client(&entrance.endpoint);
        assert_eq!(name(&client).unwrap(), "one");
        for killed in [1, 0] {
            servers[killed].kill();
            eventually("calls succeed again", || name(&client).is_ok());
            servers[killed].start_again();
        }
        assert_eq!(name(&client).unwrap(), "one");
    });
}
