//! Whether every value of one type is a value of another.

use std::collections::HashSet;

use crate::contract::{Contract, Member, Schema};

/// The type of the numbers in an array of bytes.
const BYTE: Schema = Schema::Integer(Some(0..=u8::MAX as i128));

/// How many pairs of types one comparison looks at. Real interfaces need a few thousand; a hostile peer's
/// description could make it look at a number that grows exponentially.
const MOST_STEPS: usize = 100_000;

/// How deeply it follows types within types. Real ones nest a few levels before they repeat; a hostile
/// peer's description could make it overflow the stack.
const MOST_DEPTH: usize = 128;

/// Compares types of values that one side gives and the other takes.
pub(super) struct Fit<'a> {
    giver: &'a Contract,
    taker: &'a Contract,
    /// Pairs of types, reached by a name, that fit or are being compared: a recursive type fits unless a
    /// difference is found elsewhere.
    seen: HashSet<(*const Schema, *const Schema)>,
    steps: usize,
    depth: usize,
}

/// Where two types do not fit: a path within them, and the two types there.
pub(super) struct Misfit {
    /// Inside out, e.g. `["[]", "price"]`.
    path: Vec<String>,
    pub giver: String,
    pub taker: String,
}

impl Misfit {
    fn new(giver: &Schema, taker: &Schema) -> Misfit {
        Misfit { path: Vec::new(), giver: giver.to_string(), taker: taker.to_string() }
    }

    fn within(mut self, step: impl Into<String>) -> Misfit {
        self.path.push(step.into());
        self
    }

    /// The path, outside in; empty if the types differ as a whole.
    pub fn path(&self) -> String {
        self.path.iter().rev().map(|step| format!(", {step}")).collect()
    }
}

