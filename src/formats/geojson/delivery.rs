//! A delivered GeoJSON file to a layer: read as a stream, parsed in batches on all cores.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

use encoding_rs::UTF_8;
use rayon::prelude::*;
use serde_json::Value;

use crate::formats::budget::{Budget, geometry_text_limit};
use crate::formats::geojson::feature::{self, Feature};
use crate::formats::geojson::geometry::raw_geometry;
use crate::formats::geojson::stream::{Batch, Stream, StreamError};
use crate::formats::text::{Transcoder, find_encoding, unreadable};
use crate::formats::{
    Cell, Dataset, FileFormat, FormatError, Geometry, InputFile, Item, Layer, Place, ReadOptions, SourceRecord,
};

/// Room for the properties in the text of a feature.
const PROPERTIES_BYTES: usize = 16 << 20;

/// Longest member beside the features that is looked at.
const MEMBER_BYTES: usize = 64 << 10;

/// What the standard fixes where the file says nothing (RFC 7946, 4).
const STANDARD_CRS: &str = "OGC:CRS84";

/// Reads a FeatureCollection, a single Feature or geometry, or a sequence of features.
///
/// Accepted beyond the standard: a byte order mark, other encodings, the member `crs` of the 2008 edition (told as written,
/// not followed), missing geometries and properties, unclosed rings. A feature that cannot be read is a fault.
///
/// Errors: the file is not GeoJSON or is not complete, or a limit is passed.
pub(crate) fn read_delivery(
    mut file: InputFile<'_>,
    format: FileFormat,
    options: &ReadOptions,
    budget: &mut Budget,
) -> Result<Dataset, FormatError> {
    let encoding = find_encoding(&file.name, &mut *file.bytes, options)?.encoding;
    let limits = *budget.limits();
    let text_max = geometry_text_limit(&limits) + PROPERTIES_BYTES;
    let name = Arc::from(file.name.as_str());
    let mut layer = LayerBuilder::new(&name, format, options, budget);
    layer.transcoded = encoding != UTF_8;
    let refused = |err| refuse(&file.name, err);
    let mut stream = Stream::new(Transcoder::new(&mut *file.bytes, encoding), text_max, limits.depth);
    if format == FileFormat::GeoJsonSeq {
        layer.sequence(&mut stream)?;
        return Ok(layer.finish());
    }
    match layer.collection(&mut stream)? {
        Found::Features => return Ok(layer.finish()),
        Found::Single => {}
    }
    drop(stream);
    // A single feature: small, and its members may stand in any order, so that it is read again from the beginning.
    find_encoding(&file.name, &mut *file.bytes, options)?;
    let mut stream = Stream::new(Transcoder::new(&mut *file.bytes, encoding), text_max, limits.depth);
    let mut batch = Batch::default();
    stream.value(&mut batch).map_err(refused)?;
    layer.single(&batch)?;
    Ok(layer.finish())
}

fn refuse(file: &str, err: StreamError) -> FormatError {
    let place = Place::file(file);
    match err {
        StreamError::Io(err) => unreadable(file, &err),
        StreamError::Syntax(message, line) => {
            FormatError::Syntax { place: Place { line: Some(line), ..place }, message }
        }
        StreamError::TooLong(limit) => FormatError::Limit { place, what: "the text of a feature", limit: limit as u64 },
        StreamError::TooDeep(limit) => FormatError::Limit { place, what: "the nesting", limit: limit as u64 },
    }
}

enum Found {
    Features,
    Single,
}

struct LayerBuilder<'a> {
    name: Arc<str>,
    options: &'a ReadOptions,
    budget: &'a mut Budget,
    layer: Layer,
    columns: HashMap<String, usize>,
    faults: Vec<FormatError>,
    features: usize,
    /// The text was in another encoding, and what was not valid in it is U+FFFD.
    transcoded: bool,
}

impl<'a> LayerBuilder<'a> {
    fn new(name: &Arc<str>, format: FileFormat, options: &'a ReadOptions, budget: &'a mut Budget) -> Self {
        let layer = Layer {
            file: name.clone(),
            name: name.rsplit_once('.').map_or(name.as_ref(), |(stem, _)| stem).to_owned(),
            format,
            encoding: None,
            crs: Some(STANDARD_CRS.to_owned()),
            columns: Vec::new(),
            records: Vec::new(),
        };
        let (columns, faults) = (HashMap::new(), Vec::new());
        Self { name: name.clone(), options, budget, layer, columns, faults, features: 0, transcoded: false }
    }

