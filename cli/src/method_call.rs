//! A call from the command line, checked against the description of its interface where there is one.

use callgate::schema::Method;
use callgate::{Contract, Error, Proxy, Status};

use crate::failure::Failure;
use crate::target::Host;
use crate::values;

/// What to call.
#[derive(clap::Args)]
pub struct Call {
    /// What to call: INTERFACE.METHOD.
    #[arg(value_name = "INTERFACE.METHOD")]
    pub method: String,
    /// The arguments as JSON. Where the description says text, quotes may be left out; where it says binary,
    /// base64 and @FILE are read.
    #[arg(value_name = "ARGS", allow_negative_numbers = true)]
    pub arguments: Vec<String>,
    /// The signature that selects an overload; without it, the arguments do.
    #[arg(long)]
    pub signature: Option<String>,
}

/// A call that can be made any number of times.
pub struct Prepared {
    pub proxy: Proxy,
    pub method: String,
    pub arguments: Vec<u8>,
    pub signature: Option<String>,
    /// Whether the description says that nobody waits for a reply.
    pub is_one_way: bool,
}

impl Call {
    /// The interface and the method.
    ///
    /// # Errors
    /// If there is no dot between them.
    pub fn names(&self) -> Result<(&str, &str), Failure> {
        match self.method.rsplit_once('.') {
            Some((interface, method)) if !interface.is_empty() && !method.is_empty() => {
                Ok((interface, method))
            }
            _ => Err(Failure::Usage(format!(
                "'{}' names no method: write INTERFACE.METHOD, e.g. ICalculator.Add",
                self.method
            ))),
        }
    }

    /// Prepares the call. `contract` is the description of its interface, if there is one.
    ///
    /// # Errors
    /// Contract mismatch if the description has no such method, or if the arguments do not fit it.
    pub fn prepare(&self, host: &Host, contract: Option<&Contract>) -> Result<Prepared, Failure> {
        let (interface, method) = self.names()?;
        let proxy = host.client.proxy(interface)?;
        let (mut signature, mut is_one_way) = (self.signature.clone(), false);
        let arguments = match contract {
            None => values::arguments(None, &self.arguments).map_err(Failure::Usage)?,
            Some(contract) => {
                let (found, arguments) = self.fitting(contract, method)?;
                signature = found.signature().map(str::to_owned);
                is_one_way = found.result().is_none();
                arguments
            }
        };
        Ok(Prepared { proxy, method: method.into(), arguments, signature, is_one_way })
    }

    /// The method, or the overload that takes the arguments.
    fn fitting<'a>(
        &self,
        contract: &'a Contract,
        name: &str,
    ) -> Result<(&'a Method, Vec<u8>), Failure> {
        let interface = contract.interface();
        let named: Vec<&Method> =
            contract.methods().iter().filter(|method| method.name() == name).collect();
        if named.is_empty() {
            let mut known: Vec<&str> = contract.methods().iter().map(Method::name).collect();
            known.dedup();
            let known = known.join(", ");
            return Err(mismatch(format!("{interface} has no method '{name}'; it has {known}")));
        }
        let wanted = self.signature.as_deref();
        let selected =
            named.iter().filter(|method| wanted.is_none_or(|it| method.signature() == Some(it)));
        let mut fitting = Vec::new();
        let mut misfits = Vec::new();
        for method in selected {
            match values::arguments(Some((contract, method)), &self.arguments) {
                Ok(arguments) => fitting.push((*method, arguments)),
                Err(misfit) => misfits.push(misfit),
            }
        }
        if fitting.len() == 1 {
            return Ok(fitting.remove(0));
        }
        if let ([_], [misfit]) = (&*named, &*misfits) {
            return Err(mismatch(format!("{interface}.{name}: {misfit}")));
        }
        let all: Vec<String> = named.iter().map(|method| method.to_string()).collect();
        let all = all.join(", ");
        let why = if fitting.is_empty() { "no" } else { "more than one" };
        Err(mismatch(format!(
            "{why} overload of {interface}.{name} fits; choose by --signature: {all}"
        )))
    }
}

/// Nothing was sent.
fn mismatch(message: String) -> Failure {
    Error::new(Status::ContractMismatch, message).into()
}
