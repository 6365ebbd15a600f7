/// As many as asked for, else as many as the machine runs at once.
pub fn number(asked: Option<u16>) -> usize {
    match asked {
        Some(number) => usize::from(number),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    }
}
