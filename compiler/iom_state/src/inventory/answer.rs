//! Recorded answers of APIs: what was answered, in a wrapper that says how.

use jiff::Timestamp;

use crate::document::ImportError;
use crate::tape::{Strings, Symbol};
use crate::tree::{NodeId, Tree, TreeValue, shown};

/// What a wrapper holds: `{"status_code": 200, "data": ..}`, `{"headers": .., "body": ..}`; any other document is itself.
pub(crate) fn unwrapped(tree: &Tree<'_>, root: NodeId, names: &AnswerNames) -> Result<NodeId, ImportError> {
    let members = tree.members(root);
    let inner = match (tree.member(root, names.status_code), tree.member(root, names.data)) {
        (Some(status), Some(data)) if members.len() == 2 => {
            refuse_failure(tree, status, data, names)?;
            Some(data)
        }
        _ => {
            tree.member(root, names.headers).and(tree.member(root, names.body)).filter(|_| members.len() == 2)
        }
    };
    Ok(inner.unwrap_or(root))
}

/// When it was answered: what the answer's own headers say, in the wrapper or in the answer.
pub(crate) fn answered_at(
    tree: &Tree<'_>,
    wrapper: NodeId,
    answer: NodeId,
    names: &AnswerNames,
) -> Option<Timestamp> {
    let metadata = tree.member(answer, names.response_metadata);
    let own = metadata.and_then(|metadata| tree.member(metadata, names.http_headers));
    let around = || tree.member(wrapper, names.headers).filter(|_| wrapper != answer);
    let headers = own.or_else(around)?;
    let date = names.dates.iter().find_map(|name| tree.member_text(headers, *name))?;
    Timestamp::from_second(jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_second()).ok()
}

/// An answer that says why there is none.
fn refuse_failure(
    tree: &Tree<'_>,
    status: NodeId,
    data: NodeId,
    names: &AnswerNames,
) -> Result<(), ImportError> {
    let status = match tree.value(status) {
        TreeValue::Int(status) => *status,
        _ => 200,
    };
    if (200..400).contains(&status) {
        return Ok(());
    }
    let code = tree.member(data, names.error).and_then(|error| tree.member_text(error, names.code));
    let code = code.map(|code| format!(", {}", shown(code))).unwrap_or_default();
    let message = format!(
        "this is a recorded answer, and it says that the request failed ({status}{code}): there is nothing in it"
    );
    Err(ImportError::not_this_format(message))
}

/// Names that wrappers are told by.
pub(crate) struct AnswerNames {
    status_code: Symbol,
    data: Symbol,
    headers: Symbol,
    body: Symbol,
    error: Symbol,
    code: Symbol,
    response_metadata: Symbol,
    http_headers: Symbol,
    dates: [Symbol; 2],
}

impl AnswerNames {
    pub(crate) fn new(strings: &mut Strings) -> AnswerNames {
        let mut name = |text| strings.get_or_intern(text);
        AnswerNames {
            status_code: name("status_code"),
            data: name("data"),
            headers: name("headers"),
            body: name("body"),
            error: name("Error"),
            code: name("Code"),
            response_metadata: name("ResponseMetadata"),
            http_headers: name("HTTPHeaders"),
            dates: ["date", "Date"].map(name),
        }
    }
}
