//! The tools that a host's interfaces make.

use std::collections::HashMap;
use std::sync::Arc;

use callgate::schema::Method;
use callgate::{Contract, Error, Status};
use serde_json::Value;

use crate::commands::describe::document;
use crate::commands::mcp::text::Names;
use crate::commands::mcp::tool::Tool;
use crate::output::{self, Plain};
use crate::target::Host;

/// How many tools are offered. Models choose badly among fewer than that.
const MOST_TOOLS: usize = 256;

/// The tools that are offered, as the host describes them now.
pub struct Toolbox {
    /// In the order of the interfaces, and of the methods in their descriptions.
    names: Vec<String>,
    tools: HashMap<String, Arc<Tool>>,
    /// The descriptions that they were made of.
    pub contracts: Vec<Contract>,
}

impl Toolbox {
    /// Asks the host for the descriptions of these interfaces.
    ///
    /// # Errors
    /// Contract mismatch if the host does not describe one of them; limit exceeded if they have too many methods.
    pub fn load(host: &Host, interfaces: &[String]) -> Result<Toolbox, Error> {
        let contracts = interfaces.iter().map(|interface| host.described(interface));
        let contracts: Vec<Contract> = contracts.collect::<Result<_, _>>()?;
        let count: usize = contracts.iter().map(|contract| contract.methods().len()).sum();
        if count > MOST_TOOLS {
            let message = format!(
                "the interfaces have {count} methods, and at most {MOST_TOOLS} can be tools; offer fewer interfaces"
            );
            return Err(Error::new(Status::LimitExceeded, message));
        }
        let mut toolbox = Toolbox { names: Vec::new(), tools: HashMap::new(), contracts };
        let mut names = Names::default();
        for contract in toolbox.contracts.clone() {
            let prefix = prefix(&contract, &toolbox.contracts);
            toolbox.add(host, &contract, prefix, &mut names)?;
        }
        Ok(toolbox)
    }

    /// Adds the methods of an interface.
    fn add(
        &mut self,
        host: &Host,
        contract: &Contract,
        prefix: &str,
        names: &mut Names,
    ) -> Result<(), Error> {
        let proxy = host.client.proxy(contract.interface())?;
        // So that calls fail if another version of the host comes, with which these tools do not fit.
        proxy.describe(contract)?;
        let document = document(contract);
        for (number, method) in contract.methods().iter().enumerate() {
            let name = names.plain(&format!("{prefix}_{}", distinct(method)));
            match Tool::new(&name, contract, number, &document, &proxy) {
                Some(tool) => {
                    self.names.push(name.clone());
                    self.tools.insert(name, Arc::new(tool));
                }
                None => {
                    let (interface, method) = (contract.interface(), method.name());
                    let method = format!("{interface}.{method}");
                    output::note(&format!("{} is too large for a tool", Plain(&method)));
                }
            }
        }
        Ok(())
    }

    pub fn find(&self, name: &str) -> Option<Arc<Tool>> {
        self.tools.get(name).cloned()
    }

    /// The definitions of the tools.
    pub fn definitions(&self) -> Vec<Value> {
        self.names.iter().map(|name| self.tools[name].definition.clone()).collect()
    }
}

/// The part of an interface's name that its tools begin with: the last one if no other interface has it.
fn prefix<'a>(contract: &'a Contract, all: &[Contract]) -> &'a str {
    fn last(name: &str) -> &str {
        name.rsplit('.').next().unwrap_or(name)
    }
    let short = last(contract.interface());
    match all.iter().filter(|other| last(other.interface()) == short).count() {
        1 => short,
        _ => contract.interface(),
    }
}

/// The name of a method, or of an overload. The signatures of some languages begin with the name.
fn distinct(method: &Method) -> String {
    match (method.name(), method.signature()) {
        (name, None) => name.into(),
        (name, Some(signature)) if signature.starts_with(name) => signature.into(),
        (name, Some(signature)) => format!("{name}_{signature}"),
    }
}
