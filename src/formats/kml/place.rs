//! A placemark on its way to a record, and the columns that placemarks together have.

use std::collections::HashMap;

use crate::formats::kml::geometry::Builder;
use crate::formats::{Cell, Geometry};

/// Where a value of a placemark comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Field {
    /// The names of the folders around it.
    Folder,
    /// An element of the placemark itself, such as `name`.
    Own(String),
    /// A `Data` or `SimpleData` element of that name.
    Data(String),
}

/// Fields in the order of their first appearance.
pub(super) struct Columns {
    numbers: HashMap<Field, usize>,
    names: Vec<String>,
}

impl Columns {
    /// With the column of folders in front.
    pub(super) fn new() -> Self {
        let mut columns = Self { numbers: HashMap::new(), names: Vec::new() };
        columns.number(Field::Folder);
        columns
    }

    pub(super) fn number(&mut self, field: Field) -> usize {
        if let Some(number) = self.numbers.get(&field) {
            return *number;
        }
        let name = match &field {
            Field::Folder => "folder".to_owned(),
            Field::Own(name) | Field::Data(name) => name.clone(),
        };
        self.names.push(name);
        self.numbers.insert(field, self.names.len() - 1);
        self.names.len() - 1
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn into_names(self) -> Vec<String> {
        self.names
    }
}

/// A placemark that is being read.
#[derive(Default)]
pub(super) struct Placemark {
    pub(super) line: u64,
    pub(super) cells: Vec<Cell>,
    pub(super) geometry: Option<Geometry>,
    pub(super) building: Option<Builder>,
    /// Name of the `Data` element that is open.
    pub(super) data: String,
    /// Whether there are pieces of geometry that are not read.
    pub(super) has_more: bool,
}

impl Placemark {
    pub(super) fn set(&mut self, column: usize, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Cell::Empty);
        }
        self.cells[column] = Cell::Text(text.into());
    }
}
