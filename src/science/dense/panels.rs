//! Matrices as the engine keeps them: in *panels* as many columns wide as a [`Real::Line`] is long. A panel holds one
//! line per row, row after row, and the panels follow each other:
//!
//! ```text
//! panel 0                  panel 1
//! row 0 [ 0  1 …  15]      row 0 [16 17 …  31]
//! row 1 [ 0  1 …  15]      row 1 [16 17 …  31]
//! ```
//!
//! A product walks down panels, so whatever it reads next stands next in memory, however wide the matrix is. The last
//! panel is padded with zeros, and every pass leaves them zero: no loop has an end of its own.

use super::Real;

/// A matrix of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Panels<T: Real> {
    lines: Vec<T::Line>,
    rows: usize,
    columns: usize,
}

impl<T: Real> Panels<T> {
    /// Of zeros.
    #[inline]
    pub fn new(rows: usize, columns: usize) -> Self {
        let lines = vec![T::Line::default(); rows * columns.div_ceil(T::WIDTH)];
        Self { lines, rows, columns }
    }

    /// With `number(row, column)` in each place.
    pub fn from_fn(rows: usize, columns: usize, number: impl Fn(usize, usize) -> T) -> Self {
        let mut panels = Self::new(rows, columns);
        for (p, panel) in panels.lines.chunks_exact_mut(rows.max(1)).enumerate() {
            for (row, line) in panel.iter_mut().enumerate() {
                let columns = p * T::WIDTH..columns.min((p + 1) * T::WIDTH);
                for (place, column) in line.as_mut().iter_mut().zip(columns) {
                    *place = number(row, column);
                }
            }
        }
        panels
    }

    /// From numbers row by row; `numbers` must hold `rows × columns`.
    pub fn from_rows(numbers: &[T], rows: usize, columns: usize) -> Self {
        Self::from_rows_by(numbers, rows, columns, |number| number)
    }

    /// The same from what `of` makes of each.
    pub fn from_rows_by<N: Copy>(numbers: &[N], rows: usize, columns: usize, of: impl Fn(N) -> T) -> Self {
        let mut panels = Self::new(rows, columns);
        for (row, numbers) in numbers.chunks_exact(columns.max(1)).take(rows).enumerate() {
            for (p, numbers) in numbers.chunks(T::WIDTH).enumerate() {
                let line = panels.lines[p * rows + row].as_mut();
                line.iter_mut().zip(numbers).for_each(|(place, number)| *place = of(*number));
            }
        }
        panels
    }

    /// The transpose of numbers row by row, by what `of` makes of each: `columns × rows`.
    pub fn turned_by<N: Copy>(numbers: &[N], rows: usize, columns: usize, of: impl Fn(N) -> T) -> Self {
        let mut panels = Self::new(columns, rows);
        for (row, numbers) in numbers.chunks_exact(columns.max(1)).take(rows).enumerate() {
            let lines = panels.lines.iter_mut().skip(row / T::WIDTH * columns);
            for (line, number) in lines.zip(numbers) {
                line.as_mut()[row % T::WIDTH] = of(*number);
            }
        }
        panels
    }

    /// The same numbers in another type.
    pub fn cast<U: Real>(&self) -> Panels<U> {
        let (panels, rows) = (T::WIDTH, self.rows);
        Panels::from_fn(rows, self.columns, |row, column| {
            U::of(self.lines[column / panels * rows + row].as_ref()[column % panels].wide())
        })
    }

    /// All of it.
    #[inline]
    pub fn view(&self) -> View<'_, T> {
        View { lines: &self.lines, stride: self.rows, rows: self.rows, columns: self.columns }
    }

    /// All of it.
    #[inline]
    pub fn view_mut(&mut self) -> ViewMut<'_, T> {
        ViewMut { lines: &mut self.lines, stride: self.rows, rows: self.rows, columns: self.columns }
    }

    /// The first `rows` rows.
    #[inline]
    pub fn top_mut(&mut self, rows: usize) -> ViewMut<'_, T> {
        ViewMut { rows: rows.min(self.rows), ..self.view_mut() }
    }

    /// The first `rows` rows.
    #[inline]
    pub fn top(&self, rows: usize) -> View<'_, T> {
        self.view().slice(0, rows)
    }

    /// Takes numbers row by row into the rows at the top, as many as there are.
    pub fn set_rows(&mut self, numbers: impl Iterator<Item = T>) {
        let (rows, columns) = (self.rows, self.columns.max(1));
        for (index, number) in numbers.enumerate() {
            let (row, column) = (index / columns, index % columns);
            self.lines[column / T::WIDTH * rows + row].as_mut()[column % T::WIDTH] = number;
        }
    }

    /// Copies the `chosen` rows of `from`, a matrix as wide, to the top, in that order.
    pub fn gather(&mut self, from: View<'_, T>, chosen: &[usize]) {
        let mut top = self.top_mut(chosen.len());
        for p in 0..from.panels() {
            let panel = from.panel(p);
            for (line, &row) in top.panel_mut(p).iter_mut().zip(chosen) {
                *line = panel[row];
            }
        }
    }
}

/// A matrix that is read: panels of `rows` lines, each `stride` lines after the one before.
#[derive(Clone, Copy, Debug)]
pub struct View<'a, T: Real> {
    lines: &'a [T::Line],
    stride: usize,
    rows: usize,
    columns: usize,
}