    fn finish(self) -> Dataset {
        Dataset { layers: vec![self.layer], faults: self.faults, ..Dataset::default() }
    }

    fn refuse(&self, err: StreamError) -> FormatError {
        refuse(&self.name, err)
    }

    fn unsupported(&self, message: String) -> FormatError {
        FormatError::Unsupported { place: Place::file(&self.name), message }
    }

    /// Walks over the members of the outermost object.
    fn collection(&mut self, stream: &mut Stream<impl Read>) -> Result<Found, FormatError> {
        let (mut kind, mut found, mut first) = (None, false, true);
        let mut names = Batch::default();
        stream.expect(b'{').map_err(|err| self.refuse(err))?;
        loop {
            if stream.peek().map_err(|err| self.refuse(err))? == Some(b'}') {
                stream.expect(b'}').map_err(|err| self.refuse(err))?;
                break;
            }
            if !first {
                stream.expect(b',').map_err(|err| self.refuse(err))?;
            }
            first = false;
            names.clear();
            stream.value(&mut names).map_err(|err| self.refuse(err))?;
            stream.expect(b':').map_err(|err| self.refuse(err))?;
            let name =
                names.texts().first().map_or(String::new(), |(text, _)| String::from_utf8_lossy(text).into_owned());
            if name == "\"features\"" {
                found = true;
                self.features(stream)?;
                continue;
            }
            let value = stream.short_value(MEMBER_BYTES).map_err(|err| self.refuse(err))?;
            match (name.as_str(), value) {
                ("\"type\"", Some(value)) => kind = Some(value),
                ("\"crs\"", Some(value)) => self.layer.crs = Some(crs(&value)),
                ("\"geometryType\"" | "\"rings\"" | "\"fieldAliases\"", _) => {
                    let message = "this is Esri JSON; export the layer as GeoJSON, GeoPackage or Shapefile";
                    return Err(self.unsupported(message.to_owned()));
                }
                _ => {}
            }
        }
        if stream.peek().map_err(|err| self.refuse(err))?.is_some() {
            let err = stream.fault::<()>("the end of the file").err();
            return err.map_or(Ok(Found::Features), |err| Err(self.refuse(err)));
        }
        let kind = kind.unwrap_or_else(|| "null".to_owned());
        match kind.trim_matches('"') {
            "FeatureCollection" if found => Ok(Found::Features),
            "Topology" => Err(self.unsupported("this is TopoJSON; deliver GeoJSON".to_owned())),
            "FeatureCollection" => Err(self.syntax("the collection has no member `features`".to_owned())),
            "Feature" | "Polygon" | "MultiPolygon" | "GeometryCollection" if !found => Ok(Found::Single),
            _ => Err(self.syntax(format!("expected a FeatureCollection, found the type {kind}"))),
        }
    }

    fn syntax(&self, message: String) -> FormatError {
        FormatError::Syntax { place: Place::file(&self.name), message }
    }

    fn features(&mut self, stream: &mut Stream<impl Read>) -> Result<(), FormatError> {
        let mut batch = Batch::default();
        stream.expect(b'[').map_err(|err| self.refuse(err))?;
        let mut more = stream.peek().map_err(|err| self.refuse(err))? != Some(b']');
        while more {
            stream.value(&mut batch).map_err(|err| self.refuse(err))?;
            more = stream.peek().map_err(|err| self.refuse(err))? != Some(b']');
            if more {
                stream.expect(b',').map_err(|err| self.refuse(err))?;
            }
            if batch.is_full() {
                self.batch(&mut batch)?;
            }
        }
        stream.expect(b']').map_err(|err| self.refuse(err))?;
        self.batch(&mut batch)
    }

    /// Features one a line, or each behind a record separator (RFC 8142).
    fn sequence(&mut self, stream: &mut Stream<impl Read>) -> Result<(), FormatError> {
        let mut batch = Batch::default();
        let end = if stream.begins_with_separator().map_err(|err| self.refuse(err))? { 0x1e } else { b'\n' };
        while stream.piece(&mut batch, end).map_err(|err| self.refuse(err))? {
            if batch.is_full() {
                self.batch(&mut batch)?;
            }
        }
        self.batch(&mut batch)
    }

