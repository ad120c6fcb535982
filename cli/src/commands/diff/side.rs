//! One of the two that are compared.

use std::time::Duration;

use callgate::{Contract, Difference};

use crate::descriptions;
use crate::failure::Failure;
use crate::target::{self, Host, Target};

/// The descriptions of a file or of a host.
pub struct Side {
    pub contracts: Vec<Contract>,
    /// The interfaces that the host declares, described or not.
    declared: Vec<String>,
    /// The host, which knows its aliases.
    host: Option<Host>,
}

impl Side {
    /// Reads a file, or asks the host of an endpoint.
    pub fn read(name: &str, connect_timeout: Duration) -> Result<Side, Failure> {
        if !name.contains("://") {
            let contracts = descriptions::read(name)?;
            return Ok(Side { contracts, declared: Vec::new(), host: None });
        }
        let endpoints = target::endpoints(name);
        let endpoints = endpoints.map_err(|error| Failure::Usage(error.message().into()))?;
        let host = Target::new(endpoints, connect_timeout).connect()?;
        let declared = host.interfaces()?;
        let described = declared.iter().map(|interface| host.describe(interface));
        let described: Vec<Option<Contract>> = described.collect::<Result<_, _>>()?;
        let contracts = described.into_iter().flatten().collect();
        Ok(Side { contracts, declared, host: Some(host) })
    }

    /// The description of the interface that a name stands for, under that name.
    fn described(&self, interface: &str) -> Result<Option<Contract>, Failure> {
        let named = self.contracts.iter().find(|contract| contract.interface() == interface);
        let found = match (named, &self.host) {
            (Some(contract), _) => Some(contract.clone()),
            (None, Some(host)) => host.describe(interface)?,
            (None, None) => None,
        };
        Ok(found.map(|contract| contract.under_name(interface)).transpose()?)
    }

    /// Where callers with these descriptions and a host with those would misunderstand each other.
    ///
    /// # Errors
    /// If the host does not say what a name stands for.
    pub fn differences(&self, host: &Side) -> Result<Vec<Difference>, Failure> {
        let mut found = Vec::new();
        for contract in &self.contracts {
            let interface = contract.interface();
            match host.described(interface)? {
                Some(other) => found.extend(contract.differences(&other)),
                None => found.push(Difference {
                    place: format!("interface {interface}"),
                    caller: "described".into(),
                    host: match host.declared.iter().any(|name| name == interface) {
                        true => "served, but not described".into(),
                        false => "neither described nor declared".into(),
                    },
                }),
            }
        }
        Ok(found)
    }
}
