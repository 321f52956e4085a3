//! `NumPy`'s array files: a line of text about what follows, then the numbers.

/// An array.
#[derive(Debug, Clone, PartialEq)]
pub enum Array {
    /// 32-bit floats, row by row.
    Floats {
        /// How many in each dimension.
        shape: Vec<usize>,
        /// All of them.
        values: Vec<f32>,
    },
    /// Bytes, row by row.
    Bytes {
        /// How many in each dimension.
        shape: Vec<usize>,
        /// All of them.
        values: Vec<u8>,
    },
    /// A single 64-bit float.
    Double(f64),
}

impl Array {
    /// Reads an array file. Gives nothing for one that is damaged, or of numbers of another kind.
    pub fn read(file: &[u8]) -> Option<Self> {
        let (version, rest) = file.strip_prefix(b"\x93NUMPY")?.split_first_chunk::<2>()?;
        let (length, rest) = if let [1, _] = version {
            rest.split_first_chunk::<2>().map(|(n, rest)| (usize::from(u16::from_le_bytes(*n)), rest))?
        } else {
            let (length, rest) = rest.split_first_chunk::<4>()?;
            (usize::try_from(u32::from_le_bytes(*length)).ok()?, rest)
        };
        let (head, data) = rest.split_at_checked(length)?;
        let head = str::from_utf8(head).ok()?;
        let kind = head.split_once("'descr': '")?.1.split('\'').next()?;
        head.contains("'fortran_order': False").then_some(())?;
        let shape = head.split_once("'shape': (")?.1.split(')').next()?;
        let shape = shape.split(',').map(str::trim).filter(|n| !n.is_empty()).map(|n| n.parse().ok());
        let shape: Vec<usize> = shape.collect::<Option<_>>()?;
        let count = shape.iter().try_fold(1usize, |count, n| count.checked_mul(*n))?;
        match kind {
            "<f4" => {
                let (values, rest) = data.as_chunks::<4>();
                let values: Vec<f32> = values.iter().map(|value| f32::from_le_bytes(*value)).collect();
                let whole = rest.is_empty() && values.len() == count && values.iter().all(|value| value.is_finite());
                whole.then_some(Self::Floats { shape, values })
            }
            "|u1" => (data.len() == count).then(|| Self::Bytes { shape, values: data.to_vec() }),
            "<f8" if shape.is_empty() => Some(Self::Double(f64::from_le_bytes(data.try_into().ok()?))),
            _ => None,
        }
    }

    /// What it is, for a message.
    pub(super) fn kind(&self) -> String {
        match self {
            Self::Floats { shape, .. } => format!("floats of {shape:?}"),
            Self::Bytes { shape, .. } => format!("bytes of {shape:?}"),
            Self::Double(_) => "one number".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An array file as `NumPy` writes it.
    fn file(kind: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let head = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let length = u16::try_from(head.len()).unwrap().to_le_bytes();
        [b"\x93NUMPY\x01\x00".as_slice(), &length, head.as_bytes(), data].concat()
    }

    #[test]
    fn floats_and_bytes_are_read_with_their_shape() {
        let floats = [1.5f32, -2.0].map(f32::to_le_bytes).concat();
        let read = Array::read(&file("<f4", "(2, 1)", &floats));
        assert_eq!(read, Some(Array::Floats { shape: vec![2, 1], values: vec![1.5, -2.0] }));
        let read = Array::read(&file("|u1", "(3,)", &[1, 2, 3]));
        assert_eq!(read, Some(Array::Bytes { shape: vec![3], values: vec![1, 2, 3] }));
        assert_eq!(Array::read(&file("<f8", "()", &0.5f64.to_le_bytes())), Some(Array::Double(0.5)));
    }

    #[test]
    fn what_is_cut_short_or_of_another_kind_is_refused() {
        assert_eq!(Array::read(&file("<f4", "(2,)", &[0; 7])), None);
        assert_eq!(Array::read(&file("<i4", "(2,)", &[0; 8])), None);
        assert_eq!(Array::read(&file("|u1", "(9223372036854775807, 9)", &[0; 8])), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..70) {
            Array::read(&bytes);
            bytes.splice(..0, file("|u1", "(3,)", &[1, 2, 3])[..cut].iter().copied());
            Array::read(&bytes);
        }
    }
}
