use super::ShownValue;

/// What is wrong with an expectation, before it has a place.
#[derive(Default)]
pub(super) struct Unmet {
    pub message: String,
    pub expected: Option<String>,
    pub found: Option<String>,
    pub values: Vec<ShownValue>,
    pub details: Vec<String>,
}

impl Unmet {
    pub fn new(message: impl Into<String>) -> Unmet {
        Unmet { message: message.into(), ..Unmet::default() }
    }

    pub fn after_fix(self) -> Unmet {
        Unmet { message: format!("after the fix {}", self.message), ..self }
    }
}

/// A name without its module.
pub(super) fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
