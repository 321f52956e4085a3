//! How the market is stored: one row, a version and numbers in little-endian order.

use jiff::Timestamp;

use super::{FIRST_PRICE, Market};

/// Grows when the bytes mean something else.
const VERSION: u8 = 1;

impl Market {
    /// Writes what is stored of it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend(self.tallied_at.map_or(0, Timestamp::as_millisecond).to_le_bytes());
        let pool = &self.quote.pool;
        let single = [&self.quote.price, &self.foreseen, &self.foreseen_daily, &self.made, &self.expected];
        let tables = pool.hours.iter().chain(&pool.days).chain(&pool.gaps);
        single.into_iter().chain(tables).for_each(|value| bytes.extend(value.to_le_bytes()));
        bytes
    }

    /// Reads what [`Market::to_bytes`] wrote; `None` where the bytes are of another version or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (tallied_at, rest) = rest.split_first_chunk::<8>()?;
        if *version != VERSION {
            return None;
        }
        let mut market = Self::default();
        let Self { quote, foreseen, foreseen_daily, made, expected, tallied_at: at } = &mut market;
        *at = Some(i64::from_le_bytes(*tallied_at))
            .filter(|ms| *ms != 0)
            .and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let pool = &mut quote.pool;
        let single = [&mut quote.price, foreseen, foreseen_daily, made, expected];
        let tables = pool.hours.iter_mut().chain(&mut pool.days).chain(&mut pool.gaps);
        let (numbers, []) = rest.as_chunks::<8>() else { return None };
        let mut numbers = numbers.iter();
        for value in single.into_iter().chain(tables) {
            *value = f64::from_le_bytes(*numbers.next()?);
            if !(0.0..1e15).contains(value) {
                return None;
            }
        }
        if market.quote.price <= 0.0 {
            market.quote.price = FIRST_PRICE;
        }
        numbers.next().is_none().then_some(market)
    }
}
