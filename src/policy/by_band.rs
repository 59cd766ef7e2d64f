//! Values that may differ by risk band: one for all, or a table.

use crate::diagnostic::Problems;
use crate::diagnostic::reader::{Choice, Read, Value};
use crate::risk::Band;

/// A value for each band, `None` below the lowest band that a table names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByBand<T> {
    values: [Option<T>; 4],
}

impl<T: Copy> ByBand<T> {
    pub fn same(value: T) -> Self {
        Self { values: [Some(value); 4] }
    }

    /// From the bands that a table names: a band that it leaves out has the value of the next lower one it names.
    fn filled(mut values: [Option<T>; 4]) -> Self {
        for band in 1..values.len() {
            values[band] = values[band].or(values[band - 1]);
        }
        Self { values }
    }

    pub fn at(&self, band: Band) -> Option<T> {
        self.values[band as usize]
    }

    /// The value of each band, lowest first.
    pub fn each(&self) -> impl Iterator<Item = (Band, Option<T>)> {
        Band::ALL.into_iter().zip(self.values)
    }
}

impl<'d, T: Choice + Read<'d>> Read<'d> for ByBand<T> {
    /// `"redact"`, or `{ low = "log", high = "redact" }`.
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let Some(mut table) = value.as_table() else { return T::read(value, problems).map(Self::same) };
        let before = problems.len();
        let values = Band::ALL.map(|band| table.opt::<T>(band.name(), problems));
        table.finish(problems);
        if values.iter().all(Option::is_none) && problems.len() == before {
            let help = format!("name at least one band, such as `{{ high = \"{}\" }}`", T::CHOICES[0].0);
            problems.at(value.source(), value.span(), format!("the {} by band names no band", T::WHAT), help);
        }
        (problems.len() == before).then(|| Self::filled(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_left_out_is_as_strict_as_the_one_below() {
        let got = ByBand::filled([None, Some(1), None, Some(3)]);
        assert_eq!(Band::ALL.map(|b| got.at(b)), [None, Some(1), Some(1), Some(3)]);
        assert_eq!(ByBand::same(7).at(Band::Critical), Some(7));
    }
}
