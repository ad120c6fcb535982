//! The address of a service: `nats://SERVER[:PORT][,SERVER[:PORT]…]/SERVICE`.

use std::fmt;
use std::str::FromStr;

/// The longest name of a service, in bytes.
const LONGEST_NAME: usize = 64;

/// A service, and the NATS servers through which it is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    servers: Vec<String>,
    service: String,
}

impl Address {
    /// The NATS servers, each as a URL. They belong to one cluster: one of them is enough.
    pub fn servers(&self) -> impl Iterator<Item = String> + '_ {
        self.servers.iter().map(|server| format!("nats://{server}"))
    }

    /// The name of the service.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The servers as the address has them.
    pub fn place(&self) -> String {
        format!("nats://{}", self.servers.join(","))
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Address, String> {
        let parsed = parse(text);
        parsed.map_err(|why| format!("{text:?} is not the address of a service: {why}"))
    }
}

fn parse(text: &str) -> Result<Address, String> {
    let rest = text.strip_prefix("nats://").ok_or("use nats://SERVER:PORT/SERVICE")?;
    let (servers, service) =
        rest.split_once('/').ok_or("it has no service; use nats://SERVER:PORT/SERVICE")?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if service.is_empty() || service.len() > LONGEST_NAME || !service.chars().all(fits) {
        return Err(format!(
            "a service's name has 1 to {LONGEST_NAME} letters, digits, '-' and '_'"
        ));
    }
    if rest.contains('@') {
        return Err(
            "it would show a password to every user; use --user, --token-file, --creds or --nkey"
                .into(),
        );
    }
    let servers: Vec<String> = servers.split(',').map(str::to_owned).collect();
    for server in &servers {
        let url = format!("nats://{server}");
        let is_plain = !server.is_empty()
            && !server.contains(|c: char| c.is_whitespace() || "/?#".contains(c));
        if !is_plain || url.parse::<async_nats::ServerAddr>().is_err() {
            return Err(format!("{server:?} is not the name of a server, with or without a port"));
        }
    }
    Ok(Address { servers, service: service.to_owned() })
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.place(), self.service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_servers_and_a_service() {
        for (text, servers) in [
            ("nats://localhost/IService", vec!["nats://localhost"]),
            ("nats://a:4222,b:4223/calculators-2_x", vec!["nats://a:4222", "nats://b:4223"]),
            ("nats://[::1]:4222/x", vec!["nats://[::1]:4222"]),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.servers().collect::<Vec<_>>(), servers);
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn other_texts_are_refused_with_a_reason() {
        for (text, why) in [
            ("tcp://a/x", "use nats://"),
            ("nats://a", "no service"),
            ("nats://a/", "name has 1 to 64"),
            ("nats://a/b.c", "name has 1 to 64"),
            ("nats://a/*", "name has 1 to 64"),
            ("nats:///x", "not"),
            ("nats://a,,b/x", "not"),
            ("nats://user:secret@a/x", "--token-file"),
        ] {
            let error = text.parse::<Address>().unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
