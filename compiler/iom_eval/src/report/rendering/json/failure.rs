use std::fmt;
use std::io;

use serde::ser;

/// What keeps something from being written.
#[derive(Debug)]
pub(super) enum Failure {
    Output(io::Error),
    /// It says itself why it cannot be.
    Content(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Output(error) => error.fmt(f),
            Failure::Content(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Failure {}

impl ser::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Failure {
        Failure::Content(message.to_string())
    }
}

impl From<Failure> for io::Error {
    fn from(failure: Failure) -> io::Error {
        match failure {
            Failure::Output(error) => error,
            Failure::Content(message) => io::Error::other(message),
        }
    }
}
