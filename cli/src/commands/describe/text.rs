//! An interface as text, in the manner of `varlinkctl introspect`.

use std::fmt::{self, Display};

use callgate::schema::{Method, NamedType, Parameter, Schema};
use callgate::Contract;

use crate::commands::describe::TypeText;
use crate::output::{Plain, BOLD, DIM, RESET};

/// An interface: its comment, types, methods and callback.
pub struct Interface<'a>(pub &'a Contract);

impl Display for Interface<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        body(f, "interface", self.0)?;
        match self.0.callback() {
            Some(callback) => {
                f.write_str("\n\n")?;
                body(f, "callback", callback)
            }
            None => Ok(()),
        }
    }
}

fn body(f: &mut fmt::Formatter<'_>, kind: &str, contract: &Contract) -> fmt::Result {
    comment(f, contract.comment())?;
    write!(f, "{BOLD}{kind}{RESET} {}", Plain(contract.interface()))?;
    for NamedType { name, comment: about, schema } in contract.types() {
        f.write_str("\n\n")?;
        comment(f, about.as_deref())?;
        write!(f, "{BOLD}type{RESET} {} = {}", Plain(name), TypeText(schema))?;
    }
    for described in contract.methods() {
        f.write_str("\n\n")?;
        method(f, described)?;
    }
    Ok(())
}

fn method(f: &mut fmt::Formatter<'_>, method: &Method) -> fmt::Result {
    comment(f, method.comment())?;
    for Parameter { name, comment: about, .. } in method.parameters() {
        if let Some(about) = about {
            comment(f, Some(&format!("{name}: {about}")))?;
        }
    }
    if let Some(signature) = method.signature() {
        comment(f, Some(&format!("signature: {signature}")))?;
    }
    let kind = if method.result().is_none() { "one-way method" } else { "method" };
    write!(f, "{BOLD}{kind}{RESET} {}(", Plain(method.name()))?;
    for (place, Parameter { name, required, schema, .. }) in method.parameters().iter().enumerate()
    {
        let separator = if place == 0 { "" } else { ", " };
        let optional = if *required { "" } else { "?" };
        write!(f, "{separator}{}{optional}: {}", Plain(name), TypeText(schema))?;
    }
    f.write_str(")")?;
    match method.result() {
        None | Some(Schema::Null) => {}
        Some(result) => write!(f, " -> {}", TypeText(result))?,
    }
    match method.errors() {
        None | Some([]) => Ok(()),
        Some(errors) => write!(f, " fails with {}", Plain(&errors.join(", "))),
    }
}

/// The lines of a comment.
fn comment(f: &mut fmt::Formatter<'_>, text: Option<&str>) -> fmt::Result {
    for line in text.unwrap_or("").lines() {
        writeln!(f, "{DIM}# {}{RESET}", Plain(line))?;
    }
    Ok(())
}
