//! Whose connections and memory are counted together.

use std::net::IpAddr;

use super::{system, Peer, User};

/// Whom a connection counts for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Party {
    /// The user that this process runs as.
    OwnUser,
    /// Another user.
    User(User),
    /// A TCP address. All loopback addresses are one, since any program can use any of them; so are the
    /// addresses of an IPv6 network, 2^64 in number, which often belong to one machine.
    Address(IpAddr),
    /// Within this process.
    Unknown,
}

impl Party {
    pub fn of(peer: &Peer) -> Party {
        match (&peer.user, peer.address) {
            (Some(_), _) if peer.user == system::own_user() => Party::OwnUser,
            (Some(user), _) => Party::User(user.clone()),
            (None, Some(address)) => Party::Address(network(address.ip().to_canonical())),
            (None, None) => Party::Unknown,
        }
    }
}

/// The address that stands for all those counted together with this one.
fn network(address: IpAddr) -> IpAddr {
    match address {
        _ if address.is_loopback() => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;

    fn party(address: &str) -> Party {
        let address = format!("{address}:4000").parse::<SocketAddr>().expect("an address");
        Party::of(&Peer { address: Some(address), ..Peer::default() })
    }

    #[test]
    fn addresses_of_one_machine_are_one_party() {
        assert_eq!(party("127.0.0.1"), party("127.8.9.10"));
        assert_eq!(party("127.0.0.1"), party("[::1]"));
        assert_eq!(party("10.0.0.1"), party("[::ffff:10.0.0.1]"));
        assert_eq!(party("[2001:db8:1:2::3]"), party("[2001:db8:1:2:a:b:c:d]"));
        assert_ne!(party("[2001:db8:1:2::3]"), party("[2001:db8:1:3::3]"));
        assert_ne!(party("10.0.0.1"), party("10.0.0.2"));
    }

    #[test]
    fn users_are_told_from_the_own_one() {
        let of = |user| Party::of(&Peer { user: Some(user), ..Peer::default() });
        let stranger = User::Windows("S-1-5-21-7".to_string());
        assert_eq!(of(system::own_user().expect("known")), Party::OwnUser);
        assert_eq!(of(stranger.clone()), Party::User(stranger));
    }
}