    fn batch(&mut self, batch: &mut Batch) -> Result<(), FormatError> {
        if batch.is_empty() {
            return Ok(());
        }
        let (sources, depth) = (self.options.keep_sources, self.budget.limits().depth);
        let texts = batch.texts();
        let parsed: Vec<_> = texts
            .par_iter()
            .map(|(bytes, _)| {
                let text = std::str::from_utf8(bytes).map_err(|_| None)?;
                if self.transcoded && text.contains('\u{fffd}') {
                    return Err(None);
                }
                feature::read(text, sources, depth).map_err(Some)
            })
            .collect();
        for ((_, line), parsed) in texts.iter().zip(parsed) {
            self.features += 1;
            let place =
                Place { file: self.name.clone(), item: Item::Feature(self.features), line: Some(*line), column: None };
            let fault = match parsed {
                Ok(feature) => {
                    self.record(feature, place)?;
                    continue;
                }
                Err(Some(message)) => FormatError::Syntax { place, message },
                Err(None) if self.transcoded => {
                    FormatError::Syntax { place, message: "a text is not valid in the encoding of the file".to_owned() }
                }
                Err(None) => FormatError::NotUtf8 { place },
            };
            self.budget.remark(fault.place())?;
            self.faults.push(fault);
        }
        batch.clear();
        Ok(())
    }

    fn record(&mut self, feature: Feature<'_>, place: Place) -> Result<(), FormatError> {
        let properties = feature.properties.0;
        let mut cells = Vec::with_capacity(properties.len().min(self.layer.columns.len()) + 1);
        let with_id = feature.id != Cell::Empty && !properties.iter().any(|(name, _)| name == "id");
        let id = with_id.then_some(("id".into(), feature.id));
        for (at, (name, cell)) in id.into_iter().chain(properties).enumerate() {
            let column = match self.layer.columns.get(at) {
                Some(column) if *column == name => at,
                _ => self.column(&name, &place)?,
            };
            if cells.len() <= column {
                cells.resize(column + 1, Cell::Empty);
            }
            cells[column] = cell;
        }
        while cells.last() == Some(&Cell::Empty) {
            cells.pop();
        }
        cells.shrink_to_fit();
        let record = SourceRecord { item: place.item, line: place.line, geometry: feature.geometry, cells };
        self.budget.record(|| place.clone(), &record)?;
        self.layer.records.push(record);
        Ok(())
    }

    fn column(&mut self, name: &str, place: &Place) -> Result<usize, FormatError> {
        if let Some(column) = self.columns.get(name) {
            return Ok(*column);
        }
        let (column, limit) = (self.layer.columns.len(), self.budget.limits().columns);
        if column >= limit {
            let (place, limit) = (place.clone(), limit as u64);
            return Err(FormatError::Limit { place, what: "the number of columns", limit });
        }
        self.columns.insert(name.to_owned(), column);
        self.layer.columns.push(name.to_owned());
        Ok(column)
    }

    /// A file that is one feature, or one geometry.
    fn single(&mut self, batch: &Batch) -> Result<(), FormatError> {
        for (bytes, line) in batch.texts() {
            let place = Place { file: self.name.clone(), item: Item::Feature(1), line: Some(line), column: None };
            let text = std::str::from_utf8(bytes).map_err(|_| FormatError::NotUtf8 { place: place.clone() })?;
            let feature = match feature::read(text, self.options.keep_sources, self.budget.limits().depth) {
                Ok(feature) => feature,
                Err(message) => {
                    let source = self.options.keep_sources.then(|| text.into());
                    let geometry = raw_geometry(text, source);
                    if !matches!(geometry, Geometry::Shape { .. }) {
                        return Err(FormatError::Syntax { place, message });
                    }
                    Feature { geometry, id: Cell::Empty, properties: Default::default() }
                }
            };
            self.record(feature, place)?;
        }
        Ok(())
    }
}

/// The reference system that the member `crs` names, or else the member as it stands, which is the name of no system: a
/// null says that nobody knows it, and a bare number is not said to be an EPSG code.
fn crs(text: &str) -> String {
    let name = |value: Value| value.pointer("/properties/name").and_then(Value::as_str).map(str::to_owned);
    serde_json::from_str(text).ok().and_then(name).unwrap_or_else(|| format!("\"crs\": {text}"))
}

#[cfg(test)]
mod tests;
