//! Hashes of texts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::super::value::Value;
use super::{Computed, Stop, text_of, text_shape};

pub(super) fn call(name: &str, arguments: &[Value]) -> Option<Computed> {
    Some(match (name, arguments) {
        ("uuidv5", [space, name]) => named_id(space, name),
        ("uuid" | "bcrypt" | "rsadecrypt", _) => Err(Stop::Elsewhere),
        (_, [text]) => {
            let hash = of_bytes(name)?;
            text_of(text).and_then(|text| text_shape(hash(text.as_bytes())))
        }
        _ => return None,
    })
}

/// The function of a name, over bytes.
pub(super) fn of_bytes(name: &str) -> Option<fn(&[u8]) -> String> {
    Some(match name {
        "md5" => |bytes| crate::hexadecimal(&Md5::digest(bytes)),
        "sha1" => |bytes| crate::hexadecimal(&Sha1::digest(bytes)),
        "sha256" => |bytes| crate::hexadecimal(&Sha256::digest(bytes)),
        "sha512" => |bytes| crate::hexadecimal(&Sha512::digest(bytes)),
        "base64sha256" => |bytes| STANDARD.encode(Sha256::digest(bytes)),
        "base64sha512" => |bytes| STANDARD.encode(Sha512::digest(bytes)),
        _ => return None,
    })
}

/// An id made of a name: of version 5.
fn named_id(space: &Value, name: &Value) -> Computed {
    let space = text_of(space)?;
    let space = match &*space {
        "dns" => "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "url" => "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
        "oid" => "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
        "x500" => "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
        id => id,
    };
    let digits: Vec<u8> = space
        .chars()
        .filter(|sign| *sign != '-')
        .filter_map(|sign| sign.to_digit(16).map(|digit| digit as u8))
        .collect();
    if digits.len() != 32 {
        return Err(Stop::Wrong);
    }
    let mut hash = Sha1::new();
    let bytes: Vec<u8> =
        digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    hash.update(&bytes);
    hash.update(text_of(name)?.as_bytes());
    let mut id: Vec<u8> = hash.finalize().iter().take(16).copied().collect();
    for (position, keep, set) in [(6, 0x0f, 0x50), (8, 0x3f, 0x80)] {
        if let Some(byte) = id.get_mut(position) {
            *byte = *byte & keep | set;
        }
    }
    let hex = crate::hexadecimal(&id);
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    text_shape(format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)))
}
