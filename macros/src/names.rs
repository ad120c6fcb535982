//! Names on the wire.

use syn::ext::IdentExt;
use syn::Ident;

/// The default name of an interface: `ICalculator` for both `Calculator` and `ICalculator`.
pub fn interface_name(ident: &Ident) -> String {
    let name = ident.unraw().to_string();
    let mut letters = name.chars();
    let is_prefixed = letters.next() == Some('I') && letters.next().is_some_and(char::is_uppercase);
    if is_prefixed {
        name
    } else {
        format!("I{name}")
    }
}

/// A method's name in Pascal case: `AddAll` for `add_all`.
pub fn pascal_case(ident: &Ident) -> String {
    let name = ident.unraw().to_string();
    name.split('_').map(capitalised).collect()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_begin_with_an_i() {
        for (rust, wire) in [
            ("Calculator", "ICalculator"),
            ("ICalculator", "ICalculator"),
            ("Index", "IIndex"),
            ("I", "II"),
        ] {
            assert_eq!(interface_name(&syn::parse_str(rust).unwrap()), wire);
        }
    }

    #[test]
    fn words_are_joined_with_capitals() {
        for (rust, wire) in [
            ("add", "Add"),
            ("add_all", "AddAll"),
            ("r#type", "Type"),
            ("add_2_numbers", "Add2Numbers"),
            ("_reserved", "Reserved"),
            ("élan_vital", "ÉlanVital"),
            ("already_HTTP", "AlreadyHTTP"),
        ] {
            let ident = syn::parse_str::<Ident>(rust)
                .or_else(|_| syn::parse::Parser::parse_str(<Ident as IdentExt>::parse_any, rust));
            assert_eq!(pascal_case(&ident.unwrap()), wire);
        }
    }
}
