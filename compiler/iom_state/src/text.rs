//! Bytes of a file become UTF-8 text.

use std::borrow::Cow;

use crate::fault::Fault;

/// What is wrong with the bytes of a file; the place is in bytes of the file as read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UndecodableText {
    pub message: String,
    /// The text before the first wrong byte, to count lines in.
    pub before: String,
}

impl UndecodableText {
    pub(crate) fn fault(&self) -> Fault {
        Fault::malformed(self.before.len(), self.message.clone())
    }
}

/// Decodes UTF-8 with or without a byte order mark and UTF-16 of either byte order with one. Borrows where it can.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, UndecodableText> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => decode_utf8(rest),
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Err(UndecodableText {
            message: "the text is UTF-32; save it as UTF-8".to_owned(),
            before: String::new(),
        }),
        [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        _ => decode_utf8(bytes),
    }
}

fn decode_utf8(bytes: &[u8]) -> Result<Cow<'_, str>, UndecodableText> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
        let (valid, rest) = bytes.split_at_checked(error.valid_up_to()).unwrap_or((&[], bytes));
        let message = match (error.error_len(), rest.first()) {
            (None, _) => "the file ends within a character (UTF-8)".to_owned(),
            (Some(_), Some(byte)) => format!("the byte 0x{byte:02X} is not valid UTF-8"),
            (Some(_), None) => "the text is not valid UTF-8".to_owned(),
        };
        UndecodableText { message, before: String::from_utf8_lossy(valid).into_owned() }
    })
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, UndecodableText> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len() / 2);
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match decoded {
            Ok(character) => text.push(character),
            Err(error) => {
                let surrogate = error.unpaired_surrogate();
                let message =
                    format!("half of a surrogate pair (0x{surrogate:04X}) stands alone in the UTF-16 text");
                return Err(UndecodableText { message, before: text });
            }
        }
    }
    if odd.is_empty() {
        Ok(Cow::Owned(text))
    } else {
        Err(UndecodableText { message: "the file ends within a character (UTF-16)".to_owned(), before: text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, mark: u16, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        std::iter::once(mark).chain(text.encode_utf16()).flat_map(bytes).collect()
    }

    #[test]
    fn byte_order_marks_choose_the_encoding() {
        let text = "{\"é\": \"𝄞\"}";
        assert_eq!(decode(text.as_bytes()).unwrap(), text);
        assert_eq!(decode(format!("\u{feff}{text}").as_bytes()).unwrap(), text);
        assert_eq!(decode(&utf16(text, 0xFEFF, u16::to_le_bytes)).unwrap(), text);
        assert_eq!(decode(&utf16(text, 0xFEFF, u16::to_be_bytes)).unwrap(), text);
    }

    #[test]
    fn wrong_bytes_have_a_place() {
        let error = decode(b"{\n\"a\": \"\xff\"}").unwrap_err();
        assert_eq!(error.message, "the byte 0xFF is not valid UTF-8");
        assert_eq!(error.before, "{\n\"a\": \"");
        assert!(decode(b"\"\xe2\x82").unwrap_err().message.contains("ends within a character"));
        assert!(decode(b"\xff\xfe{\0\x22").unwrap_err().message.contains("ends within a character"));
        assert!(decode(b"\xff\xfe{\0\x00\xd8").unwrap_err().message.contains("0xD800"));
        assert!(decode(b"\xff\xfe\0\0{\0\0\0").unwrap_err().message.contains("UTF-32"));
    }
}
