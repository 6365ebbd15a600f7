use crate::arguments::{ColorChoice, TestArguments};
use crate::exit::{Failure, Outcome};

/// `iomc test`: runs `test` declarations.
pub fn run(_arguments: &TestArguments, _color: ColorChoice) -> Outcome {
    Err(Failure::new("`iomc test` is not built yet"))
}
