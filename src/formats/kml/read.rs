//! Placemarks out of the stream of events. What is open lies on a stack of our own with a limit, nothing recurses.

use std::collections::HashSet;
use std::sync::Arc;

use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::formats::budget::{Budget, geometry_text_limit};
use crate::formats::intake::{check_cell, check_columns, stem, syntax, too_many_vertices, unique_names};
use crate::formats::kml::events::Events;
use crate::formats::kml::geometry::{Builder, Owner};
use crate::formats::kml::place::{Columns, Field, Placemark};
use crate::formats::{
    Cell, Dataset, FileFormat, FormatError, InputFile, Item, Layer, Place, ReadOptions, SourceRecord,
};

/// Elements of a placemark that are values of it.
const OWN_VALUES: [&str; 4] = ["name", "description", "address", "phoneNumber"];

const CRS: &str = "OGC:CRS84";

/// Reads the placemarks of all folders as one layer. Every value is a text; the first column is `folder`, the names of the
/// folders around a placemark but the outermost, when placemarks lie in more than one.
///
/// Links (`NetworkLink`) are not followed. A geometry of outlines and other pieces is read as its outlines. Where the text
/// is not in the encoding that the file states, it is found out as for other files.
///
/// Errors: no KML, a document type definition, an entity other than the five of XML, or a limit passed. Faults: a file that
/// breaks off (what stands before is read), links, and geometries of several kinds.
pub fn read(file: InputFile<'_>, options: &ReadOptions) -> Result<Dataset, FormatError> {
    let place = Place::file(&file.name);
    let name = stem(&file.name, &[".kml", ".kmz"]).to_owned();
    if options.layer.as_ref().is_some_and(|layer| *layer != name) {
        return Ok(Dataset::default());
    }
    let mut events = Events::open(file, options)?;
    let mut parser = Parser::new(place.clone(), options);
    let mut buffer = Vec::new();
    loop {
        match events.next(&mut buffer) {
            Ok(Event::Eof) => break,
            Ok(event) => {
                parser.line = events.line();
                parser.event(event)?;
            }
            Err(limit @ FormatError::Limit { .. }) => return Err(limit),
            Err(fault) if parser.records.is_empty() => return Err(fault),
            // What comes after cannot be told any more.
            Err(fault) => {
                parser.faults.push(fault);
                parser.stack.clear();
                break;
            }
        }
    }
    let encoding = Some(events.encoding.name());
    parser.finish(place, name, encoding)
}

/// An open element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Root,
    Container,
    Placemark,
    Extended,
    Data,
    Multi,
    Polygon,
    Outer,
    Inner,
    Ring,
    Line,
    Point,
    /// Its text is wanted.
    Text(Wanted),
    Other,
}

/// What a text is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    FolderName,
    Own(&'static str),
    Data,
    Coordinates(Owner),
}

struct Parser<'a> {
    options: &'a ReadOptions,
    place: Place,
    budget: Budget,
    /// Line that the event ends in.
    line: u64,
    stack: Vec<Node>,
    folders: Vec<String>,
    paths: HashSet<String>,
    placemark: Option<Placemark>,
    text: String,
    columns: Columns,
    records: Vec<SourceRecord>,
    placemarks: usize,
    has_root: bool,
    has_link: bool,
    faults: Vec<FormatError>,
}

impl<'a> Parser<'a> {
    fn new(place: Place, options: &'a ReadOptions) -> Self {
        Self {
            options,
            place,
            budget: Budget::new(options.limits),
            line: 1,
            stack: Vec::new(),
            folders: Vec::new(),
            paths: HashSet::new(),
            placemark: None,
            text: String::new(),
            columns: Columns::new(),
            records: Vec::new(),
            placemarks: 0,
            has_root: false,
            has_link: false,
            faults: Vec::new(),
        }
    }

