//! Texts in JSON: in quotes, with escapes where there have to be some. Most texts have none, which is seen sixteen bytes
//! at a time.

/// How many bytes are looked at together, where there are so many.
const RUN: usize = 16;

/// Adds a text in quotes.
#[inline]
pub(super) fn push_quoted(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    if is_plain(bytes) {
        out.extend_from_slice(bytes);
    } else {
        push_escaped(out, bytes);
    }
    out.push(b'"');
}

/// Whether the text is written as it is.
#[inline]
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    // The last run may begin inside the one before it.
    if let Some(last) = bytes.last_chunk::<RUN>() {
        return bytes.as_chunks::<RUN>().0.iter().all(is_plain_run) && is_plain_run(last);
    }
    match (bytes.first_chunk::<{ RUN / 2 }>(), bytes.last_chunk::<{ RUN / 2 }>()) {
        (Some(first), Some(last)) => is_plain_run(first) && is_plain_run(last),
        _ => !bytes.iter().any(|byte| is_escaped(*byte)),
    }
}

/// Without a branch for each byte, so that the compiler looks at all of them at once.
#[inline]
fn is_plain_run<const LENGTH: usize>(run: &[u8; LENGTH]) -> bool {
    !run.iter().fold(false, |found, byte| found | is_escaped(*byte))
}

#[inline]
fn is_escaped(byte: u8) -> bool {
    (byte < b' ') | (byte == b'"') | (byte == b'\\')
}

#[cold]
fn push_escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        let sign = match byte {
            b'"' | b'\\' => *byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x08 => b'b',
            0x0c => b'f',
            0..b' ' => {
                out.extend_from_slice(b"\\u00");
                out.extend([byte >> 4, byte & 0xf].map(|digit| HEX[usize::from(digit)]));
                continue;
            }
            _ => {
                out.push(*byte);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', sign]);
    }
}
