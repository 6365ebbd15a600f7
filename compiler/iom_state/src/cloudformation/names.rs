use crate::tape::{Strings, Symbol};

/// Names that templates have.
pub(super) struct Names {
    pub format_version: Symbol,
    pub transform: Symbol,
    pub transform_call: Symbol,
    pub parameters: Symbol,
    pub mappings: Symbol,
    pub conditions: Symbol,
    pub resources: Symbol,
    pub ty: Symbol,
    pub default: Symbol,
    pub no_echo: Symbol,
    pub properties: Symbol,
    pub condition: Symbol,
    pub depends_on: Symbol,
    pub default_value: Symbol,
    pub nothing: Symbol,
    pub provider: Symbol,
}

impl Names {
    pub(super) fn new(strings: &mut Strings) -> Names {
        let mut name = |text: &str| strings.get_or_intern(text);
        Names {
            format_version: name("AWSTemplateFormatVersion"),
            transform: name("Transform"),
            transform_call: name("Fn::Transform"),
            parameters: name("Parameters"),
            mappings: name("Mappings"),
            conditions: name("Conditions"),
            resources: name("Resources"),
            ty: name("Type"),
            default: name("Default"),
            no_echo: name("NoEcho"),
            properties: name("Properties"),
            condition: name("Condition"),
            depends_on: name("DependsOn"),
            default_value: name("DefaultValue"),
            nothing: name(""),
            provider: name("cloudformation"),
        }
    }
}