impl<'a> Fit<'a> {
    pub fn new(giver: &'a Contract, taker: &'a Contract) -> Fit<'a> {
        Fit { giver, taker, seen: HashSet::new(), steps: 0, depth: 0 }
    }

    /// Whether the taker can take every value that the giver may give. A type that says less, such as an
    /// integer without a width or a map without members, is assumed to fit one that says more: each value is
    /// checked when it is sent.
    pub fn check(&mut self, giver: &'a Schema, taker: &'a Schema) -> Result<(), Misfit> {
        self.steps += 1;
        if self.steps > MOST_STEPS || self.depth > MOST_DEPTH {
            return Ok(());
        }
        self.depth += 1;
        let fits = self.check_kinds(giver, taker);
        self.depth -= 1;
        fits
    }

    fn check_kinds(&mut self, giver: &'a Schema, taker: &'a Schema) -> Result<(), Misfit> {
        use Schema::*;

        let ok = match (giver, taker) {
            (Any, _) | (_, Any) | (Accepted(_), _) => true,
            (_, Accepted(taken)) => return self.check(giver, taken),
            (Named(_), _) | (_, Named(_)) => return self.check_named(giver, taker),
            (OneOf(all), _) => return all.iter().try_for_each(|one| self.check(one, taker)),
            (_, OneOf(all)) => all.iter().any(|one| self.check(giver, one).is_ok()),
            (Integer(given), Integer(taken)) => match (given, taken) {
                (Some(given), Some(taken)) => {
                    taken.contains(given.start()) && taken.contains(given.end())
                }
                _ => true,
            },
            (Integer(_), Number(_)) => true,
            (Number(given), Number(taken)) => !matches!((given, taken), (Some(64), Some(32))),
            (Array(given), Array(taken)) => {
                return self.check(given, taken).map_err(|misfit| misfit.within("its elements"));
            }
            (Tuple(given), Tuple(taken)) if given.len() == taken.len() => {
                return self.check_tuple(given.iter().zip(taken));
            }
            (Tuple(given), Array(taken)) => {
                return self.check_tuple(given.iter().map(|given| (given, &**taken)));
            }
            (Array(given), Tuple(taken)) => {
                return self.check_tuple(taken.iter().map(|taken| (&**given, taken)));
            }
            (Map(keys, values), Map(taken_keys, taken_values)) => {
                self.check(keys, taken_keys).map_err(|misfit| misfit.within("its keys"))?;
                return self
                    .check(values, taken_values)
                    .map_err(|misfit| misfit.within("its values"));
            }
            (Record(given), Record(taken)) => {
                return self.check_members(giver, given, taker, taken)
            }
            (Record(given), Map(keys, values)) if is_text(keys) => {
                return self.check_each(given.iter().map(|it| (it, &it.schema, &**values)));
            }
            (Map(keys, values), Record(taken)) if is_text(keys) => {
                return self.check_each(taken.iter().map(|it| (it, &**values, &it.schema)));
            }
            // Generators do not know which bytes travel as binary, and which as numbers.
            (Array(of), Binary) | (Binary, Array(of)) => **of == BYTE,
            (Text, Enumeration(taken)) => taken.iter().any(|it| it.starts_with('"')),
            (Integer(_), Enumeration(taken)) => taken.iter().any(|it| it.parse::<i128>().is_ok()),
            (Enumeration(given), Enumeration(taken)) => given.iter().all(|it| taken.contains(it)),
            (Enumeration(given), Text) => given.iter().all(|it| it.starts_with('"')),
            (Enumeration(given), Integer(_)) => given.iter().all(|it| it.parse::<i128>().is_ok()),
            (giver, taker) => giver == taker,
        };
        if ok {
            Ok(())
        } else {
            Err(Misfit::new(giver, taker))
        }
    }

    fn check_named(&mut self, giver: &'a Schema, taker: &'a Schema) -> Result<(), Misfit> {
        let (given, taken) = (self.giver.resolve(giver), self.taker.resolve(taker));
        let pair = (std::ptr::from_ref(given), std::ptr::from_ref(taken));
        if !self.seen.insert(pair) {
            return Ok(());
        }
        let fits = self.check(given, taken);
        if fits.is_err() {
            // Elsewhere the same two types do not fit either.
            self.seen.remove(&pair);
        }
        fits
    }

    fn check_tuple(
        &mut self,
        pairs: impl Iterator<Item = (&'a Schema, &'a Schema)>,
    ) -> Result<(), Misfit> {
        for (place, (given, taken)) in pairs.enumerate() {
            let step = || format!("element {}", place + 1);
            self.check(given, taken).map_err(|misfit| misfit.within(step()))?;
        }
        Ok(())
    }

    fn check_each(
        &mut self,
        members: impl Iterator<Item = (&'a Member, &'a Schema, &'a Schema)>,
    ) -> Result<(), Misfit> {
        for (member, given, taken) in members {
            let step = || format!("member {}", member.name);
            self.check(given, taken).map_err(|misfit| misfit.within(step()))?;
        }
        Ok(())
    }

    /// The taker ignores members that it does not know, and needs those that it requires.
    fn check_members(
        &mut self,
        giver: &Schema,
        given: &'a [Member],
        taker: &Schema,
        taken: &'a [Member],
    ) -> Result<(), Misfit> {
        for member in taken {
            let step = || format!("member {}", member.name);
            match given.iter().find(|other| other.name == member.name) {
                Some(other) if member.required && !other.given => {
                    let of = |it| format!("{it} {}", member.name);
                    let (giver, taker) = (of("optional"), of("required"));
                    return Err(Misfit { path: vec![step()], giver, taker });
                }
                Some(other) => self
                    .check(&other.schema, &member.schema)
                    .map_err(|misfit| misfit.within(step()))?,
                None if member.required => return Err(Misfit::new(giver, taker).within(step())),
                None => {}
            }
        }
        Ok(())
    }
}

/// Whether members' names can be keys of a map.
fn is_text(keys: &Schema) -> bool {
    matches!(keys, Schema::Text | Schema::Any)
}
