//! The typed model that the front end hands to evaluation: everything resolved and checked, nothing positional but the
//! places that reports show, serialisable, without lifetimes.
//!
//! Definitions refer to one another by qualified name. The evaluator compiles a model once into its own dense form.

pub mod authority;
pub mod blueprint;
pub mod declaration;
pub mod expression;
pub mod instantiate;
pub mod literal;
pub mod policy;
pub mod rewrite;
pub mod scalar;
pub mod ties;
pub mod types;
pub mod visit;

pub use authority::*;
pub use blueprint::*;
pub use declaration::*;
pub use expression::*;
pub use instantiate::constant_text;
pub use literal::*;
pub use policy::*;
pub use types::*;

use std::io::{BufWriter, Write};

use indexmap::IndexMap;
use serde::Serialize;
use sha2::{Digest, Sha256};
use smol_str::SmolStr;

/// A fully qualified name: `aws.Bucket`, `payments.prod.orders`.
pub type QualifiedName = SmolStr;

/// A place in an `.iom` file, as reports show it. Both numbers from 1.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize)]
pub struct Location {
    pub file: SmolStr,
    pub line: u32,
    pub column: u32,
}

/// A whole estate's worth of definitions. Every map is in order of qualified names.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Model {
    pub types: IndexMap<QualifiedName, TypeDefinition>,
    pub traits: IndexMap<QualifiedName, TraitDefinition>,
    pub kinds: IndexMap<QualifiedName, KindDefinition>,
    /// Sorted; empty where no kind takes what others leave.
    pub mapped_elsewhere: Vec<MappedType>,
    pub constants: IndexMap<QualifiedName, Constant>,
    pub functions: IndexMap<QualifiedName, Function>,
    pub data: IndexMap<QualifiedName, DataSource>,
    pub resources: IndexMap<QualifiedName, ResourceDeclaration>,
    pub binds: Vec<Bind>,
    pub tolerances: Vec<Tolerance>,
    pub catalogs: IndexMap<QualifiedName, Catalog>,
    pub blueprints: IndexMap<QualifiedName, Blueprint>,
    /// By [`Policy::name`].
    pub policies: IndexMap<QualifiedName, Policy>,
    pub groups: IndexMap<QualifiedName, Group>,
    pub exceptions: IndexMap<QualifiedName, Exception>,
    pub authorities: IndexMap<QualifiedName, Authority>,
    pub break_glass: IndexMap<QualifiedName, BreakGlass>,
    pub evidence: IndexMap<QualifiedName, Evidence>,
    pub tests: Vec<Test>,
}

impl Model {
    /// `sha256:..` over the canonical serialisation: two reports of one version with the same hash were judged by the same
    /// rules. Serialised without the names of fields, which are in every version the same: they would be most of it.
    pub fn hash(&self) -> String {
        let hash = Hashing { hash: Sha256::new(), buffer: Vec::with_capacity(Hashing::PIECE) };
        match postcard::serialize_with_flavor(self, hash) {
            Ok(hash) => format!("sha256:{}", hex(&hash.finalize())),
            // What has no such form, which nothing in a model is, has one with names.
            Err(_) => format!("sha256:{}", digest(self)),
        }
    }

    /// Whether a name means a policy: its own, or that of a group it is in.
    pub fn means(&self, name: &str, policy: &Policy) -> bool {
        policy.declared == name
            || self.groups.get(name).is_some_and(|group| group.policies.contains(&policy.declared))
    }
}

/// Where the bytes of a model go: hashed piece by piece, they need not be kept.
struct Hashing {
    hash: Sha256,
    buffer: Vec<u8>,
}

impl Hashing {
    const PIECE: usize = 16 << 10;

    fn hash_full_piece(&mut self) {
        if self.buffer.len() >= Hashing::PIECE {
            self.hash.update(&self.buffer);
            self.buffer.clear();
        }
    }
}

impl postcard::ser_flavors::Flavor for Hashing {
    type Output = Sha256;

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.buffer.extend_from_slice(bytes);
        self.hash_full_piece();
        Ok(())
    }

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.buffer.push(byte);
        self.hash_full_piece();
        Ok(())
    }

    fn finalize(mut self) -> postcard::Result<Sha256> {
        self.hash.update(&self.buffer);
        Ok(self.hash)
    }
}

/// The SHA-256 of a canonical serialisation, in lower-case hex.
pub(crate) fn digest(value: &impl Serialize) -> String {
    struct Sink(Sha256);
    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    // Serialising plain data into a sink that never fails cannot fail; an empty hash would still be no panic. It comes in
    // words of a few bytes, which are hashed together.
    let mut sink = Sink(Sha256::new());
    let mut buffer = BufWriter::with_capacity(16 << 10, &mut sink);
    let _ = serde_json::to_writer(&mut buffer, value);
    let _ = buffer.flush();
    drop(buffer);
    hex(&sink.0.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
