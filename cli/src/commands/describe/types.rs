//! Types as text.

use std::fmt::{self, Display};

use callgate::schema::{Member, Schema};

use crate::output::Plain;

/// A type with all of its parts: `record (x: int32, y?: string)`.
pub struct TypeText<'a>(pub &'a Schema);

impl Display for TypeText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Schema::Array(items) => write!(f, "array of {}", TypeText(items)),
            Schema::Map(keys, values) => {
                write!(f, "map of {} to {}", TypeText(keys), TypeText(values))
            }
            Schema::Tuple(items) => {
                f.write_str("tuple (")?;
                separated(f, items.iter(), ", ")?;
                f.write_str(")")
            }
            Schema::OneOf(all) => {
                let given = all.iter().filter(|one| !matches!(one, Schema::Accepted(_)));
                separated(f, given, " or ")
            }
            Schema::Record(members) => {
                f.write_str("record (")?;
                for (place, member) in members.iter().enumerate() {
                    let Member { name, required, given, schema } = member;
                    let separator = if place == 0 { "" } else { ", " };
                    let optional = if *required || *given { "" } else { "?" };
                    write!(f, "{separator}{}{optional}: {}", Plain(name), TypeText(schema))?;
                }
                f.write_str(")")
            }
            simple => write!(f, "{}", Plain(&simple.to_string())),
        }
    }
}

fn separated<'a>(
    f: &mut fmt::Formatter<'_>,
    all: impl Iterator<Item = &'a Schema>,
    separator: &str,
) -> fmt::Result {
    for (place, schema) in all.enumerate() {
        let separator = if place == 0 { "" } else { separator };
        write!(f, "{separator}{}", TypeText(schema))?;
    }
    Ok(())
}
