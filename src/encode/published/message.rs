//! Protocol buffers, as far as a `SentencePiece` model needs them: fields, one after the other.

use super::Bytes;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Four([u8; 4]),
    Eight,
}

/// The fields of a message with their numbers; nothing, once and last, where it can't be read on.
pub(super) fn fields(message: &[u8]) -> impl Iterator<Item = Option<(u64, Field<'_>)>> {
    let mut bytes = Some(Bytes::of(message));
    std::iter::from_fn(move || {
        let mut rest = bytes.take().filter(|rest| !rest.is_empty())?;
        let field = field(&mut rest);
        bytes = field.is_some().then_some(rest);
        Some(field)
    })
}

/// Encoding of protocol buffers, "Message Structure": a tag of number and wire type, then what the type says.
fn field<'a>(bytes: &mut Bytes<'a>) -> Option<(u64, Field<'a>)> {
    let tag = number(bytes)?;
    let field = match tag & 7 {
        0 => Field::Number(number(bytes)?),
        1 => bytes.array::<8>().map(|_| Field::Eight)?,
        2 => {
            let length = usize::try_from(number(bytes)?).ok()?;
            Field::Bytes(bytes.take(length)?)
        }
        5 => Field::Four(bytes.array()?),
        _ => return None,
    };
    Some((tag >> 3, field))
}

/// A number in groups of seven bits, lowest first.
fn number(bytes: &mut Bytes<'_>) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let [byte] = bytes.array()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}
