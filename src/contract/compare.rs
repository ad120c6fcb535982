//! How the descriptions of two sides differ.

use std::collections::HashSet;

use crate::contract::fit::Fit;
use crate::contract::method::arity;
use crate::contract::{Contract, Difference, Method, Schema};

/// How many overloads of a method are tried, whatever the host lists.
const MOST_OVERLOADS: usize = 64;

/// Where a caller and a host would misunderstand each other.
pub(super) fn differences(caller: &Contract, host: &Contract) -> Vec<Difference> {
    let interface = caller.interface();
    let mut found = Vec::new();
    if interface != host.interface() {
        found.push(difference(interface.into(), "this name", format!("'{}'", host.interface())));
    }
    for method in &caller.0.methods {
        let place = format!("{interface}.{}", method.name);
        match host.counterpart(caller, method) {
            Ok(Some(other)) => Pair { caller, host, place, method, other }.compare(&mut found),
            Ok(None) => {}
            Err(there) => found.push(difference(place, method.to_string(), there)),
        }
    }
    found.extend(callbacks(caller, host));
    found
}

/// The host calls the callback interface, so there the roles change.
fn callbacks(caller: &Contract, host: &Contract) -> Vec<Difference> {
    let place = || format!("{}, callback interface", caller.interface());
    match (caller.callback(), host.callback()) {
        (Some(served), Some(called)) if served.interface() != called.interface() => {
            let name = |contract: &Contract| format!("'{}'", contract.interface());
            vec![difference(place(), name(served), name(called))]
        }
        (Some(served), Some(called)) => {
            let swap = |found: Difference| difference(found.place, found.host, found.caller);
            differences(called, served).into_iter().map(swap).collect()
        }
        // A caller that describes no callback interface may serve one all the same.
        _ => Vec::new(),
    }
}

fn difference(place: String, caller: impl Into<String>, host: impl Into<String>) -> Difference {
    Difference { place, caller: caller.into(), host: host.into() }
}

impl Contract {
    /// The method that a caller's method means, or what this side has in its place. `None` if it means one of several
    /// overloads, and the values of the arguments decide which.
    fn counterpart(&self, caller: &Contract, wanted: &Method) -> Result<Option<&Method>, String> {
        let named: Vec<&Method> =
            self.0.methods.iter().filter(|method| method.name == wanted.name).collect();
        match (named.as_slice(), &wanted.signature) {
            ([], _) => Err("no such method".into()),
            ([only], None) => Ok(Some(only)),
            ([only], Some(_)) if only.signature.is_none() => Ok(Some(only)),
            (all, Some(signature)) => {
                let same = |method: &&&Method| method.signature.as_deref() == Some(signature);
                all.iter().find(same).copied().map(Some).ok_or_else(|| listed(all))
            }
            (all, None) => {
                let counted = all.iter().filter(|method| method.takes(wanted.parameters.len()));
                let counted: Vec<&Method> = counted.copied().collect();
                if let [only] = counted.as_slice() {
                    return Ok(Some(only));
                }
                // Without a signature, the host chooses by the values: a small int64 may run the overload for int32.
                let fits = |method: &Method| self.takes_arguments(caller, wanted, method);
                match counted.into_iter().take(MOST_OVERLOADS).any(fits) {
                    true => Ok(None),
                    false => Err(listed(all)),
                }
            }
        }
    }

    fn takes_arguments(&self, caller: &Contract, wanted: &Method, method: &Method) -> bool {
        let mut both = wanted.parameters.iter().zip(&method.parameters);
        both.all(|(given, taken)| {
            Fit::new(caller, self).check(&given.schema, &taken.schema).is_ok()
        })
    }
}

/// The overloads of a method.
fn listed(all: &[&Method]) -> String {
    let all: Vec<String> = all.iter().map(|method| method.to_string()).collect();
    format!("only {}", all.join(" and "))
}

/// A method of the caller's, and what it means at the host.
struct Pair<'a> {
    caller: &'a Contract,
    host: &'a Contract,
    place: String,
    method: &'a Method,
    other: &'a Method,
}

impl Pair<'_> {
    fn compare(&self, found: &mut Vec<Difference>) {
        let before = found.len();
        self.compare_parameters(found);
        self.compare_results(found);
        if found.len() == before {
            self.compare_errors(found);
        }
    }

    fn compare_parameters(&self, found: &mut Vec<Difference>) {
        let sent = self.method.parameters.len();
        // The caller may leave its own optional parameters out, but its program need not.
        if !self.other.takes(sent) {
            let (caller, host) = (arity(sent, sent), self.other.arity());
            return found.push(difference(self.place.clone(), caller, host));
        }
        let both = self.method.parameters.iter().zip(&self.other.parameters);
        for (place, (here, there)) in both.enumerate() {
            let mut fit = Fit::new(self.caller, self.host);
            if let Err(misfit) = fit.check(&here.schema, &there.schema) {
                let number = place + 1;
                let (name, path) = (&here.name, misfit.path());
                let place = format!("{}, parameter {number} ({name}){path}", self.place);
                found.push(difference(place, misfit.giver, misfit.taker));
            }
        }
    }

    fn compare_results(&self, found: &mut Vec<Difference>) {
        match (&self.method.result, &self.other.result) {
            (Some(here), Some(there)) => {
                let mut fit = Fit::new(self.host, self.caller);
                if let Err(misfit) = fit.check(there, here) {
                    let place = format!("{}, result{}", self.place, misfit.path());
                    found.push(difference(place, misfit.taker, misfit.giver));
                }
            }
            (None, None) => {}
            (here, there) => {
                let kind = |result: &Option<Schema>| match result {
                    None => "one-way",
                    Some(_) => "with a reply",
                };
                found.push(difference(self.place.clone(), kind(here), kind(there)));
            }
        }
    }

    /// Each side may know more errors than the other. If each knows some that the other does not, one was
    /// probably renamed, and the caller would not recognise it.
    fn compare_errors(&self, found: &mut Vec<Difference>) {
        if self.method.errors.is_none() || self.other.errors.is_none() {
            return;
        }
        let expected = self.method.errors_unknown_to(self.other);
        let given = self.other.errors_unknown_to(self.method);
        if !expected.is_empty() && !given.is_empty() {
            let place = format!("{}, errors", self.place);
            found.push(difference(place, expected.join(", "), given.join(", ")));
        }
    }
}

impl Method {
    /// The errors that the other side knows by none of their names.
    fn errors_unknown_to(&self, other: &Method) -> Vec<&str> {
        let names = other.errors.iter().flatten().chain(other.aliases.keys());
        let names: HashSet<&String> = names.collect();
        let aliases = self.aliases.iter().filter(|(alias, _)| names.contains(alias));
        let by_alias: HashSet<&String> = aliases.map(|(_, name)| name).collect();
        let unknown = |name: &&String| !names.contains(name) && !by_alias.contains(name);
        self.errors.iter().flatten().filter(unknown).map(String::as_str).collect()
    }
}
