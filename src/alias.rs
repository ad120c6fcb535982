//! Interface aliases.

use std::borrow::Cow;

use crate::error::Result;
use crate::name;

/// Prefixes of interface names, and the interfaces that they stand for; the longest prefix wins.
#[derive(Debug, Default)]
pub(crate) struct Aliases(Vec<(String, String)>);

impl Aliases {
    /// Adds an alias; adding a prefix again replaces its interface.
    ///
    /// # Errors
    /// Invalid argument for an invalid prefix or interface name.
    pub fn add(&mut self, prefix: &str, interface: &str) -> Result<()> {
        name::check_prefix("an alias", prefix)?;
        name::check_served("the name of an alias's interface", interface)?;
        self.0.retain(|(other, _)| other != prefix);
        let place = self.0.partition_point(|(other, _)| other.len() >= prefix.len());
        self.0.insert(place, (prefix.into(), interface.into()));
        Ok(())
    }

    /// The interface that a name stands for. Names of interfaces that Callgate itself
    /// serves stand for themselves.
    pub fn resolve<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if name::is_reserved(name) {
            return Cow::Borrowed(name);
        }
        match self.0.iter().find(|(prefix, _)| name.starts_with(prefix.as_str())) {
            Some((_, interface)) => Cow::Owned(interface.clone()),
            None => Cow::Borrowed(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_wins_in_whatever_order() {
        for order in [["My.", "My.Old."], ["My.Old.", "My."]] {
            let mut aliases = Aliases::default();
            for prefix in order {
                aliases.add(prefix, &format!("for {prefix}")).expect("names");
            }
            assert_eq!(aliases.resolve("My.Old.IFoo"), "for My.Old.");
            assert_eq!(aliases.resolve("My.New.IFoo"), "for My.");
            assert_eq!(aliases.resolve("Your.IFoo"), "Your.IFoo");
        }
    }
}
