use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use iom_base::FileId;
use iom_stdlib::provider_kinds::ProviderKind;
use rustc_hash::FxHashMap;

use crate::input::{Packages, SourceFile, SourceText, Workspace};

/// What queries need beyond salsa: the workspace, and library files that become inputs when they are first reached.
#[salsa::db]
pub trait Db: salsa::Database {
    fn workspace(&self) -> Workspace;
    /// The library file with this position in [`iom_stdlib::files`].
    fn library_file(&self, position: usize) -> SourceFile;
    /// The file of a provider's type, written when it is first reached.
    fn provider_file(&self, kind: ProviderKind) -> SourceFile;
}

/// Library files have their ids from here on, so that no lookup is needed to tell them apart.
pub(crate) const FIRST_LIBRARY_FILE: u32 = 1 << 30;

/// Files of providers' types have theirs from here on, by the numbers of the types.
pub(crate) const FIRST_PROVIDER_FILE: u32 = FIRST_LIBRARY_FILE + (1 << 29);

const _: () = assert!(FIRST_PROVIDER_FILE.checked_add(iom_stdlib::provider_kinds::MOST).is_some());

/// The position in [`iom_stdlib::files`] of a file with this id; nothing for other files.
pub(crate) fn library_position(id: FileId) -> Option<usize> {
    let position = id.0.checked_sub(FIRST_LIBRARY_FILE)? as usize;
    (position < iom_stdlib::files().len()).then_some(position)
}

/// One line per query that ran, for tests of what an edit re-runs.
pub type EventLog = Arc<Mutex<Vec<String>>>;

#[salsa::db]
#[derive(Clone)]
pub struct RootDatabase {
    storage: salsa::Storage<Self>,
    workspace: Arc<OnceLock<Workspace>>,
    library: Arc<Vec<OnceLock<SourceFile>>>,
    /// By the number of the type.
    providers: Arc<Mutex<FxHashMap<u32, SourceFile>>>,
}

impl RootDatabase {
    pub fn new() -> RootDatabase {
        RootDatabase::with_storage(salsa::Storage::default())
    }

    /// A database that writes every query it runs to the log.
    pub fn with_event_log(log: EventLog) -> RootDatabase {
        let storage = salsa::Storage::new(Some(Box::new(move |event: salsa::Event| {
            if let salsa::EventKind::WillExecute { database_key } = event.kind
                && let Ok(mut log) = log.lock()
            {
                log.push(format!("{database_key:?}"));
            }
        })));
        RootDatabase::with_storage(storage)
    }

    fn with_storage(storage: salsa::Storage<Self>) -> RootDatabase {
        let library = iom_stdlib::files().iter().map(|_| OnceLock::new()).collect();
        let db = RootDatabase {
            storage,
            workspace: Arc::default(),
            library: Arc::new(library),
            providers: Arc::default(),
        };
        let workspace = Workspace::builder(Vec::new(), Vec::new(), Packages::default())
            .durability(salsa::Durability::HIGH)
            .new(&db);
        let _ = db.workspace.set(workspace);
        db
    }
}

impl Default for RootDatabase {
    fn default() -> Self {
        RootDatabase::new()
    }
}

#[salsa::db]
impl salsa::Database for RootDatabase {}

#[salsa::db]
impl Db for RootDatabase {
    fn workspace(&self) -> Workspace {
        // Set by the only constructor; the fallback makes a workspace without files instead of a panic.
        *self.workspace.get_or_init(|| Workspace::new(self, Vec::new(), Vec::new(), Packages::default()))
    }

    fn library_file(&self, position: usize) -> SourceFile {
        *self.library[position].get_or_init(|| {
            let file = &iom_stdlib::files()[position];
            let id = FileId(FIRST_LIBRARY_FILE + position as u32);
            SourceFile::builder(
                id,
                smol_str::format_smolstr!("std:{}", file.path),
                SourceText::Static(file.text),
                true,
                "std".into(),
            )
            .durability(salsa::Durability::NEVER_CHANGE)
            .new(self)
        })
    }

    fn provider_file(&self, kind: ProviderKind) -> SourceFile {
        let mut known = self.providers.lock().unwrap_or_else(PoisonError::into_inner);
        *known.entry(kind.number).or_insert_with(|| {
            let id = FileId(FIRST_PROVIDER_FILE + kind.number);
            let path = smol_str::format_smolstr!("std:{}", kind.path());
            SourceFile::builder(id, path, SourceText::Shared(kind.text().into()), true, "std".into())
                .durability(salsa::Durability::NEVER_CHANGE)
                .new(self)
        })
    }
}
