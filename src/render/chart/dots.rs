//! A field of dots, two by four in a character of Braille.

use super::{Cell, Size};

/// The first of the Braille characters, without a dot; each dot is a bit.
const BRAILLE: u32 = 0x2800;

/// The bits of the dots of a character, by row and column.
const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

pub(super) struct Dots {
    size: Size,
    /// The dots of each character and the series that was drawn there last, row by row.
    cells: Vec<(u8, usize)>,
}

impl Dots {
    pub(super) fn new(size: Size) -> Self {
        Dots { size, cells: vec![(0, 0); size.width * size.height] }
    }

    /// Dots from left to right.
    pub(super) fn width(&self) -> usize {
        self.size.width * 2
    }

    /// Dots from top to bottom.
    pub(super) fn height(&self) -> usize {
        self.size.height * 4
    }

    fn set(&mut self, x: i64, y: i64, series: usize) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        if x >= self.width() || y >= self.height() {
            return;
        }
        let cell = &mut self.cells[y / 4 * self.size.width + x / 2];
        cell.0 |= BITS[y % 4][x % 2];
        cell.1 = series;
    }

    /// Sets the dots from one point to another, both included.
    pub(super) fn line(&mut self, from: (i64, i64), to: (i64, i64), series: usize) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let steps = dx.abs().max(dy.abs());
        if steps == 0 {
            return self.set(from.0, from.1, series);
        }
        for i in 0..=steps {
            let along =
                |from: i64, distance: i64| from + (distance as f64 * i as f64 / steps as f64).round() as i64;
            self.set(along(from.0, dx), along(from.1, dy), series);
        }
    }

    pub(super) fn into_rows(self) -> Vec<Vec<Cell>> {
        let cell = |(dots, series): &(u8, usize)| {
            let glyph =
                if *dots == 0 { ' ' } else { char::from_u32(BRAILLE + u32::from(*dots)).unwrap_or(' ') };
            Cell { glyph, series: *series }
        };
        self.cells.chunks(self.size.width).map(|row| row.iter().map(cell).collect()).collect()
    }
}
