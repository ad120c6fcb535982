//! One method of a trait.

use syn::{Attribute, Error, FnArg, Ident, LitStr, Pat, Result, TraitItemFn, Type};

use crate::check;
use crate::names::pascal_case;
use crate::types::{is_call, is_optional, Returned};

/// A method, in the form that code generation needs.
pub struct Method {
    pub ident: Ident,
    /// Its name for other programs.
    pub wire: LitStr,
    /// The signature that distinguishes it from other methods with that name.
    pub signature: Option<LitStr>,
    /// Its documentation and conditions, which are copied to the generated methods.
    pub attributes: Vec<Attribute>,
    pub parameters: Vec<Parameter>,
    pub returned: Returned,
    pub is_one_way: bool,
}

/// A parameter of a method, `&self` excepted.
pub enum Parameter {
    /// The call itself.
    Call,
    Argument(Ident, Box<Type>),
}

impl Method {
    /// Parses a method, and removes the macro's own attributes from it.
    pub fn take(function: &mut TraitItemFn) -> Result<Method> {
        let own = Own::take(&mut function.attrs)?;
        let signature = &function.sig;
        check::check_signature(signature)?;
        let parameters: Result<Vec<Parameter>> =
            signature.inputs.iter().skip(1).map(parameter).collect();
        let parameters = parameters?;
        check::check_parameters(signature, &parameters)?;
        let returned = Returned::of(&signature.output);
        if own.is_one_way && !returned.is_unit() {
            let what = "a one-way method cannot have a result: remove the result, or #[one_way]";
            return Err(Error::new_spanned(&signature.output, what));
        }
        let ident = signature.ident.clone();
        let wire = own.name.unwrap_or_else(|| LitStr::new(&pascal_case(&ident), ident.span()));
        check::check_wire_name(&wire)?;
        own.signature.as_ref().map_or(Ok(()), check::check_wire_name)?;
        let attributes = function.attrs.iter().filter(|attribute| is_shared(attribute));
        Ok(Method {
            ident,
            wire,
            signature: own.signature,
            attributes: attributes.cloned().collect(),
            parameters,
            returned,
            is_one_way: own.is_one_way,
        })
    }

    /// The arguments, without the call itself.
    pub fn arguments(&self) -> impl Iterator<Item = (&Ident, &Type)> {
        self.parameters.iter().filter_map(|parameter| match parameter {
            Parameter::Argument(ident, ty) => Some((ident, &**ty)),
            Parameter::Call => None,
        })
    }

    /// The fewest and the most arguments that it takes: callers may leave out optional last ones.
    pub fn takes(&self) -> (u32, u32) {
        let optional: Vec<bool> = self.arguments().map(|(_, ty)| is_optional(ty)).collect();
        let least = optional.iter().rposition(|optional| !optional).map_or(0, |last| last + 1);
        (least as u32, optional.len() as u32)
    }

    /// Whether both have signatures that differ.
    pub fn is_told_apart_from(&self, other: &Method) -> bool {
        match (&self.signature, &other.signature) {
            (Some(one), Some(another)) => one.value() != another.value(),
            _ => false,
        }
    }

    /// Whether it exists only under some conditions.
    pub fn is_conditional(&self) -> bool {
        self.conditions().next().is_some()
    }

    /// The conditions under which it exists.
    pub fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
    }

    pub fn is_documented(&self) -> bool {
        self.attributes.iter().any(|attribute| attribute.path().is_ident("doc"))
    }
}

fn is_shared(attribute: &Attribute) -> bool {
    ["cfg", "doc", "deprecated"].iter().any(|name| attribute.path().is_ident(name))
}

fn parameter(input: &FnArg) -> Result<Parameter> {
    let FnArg::Typed(input) = input else {
        return Err(Error::new_spanned(input, "only the first parameter can be `&self`"));
    };
    if is_call(&input.ty) {
        return Ok(Parameter::Call);
    }
    match &*input.pat {
        Pat::Ident(pattern) if pattern.by_ref.is_none() && pattern.subpat.is_none() => {
            Ok(Parameter::Argument(pattern.ident.clone(), input.ty.clone()))
        }
        pattern => Err(Error::new_spanned(
            pattern,
            "an argument must have a name, which errors mention: destructure it in the method's body",
        )),
    }
}

/// The macro's own attributes of a method.
#[derive(Default)]
struct Own {
    is_one_way: bool,
    name: Option<LitStr>,
    signature: Option<LitStr>,
}

impl Own {
    fn take(attributes: &mut Vec<Attribute>) -> Result<Own> {
        let is_own = |attribute: &Attribute| {
            attribute.path().is_ident("one_way") || attribute.path().is_ident("method")
        };
        let (taken, rest) = attributes.drain(..).partition(is_own);
        *attributes = rest;
        let (mut own, taken): (Own, Vec<Attribute>) = (Own::default(), taken);
        for attribute in taken {
            if attribute.path().is_ident("one_way") {
                attribute.meta.require_path_only()?;
                own.is_one_way = true;
                continue;
            }
            attribute.parse_nested_meta(|meta| {
                let place = if meta.path.is_ident("name") {
                    &mut own.name
                } else if meta.path.is_ident("signature") {
                    &mut own.signature
                } else {
                    let what = "expected #[method(name = \"...\", signature = \"...\")]";
                    return Err(meta.error(what));
                };
                *place = Some(meta.value()?.parse()?);
                Ok(())
            })?;
        }
        Ok(own)
    }
}