    fn event(&mut self, event: Event<'_>) -> Result<(), FormatError> {
        match event {
            Event::Start(start) => {
                self.start(&start)?;
                self.keep(&["<", &start, ">"])
            }
            Event::Empty(start) => {
                self.start(&start)?;
                self.keep(&["<", &start, "/>"])?;
                self.end()
            }
            Event::End(end) => {
                self.keep(&["</", &end, ">"])?;
                self.end()
            }
            Event::Text(text) => {
                self.keep(&[&text])?;
                self.take_text(&text)
            }
            Event::CData(text) => {
                self.keep(&["<![CDATA[", &text, "]]>"])?;
                self.take_text(&text)
            }
            Event::GeneralRef(name) => {
                self.keep(&["&", &name, ";"])?;
                self.reference(&name)
            }
            Event::Comment(text) => self.keep(&["<!--", &text, "-->"]),
            Event::PI(text) => self.keep(&["<?", &text, "?>"]),
            Event::DocType(_) => {
                let message = "a document type definition (DOCTYPE) is not accepted; deliver the file without it";
                Err(syntax(&self.here(), message))
            }
            Event::Decl(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), FormatError> {
        if self.stack.len() >= self.options.limits.depth {
            let limit = self.options.limits.depth as u64;
            return Err(FormatError::Limit { place: self.here(), what: "the nesting of elements", limit });
        }
        let local = start.local_name();
        let node = self.node(local.as_ref(), start)?;
        if matches!(node, Node::Text(_)) {
            self.text.clear();
        }
        self.stack.push(node);
        Ok(())
    }

    fn node(&mut self, name: &str, start: &BytesStart<'_>) -> Result<Node, FormatError> {
        let parent = self.stack.last().copied();
        let node = match (parent, name) {
            (None, "kml" | "Document" | "Folder" | "Placemark") if !self.has_root => {
                self.has_root = true;
                match name {
                    "kml" => Node::Root,
                    "Placemark" => self.open_placemark(),
                    _ => self.open_folder(),
                }
            }
            (None, other) => {
                let message = format!("the outermost element is {other:?}, so this is no KML");
                return Err(FormatError::Unsupported { place: self.place.clone(), message });
            }
            (Some(Node::Root | Node::Container), "Document" | "Folder") => self.open_folder(),
            (Some(Node::Root | Node::Container), "Placemark") => self.open_placemark(),
            (Some(Node::Root | Node::Container), "NetworkLink") => {
                if !std::mem::replace(&mut self.has_link, true) {
                    let message = "the file links to another one (NetworkLink), which is not fetched; deliver that one";
                    self.faults.push(syntax(&self.here(), message));
                }
                Node::Other
            }
            (Some(Node::Container), "name") => Node::Text(Wanted::FolderName),
            (Some(Node::Placemark), "ExtendedData") => Node::Extended,
            (Some(Node::Extended), "SchemaData") => Node::Extended,
            (Some(Node::Extended), "Data") => {
                self.open_data(start)?;
                Node::Data
            }
            (Some(Node::Extended), "SimpleData") => {
                self.open_data(start)?;
                Node::Text(Wanted::Data)
            }
            (Some(Node::Data), "value") => Node::Text(Wanted::Data),
            (Some(Node::Placemark), other) => match OWN_VALUES.into_iter().find(|own| *own == other) {
                Some(own) => Node::Text(Wanted::Own(own)),
                None => self.geometry(other),
            },
            (Some(Node::Multi), other) => self.geometry(other),
            (Some(Node::Polygon), "outerBoundaryIs") => Node::Outer,
            (Some(Node::Polygon), "innerBoundaryIs") => Node::Inner,
            (Some(Node::Outer | Node::Inner), "LinearRing") => Node::Ring,
            (Some(Node::Point), "coordinates") => Node::Text(Wanted::Coordinates(Owner::Point)),
            (Some(Node::Line), "coordinates") => Node::Text(Wanted::Coordinates(Owner::Line)),
            (Some(Node::Ring), "coordinates") => {
                let is_outer = self.stack.iter().rev().nth(1) == Some(&Node::Outer);
                Node::Text(Wanted::Coordinates(if is_outer { Owner::Outer } else { Owner::Inner }))
            }
            _ => Node::Other,
        };
        Ok(node)
    }

    fn open_folder(&mut self) -> Node {
        self.folders.push(String::new());
        Node::Container
    }

    fn open_placemark(&mut self) -> Node {
        self.placemarks += 1;
        self.placemark = Some(Placemark { line: self.line, ..Placemark::default() });
        Node::Placemark
    }

    /// Opens the geometry with its outermost element.
    fn geometry(&mut self, name: &str) -> Node {
        let node = match name {
            "Polygon" => Node::Polygon,
            "MultiGeometry" => Node::Multi,
            "Point" => Node::Point,
            "LineString" | "LinearRing" => Node::Line,
            "Model" | "Track" | "MultiTrack" => Node::Other,
            _ => return Node::Other,
        };
        if let Some(placemark) = &mut self.placemark {
            if self.stack.last() == Some(&Node::Placemark) {
                if placemark.geometry.is_some() {
                    placemark.has_more = true;
                    return Node::Other;
                }
                placemark.building = Some(Builder::default());
            }
            if let (Node::Other, Some(building)) = (node, &mut placemark.building) {
                building.unreadable(format!("it is a {name}, which is not read; deliver outlines"));
            }
        }
        node
    }

    fn open_data(&mut self, start: &BytesStart<'_>) -> Result<(), FormatError> {
        // Without the check for names that occur twice, which is slow for very many.
        let mut attributes = start.attributes();
        let mut attributes = attributes.with_checks(false).flatten();
        let raw = attributes.find(|attribute| attribute.key.as_ref() == "name").map(|attribute| attribute.value);
        let name = quick_xml::escape::unescape(raw.as_deref().unwrap_or_default())
            .map_err(|_| syntax(&self.here(), "the name of a value has an entity that is not one of the five of XML"))?
            .trim()
            .to_owned();
        check_cell(&self.here(), name.len(), &self.options.limits)?;
        if let Some(placemark) = &mut self.placemark {
            placemark.data = name;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), FormatError> {
        match self.stack.pop() {
            Some(Node::Text(wanted)) => self.take_value(wanted)?,
            Some(Node::Polygon) => {
                if let Some(building) = self.placemark.as_mut().and_then(|placemark| placemark.building.as_mut()) {
                    building.polygon();
                }
            }
            Some(Node::Container) => {
                self.folders.pop();
            }
            Some(Node::Placemark) => return self.close_placemark(),
            _ => {}
        }
        if self.stack.last() == Some(&Node::Placemark)
            && let Some(placemark) = &mut self.placemark
            && let Some(building) = placemark.building.take()
        {
            let (geometry, mixed) = building.finish(self.options.keep_sources);
            placemark.geometry = Some(geometry);
            placemark.has_more |= mixed;
        }
        Ok(())
    }

    fn take_value(&mut self, wanted: Wanted) -> Result<(), FormatError> {
        let text = std::mem::take(&mut self.text);
        let here = self.here();
        match (wanted, &mut self.placemark) {
            (Wanted::FolderName, _) => {
                if let Some(folder) = self.folders.last_mut() {
                    *folder = text.trim().to_owned();
                }
            }
            (Wanted::Coordinates(owner), Some(Placemark { building: Some(building), .. })) => {
                let limits = &self.options.limits;
                building.coordinates(&text, owner, limits.vertices).map_err(|_| too_many_vertices(&here, limits))?;
            }
            (Wanted::Own(name), Some(placemark)) => {
                placemark.set(self.columns.number(Field::Own(name.to_owned())), &text);
            }
            (Wanted::Data, Some(placemark)) => {
                let field = Field::Data(std::mem::take(&mut placemark.data));
                placemark.set(self.columns.number(field), &text);
                check_columns(&here, self.columns.len(), &self.options.limits)?;
            }
            _ => {}
        }
        self.text = text;
        Ok(())
    }

    fn close_placemark(&mut self) -> Result<(), FormatError> {
        let Some(mut placemark) = self.placemark.take() else { return Ok(()) };
        let path = self.folders.iter().skip(1).filter(|name| !name.is_empty()).map(String::as_str);
        let path = path.collect::<Vec<_>>().join("/");
        placemark.set(self.columns.number(Field::Folder), &path);
        if self.paths.len() < 2 {
            self.paths.insert(path);
        }
        let (item, line) = (Item::Feature(self.placemarks), Some(placemark.line));
        let place = Place { item, line, ..self.place.clone() };
        if placemark.has_more {
            let message = "the geometry has pieces of several kinds; only the outlines, or the lines, are read";
            self.faults.push(syntax(&place, message));
        }
        let replaced = |cell: &Cell| matches!(cell, Cell::Text(text) if text.contains('\u{fffd}'));
        if placemark.cells.iter().any(replaced) {
            self.faults.push(syntax(&place, "a text is not in the encoding of the file"));
        }
        placemark.cells.shrink_to_fit();
        let geometry = placemark.geometry.unwrap_or_default();
        let record = SourceRecord { item, line, geometry, cells: placemark.cells };
        self.budget.record(|| place.clone(), &record)?;
        self.records.push(record);
        Ok(())
    }

    fn take_text(&mut self, text: &str) -> Result<(), FormatError> {
        let wanted = self.stack.iter().rev().find(|node| **node != Node::Other);
        let Some(Node::Text(wanted)) = wanted else {
            return Ok(());
        };
        let limits = &self.options.limits;
        match wanted {
            Wanted::Coordinates(_) if self.text.len() + text.len() > geometry_text_limit(limits) => {
                return Err(too_many_vertices(&self.here(), limits));
            }
            Wanted::Coordinates(_) => {}
            _ => check_cell(&self.here(), self.text.len() + text.len(), limits)?,
        }
        self.text.push_str(text);
        Ok(())
    }

    fn reference(&mut self, name: &BytesRef<'_>) -> Result<(), FormatError> {
        let character = match &**name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => name.resolve_char_ref().ok().flatten(),
        };
        match character {
            Some(character) => self.take_text(character.encode_utf8(&mut [0; 4])),
            None => {
                let message =
                    "an entity that is not one of the five of XML is not accepted; deliver the file without it";
                Err(syntax(&self.here(), message))
            }
        }
    }

    /// Adds to the source of the geometry that is open.
    fn keep(&mut self, pieces: &[&str]) -> Result<(), FormatError> {
        if !self.options.keep_sources {
            return Ok(());
        }
        let limit = geometry_text_limit(&self.options.limits);
        if let Some(Placemark { building: Some(building), .. }) = &mut self.placemark {
            building.source.extend(pieces.iter().copied());
            if building.source.len() > limit {
                let limit = limit as u64;
                return Err(FormatError::Limit { place: self.here(), what: "the text of a geometry", limit });
            }
        }
        Ok(())
    }

    fn here(&self) -> Place {
        let item = if self.placemark.is_some() { Item::Feature(self.placemarks) } else { Item::File };
        Place { item, ..self.place.clone() }
    }

    fn finish(mut self, place: Place, name: String, encoding: Option<&'static str>) -> Result<Dataset, FormatError> {
        if !self.has_root {
            return Err(syntax(&place, "this is no KML: it has no elements"));
        }
        if !self.stack.is_empty() {
            self.faults
                .push(syntax(&place, "the file ends in the middle; it was cut off on its way, deliver it again"));
        }
        let mut names = self.columns.into_names();
        if self.paths.len() < 2 {
            names.remove(0);
            for record in self.records.iter_mut().filter(|record| !record.cells.is_empty()) {
                record.cells.remove(0);
            }
        }
        let layer = Layer {
            file: Arc::clone(&place.file),
            name,
            format: FileFormat::Kml,
            encoding,
            crs: Some(CRS.to_owned()),
            columns: unique_names(names),
            records: self.records,
        };
        Ok(Dataset { layers: vec![layer], faults: self.faults, ..Dataset::default() })
    }
}
