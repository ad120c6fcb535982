//! One of the two that are compared.

use std::time::Duration;

use callgate::{Contract, Difference};

use crate::descriptions;
use crate::failure::Failure;
use crate::target::Target;

/// The descriptions of a file or of a host.
pub struct Side {
    pub contracts: Vec<Contract>,
    /// The interfaces that the host declares, described or not.
    declared: Vec<String>,
}

impl Side {
    /// Reads a file, or asks the host of an endpoint.
    pub fn read(name: &str, connect_timeout: Duration) -> Result<Side, Failure> {
        if !name.contains("://") {
            return Ok(Side { contracts: descriptions::read(name)?, declared: Vec::new() });
        }
        let endpoint = name
            .parse()
            .map_err(|error: callgate::Error| Failure::Usage(error.message().into()))?;
        let host = Target { endpoint, connect_timeout }.connect()?;
        let declared = host.interfaces()?;
        let described = declared.iter().map(|interface| host.describe(interface));
        let described: Vec<Option<Contract>> = described.collect::<Result<_, _>>()?;
        Ok(Side { contracts: described.into_iter().flatten().collect(), declared })
    }

    /// Where callers with these descriptions and a host with those would misunderstand each other.
    pub fn differences(&self, host: &Side) -> Vec<Difference> {
        let compare = |contract: &Contract| {
            let interface = contract.interface();
            match host.contracts.iter().find(|other| other.interface() == interface) {
                Some(other) => contract.differences(other),
                None => vec![Difference {
                    place: format!("interface {interface}"),
                    caller: "described".into(),
                    host: match host.declared.iter().any(|name| name == interface) {
                        true => "served, but not described".into(),
                        false => "missing".into(),
                    },
                }],
            }
        };
        self.contracts.iter().flat_map(compare).collect()
    }
}
