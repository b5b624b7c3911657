//! Symbols that a person can read out and type: Crockford's base 32 without padding, the
//! last symbol a check on the others.
//!
//! Digits and capital letters without I, L, O and U. Read back, small letters are
//! capitals, O is 0, I and L are 1; spaces and hyphens do not count. The check is the
//! sum of αⁱ · symbol over GF(2⁵), α a root of x⁵ + x² + 1, so that any one wrong symbol
//! and any two exchanged ones are noticed.

use std::fmt;

const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Symbols between two hyphens.
const GROUP: usize = 4;

/// `N` symbols of five bits, at most 31, the last of them the check.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Symbols<const N: usize>([u8; N]);

/// Why a text is not a row of symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SymbolFault {
    /// More or fewer symbols than there must be.
    #[error("{found} characters, where there must be {wanted}")]
    Length {
        /// Symbols found.
        found: usize,
        /// Symbols there must be.
        wanted: usize,
    },
    /// A character that is no symbol.
    #[error("“{0}” does not occur in it: it has digits, and letters without I, L, O and U")]
    Symbol(char),
    /// All are symbols, and one or more of them are wrong.
    #[error("it is mistyped: a character is wrong, or two are exchanged")]
    Check,
}

impl<const N: usize> Symbols<N> {
    /// The first 5 × (N − 1) bits of `bytes`, and their check. Bits that are not there
    /// are zero.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| (byte >> (7 - at % 8)) & 1);
        let mut symbols = [0; N];
        for (position, symbol) in symbols[..N - 1].iter_mut().enumerate() {
            *symbol = (0..5).fold(0, |symbol, place| (symbol << 1) | bit(5 * position + place));
        }
        symbols[N - 1] = check(&symbols[..N - 1]);
        Self(symbols)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, SymbolFault> {
        let marks = text.chars().filter(|mark| !matches!(mark, '-' | ' '));
        let found: Vec<u8> = marks.map(symbol).collect::<Result<_, _>>()?;
        let symbols = <[u8; N]>::try_from(&found[..])
            .map_err(|_| SymbolFault::Length { found: found.len(), wanted: N })?;
        if symbols[N - 1] == check(&symbols[..N - 1]) {
            Ok(Self(symbols))
        } else {
            Err(SymbolFault::Check)
        }
    }
}

impl<const N: usize> fmt::Display for Symbols<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, symbol) in self.0.iter().enumerate() {
            if position > 0 && position % GROUP == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(SYMBOLS[usize::from(*symbol)]))?;
        }
        Ok(())
    }
}

fn symbol(mark: char) -> Result<u8, SymbolFault> {
    let plain = match mark.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let found = SYMBOLS.iter().position(|symbol| char::from(*symbol) == plain);
    found.and_then(|at| u8::try_from(at).ok()).ok_or(SymbolFault::Symbol(mark))
}

/// Horner's rule over GF(2⁵).
fn check(symbols: &[u8]) -> u8 {
    symbols.iter().fold(0, |sum, symbol| times_alpha(sum ^ symbol))
}

fn times_alpha(element: u8) -> u8 {
    let carried = element << 1;
    if carried & 0b10_0000 == 0 { carried } else { carried ^ 0b10_0101 }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = Symbols<12>;

    const BYTES: [u8; 7] = [0x53, 0x61, 0x6b, 0x73, 0x69, 0x21, 0xff];

    #[test]
    fn golden() {
        let row = Row::of(&BYTES);
        assert_eq!(row.to_string(), "ADGP-PWV9-47Z1");
        assert!(Row::parse("adgp pwv9 47zI") == Ok(row));
        assert!(Row::parse("oooo-OOOO-0000") == Ok(Row::of(&[])));
    }

    #[test]
    fn every_wrong_symbol_and_every_exchange_is_noticed() {
        let row = Row::of(&BYTES);
        let is_noticed = |symbols: [u8; 12]| {
            Row::parse(&Symbols(symbols).to_string()).err() == Some(SymbolFault::Check)
        };
        for at in 0..12 {
            for wrong in (0..32).filter(|wrong| *wrong != row.0[at]) {
                let mut symbols = row.0;
                symbols[at] = wrong;
                assert!(is_noticed(symbols), "{wrong} at {at}");
            }
            for other in (0..at).filter(|other| row.0[*other] != row.0[at]) {
                let mut symbols = row.0;
                symbols.swap(at, other);
                assert!(is_noticed(symbols), "{at} and {other}");
            }
        }
    }

    #[test]
    fn what_is_no_row_of_symbols_is_named() {
        let fault = |text| Row::parse(text).err();
        assert_eq!(fault("AB-12"), Some(SymbolFault::Length { found: 4, wanted: 12 }));
        assert_eq!(fault("ADGP-PWV9-47ZU"), Some(SymbolFault::Symbol('U')));
    }
}
