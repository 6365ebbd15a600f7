use std::time::{SystemTime, UNIX_EPOCH};

use iom_model::scalar::instant::parse_time;

use crate::exit::Failure;

/// The instant of the run in seconds since 1970: what `--at` says, else now. The only place where a clock is read.
pub fn instant(at: Option<&str>) -> Result<i64, Failure> {
    match at {
        Some(text) => parse_time(text).map_err(|reason| {
            Failure::new(format!("--at {text}: {reason}"))
                .help("write a date (2027-01-15) or a time with its zone (2026-11-22T10:00Z)")
        }),
        None => {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            let seconds = since.ok().and_then(|since| i64::try_from(since.as_secs()).ok());
            seconds.ok_or_else(|| {
                Failure::new("this machine's clock is before 1970").help("set it, or give --at TIME")
            })
        }
    }
}
