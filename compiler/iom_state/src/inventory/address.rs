use rustc_hash::FxHashSet;

use crate::tape::{Strings, Symbol};

/// Addresses of things that have none in their source: `hosts["web-1"]` by what names them, `hosts[3]` by their place where nothing
/// does, or something before them has the same name.
#[derive(Default)]
pub(crate) struct Addresses {
    given: FxHashSet<Symbol>,
}

impl Addresses {
    pub(crate) fn give(
        &mut self,
        source_type: &str,
        name: Option<&str>,
        position: usize,
        strings: &mut Strings,
    ) -> Symbol {
        const LONGEST: usize = 200;
        let is_plain =
            |name: &&str| !name.is_empty() && name.len() <= LONGEST && !name.contains(char::is_control);
        if let Some(name) = name.filter(is_plain) {
            let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
            let address = strings.get_or_intern(format!("{source_type}[\"{escaped}\"]"));
            if self.given.insert(address) {
                return address;
            }
        }
        strings.get_or_intern(format!("{source_type}[{position}]"))
    }
}