impl<'a, T: Real> View<'a, T> {
    /// The panels of `rows` lines each that `lines` consist of.
    #[inline]
    pub fn new(lines: &'a [T::Line], rows: usize, columns: usize) -> Self {
        Self { lines, stride: rows, rows, columns }
    }

    /// Number of rows.
    #[inline(always)]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns, without the padding.
    #[inline(always)]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of panels.
    #[inline(always)]
    pub fn panels(&self) -> usize {
        self.columns.div_ceil(T::WIDTH)
    }

    /// The lines of a panel, one per row.
    #[inline(always)]
    pub fn panel(&self, p: usize) -> &'a [T::Line] {
        &self.lines[p * self.stride..][..self.rows]
    }

    /// One panel as a matrix.
    #[must_use]
    #[inline]
    pub fn one(self, p: usize) -> Self {
        let columns = T::WIDTH.min(self.columns - p * T::WIDTH);
        Self { lines: &self.lines[p * self.stride..], columns, ..self }
    }

    /// The rows from `start` on, `rows` of them or as many as there are.
    #[must_use]
    #[inline]
    pub fn slice(self, start: usize, rows: usize) -> Self {
        let start = start.min(self.rows);
        Self { lines: &self.lines[start..], rows: rows.min(self.rows - start), ..self }
    }

    /// All numbers row by row, by what `of` makes of each.
    pub fn to_rows<N>(self, of: impl Fn(T) -> N) -> Vec<N> {
        let mut numbers = Vec::with_capacity(self.rows * self.columns);
        for row in 0..self.rows {
            for p in 0..self.panels() {
                let columns = T::WIDTH.min(self.columns - p * T::WIDTH);
                numbers.extend(self.panel(p)[row].as_ref()[..columns].iter().map(|number| of(*number)));
            }
        }
        numbers
    }

    /// The numbers of a row.
    pub fn row(self, row: usize) -> impl Iterator<Item = T> + use<'a, T> {
        let panels = (0..self.panels()).flat_map(move |p| self.panel(p)[row].as_ref().iter().copied());
        panels.take(self.columns)
    }
}

/// A matrix that is written.
#[derive(Debug)]
pub struct ViewMut<'a, T: Real> {
    lines: &'a mut [T::Line],
    stride: usize,
    rows: usize,
    columns: usize,
}

impl<'a, T: Real> ViewMut<'a, T> {
    /// The panels of `rows` lines each that `lines` consist of.
    #[inline]
    pub fn new(lines: &'a mut [T::Line], rows: usize, columns: usize) -> Self {
        Self { lines, stride: rows, rows, columns }
    }

    /// Number of rows.
    #[inline(always)]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns, without the padding.
    #[inline(always)]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of panels.
    #[inline(always)]
    pub fn panels(&self) -> usize {
        self.columns.div_ceil(T::WIDTH)
    }

    /// The lines of a panel, one per row.
    #[inline(always)]
    pub fn panel_mut(&mut self, p: usize) -> &mut [T::Line] {
        &mut self.lines[p * self.stride..][..self.rows]
    }

    /// One panel as a matrix.
    #[inline]
    pub fn one(&mut self, p: usize) -> ViewMut<'_, T> {
        let columns = T::WIDTH.min(self.columns - p * T::WIDTH);
        ViewMut { lines: &mut self.lines[p * self.stride..], columns, stride: self.stride, rows: self.rows }
    }

    /// What stands there.
    #[inline(always)]
    pub fn view(&self) -> View<'_, T> {
        View { lines: self.lines, stride: self.stride, rows: self.rows, columns: self.columns }
    }

    /// The first `columns` columns, at most a panel of them.
    #[must_use]
    #[inline]
    pub fn narrow(self, columns: usize) -> Self {
        Self { columns: columns.min(self.columns), ..self }
    }

    /// The same, lent on.
    #[inline]
    pub fn again(&mut self) -> ViewMut<'_, T> {
        ViewMut { lines: self.lines, stride: self.stride, rows: self.rows, columns: self.columns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_again_and_the_rest_is_zero() {
        let numbers: Vec<f32> = (1..=5 * 20_u16).map(f32::from).collect();
        let panels = Panels::from_rows(&numbers, 5, 20);
        for row in 0..5 {
            assert_eq!(panels.view().row(row).collect::<Vec<_>>(), numbers[row * 20..][..20]);
        }
        assert!(panels.view().panel(1).iter().all(|line| line.as_ref()[4..] == [0.0; 12]));
        let middle = panels.view().slice(2, 2);
        assert_eq!(middle.row(1).collect::<Vec<_>>(), numbers[60..80]);
        assert_eq!(panels.view().slice(4, 9).rows(), 1);
        let mut set = Panels::new(6, 20);
        set.set_rows(numbers.iter().copied());
        assert!((0..5).all(|row| set.view().row(row).eq(panels.view().row(row))));
        let mut gathered = Panels::new(3, 20);
        gathered.gather(panels.view(), &[4, 0]);
        assert_eq!(gathered.view().row(0).collect::<Vec<_>>(), numbers[80..]);
        assert_eq!(gathered.view().row(1).collect::<Vec<_>>(), numbers[..20]);
    }
}
