//! A delivery, one file or several, to layers: what each file is, what belongs together, and who reads it.

use std::collections::BTreeMap;
use std::io::{Cursor, SeekFrom};

use crate::formats::archive::{Archive, Unpacked};
use crate::formats::budget::Budget;
use crate::formats::sniffing::{HEAD_BYTES, Sniffed, extension, sniff, stem};
use crate::formats::text::{read_full, unreadable};
use crate::formats::{
    Bytes, Dataset, FileFormat, FormatError, InputFile, Limits, Place, ReadOptions, Skipped, SkippedKind, csv,
    encoding, flatgeobuf, geojson, geopackage, kml, shapefile, xlsx,
};

/// Longest .prj and .cpg in bytes.
const SIDE_FILE_BYTES: u64 = 64 << 10;

/// What our own Shapefiles carry beside the table: the long names of cut columns.
const FIELD_LIST: &str = "fields.csv";

/// Reads a delivery: files of any format that is known, the parts of shapefiles loose or zipped, archives of all these.
///
/// What a file is, is told by its bytes first and by its name second. Files of an archive that hold no records, such as
/// documents beside the data, are left out and remembered. Layers stand in the order of the files.
///
/// Errors: a file of no format that is known, a damaged one, a limit passed, or no record at all. What can be read around
/// is a fault of the dataset.
pub fn read(files: Vec<InputFile<'_>>, options: &ReadOptions) -> Result<Dataset, FormatError> {
    let name = files.first().map_or_else(String::new, |file| file.name.clone());
    let mut delivery = Delivery {
        options,
        unpacked: Unpacked::new(options.limits),
        budget: Budget::new(options.limits),
        dataset: Dataset::default(),
    };
    delivery.members(files, Origin::Loose)?;
    delivery.finish(&name)
}

/// Where files come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Loose,
    Archive,
}

struct Delivery<'o> {
    options: &'o ReadOptions,
    unpacked: Unpacked,
    budget: Budget,
    dataset: Dataset,
}

/// A file and what it is.
struct Member<'a> {
    file: InputFile<'a>,
    sniffed: Sniffed,
}

impl Delivery<'_> {
    fn limits(&self) -> Limits {
        self.options.limits
    }

    fn members(&mut self, files: Vec<InputFile<'_>>, origin: Origin) -> Result<(), FormatError> {
        let mut members = Vec::with_capacity(files.len());
        for mut file in files {
            let head = head(&mut file, origin, self.limits())?;
            let sniffed = sniff(&file.name, &head);
            members.push(Member { file, sniffed });
        }
        let data = members.iter().any(|member| member.sniffed.is_data());
        let (parts, singles): (Vec<_>, Vec<_>) = members.into_iter().partition(|member| member.sniffed.is_part());
        let mut groups: BTreeMap<String, Vec<Member<'_>>> = BTreeMap::new();
        for part in parts {
            groups.entry(stem(&part.file.name).to_lowercase()).or_default().push(part);
        }
        for member in singles {
            // A document in an archive of data is nobody's mistake; alone it is.
            let document = matches!(member.sniffed, Sniffed::Unsupported(_) | Sniffed::Document | Sniffed::Empty);
            let about_fields = data && member.file.name.ends_with(FIELD_LIST);
            if (document || about_fields) && origin == Origin::Archive && data {
                self.skip(&member.file.name);
                continue;
            }
            self.single(member, origin)?;
        }
        for (_, group) in groups {
            self.shapefile(group, data && origin == Origin::Archive)?;
        }
        Ok(())
    }

    fn skip(&mut self, name: &str) {
        let (place, kind) = (Place::file(name), SkippedKind::File);
        self.dataset.skipped.push(Skipped { place, kind, text: String::new() });
    }

    fn single(&mut self, Member { file, sniffed }: Member<'_>, origin: Origin) -> Result<(), FormatError> {
        let place = Place::file(&file.name);
        let format = match sniffed {
            Sniffed::Format(format) => format,
            Sniffed::Zip => return self.archive(file, origin),
            Sniffed::Empty => return Err(FormatError::Empty { place }),
            Sniffed::Unsupported(message) => {
                return Err(FormatError::Unsupported { place, message: message.to_owned() });
            }
            Sniffed::Document | Sniffed::ShapefilePart => FileFormat::Csv,
        };
        self.read(file, format)
    }

    /// Reads one file whose format is known.
    fn read(&mut self, mut file: InputFile<'_>, format: FileFormat) -> Result<(), FormatError> {
        let (options, budget) = (self.options, &mut self.budget);
        rewind(&mut file)?;
        file.name = base_name(&file.name).to_owned();
        let counted = match format {
            FileFormat::GeoJson | FileFormat::GeoJsonSeq => geojson::read_delivery(file, format, options, budget)?,
            FileFormat::Csv => csv::read_delivery(file, options, budget)?,
            FileFormat::Xlsx => xlsx::read_delivery(file, options, budget)?,
            FileFormat::GeoPackage => self.count(geopackage::read(file, options)?)?,
            FileFormat::Kml => self.count(kml::read(file, options)?)?,
            FileFormat::FlatGeobuf => self.count(flatgeobuf::read(file, options)?)?,
            // Both are archives, and those are opened before this.
            FileFormat::Kmz | FileFormat::Shapefile => return self.archive(file, Origin::Loose),
        };
        self.dataset.append(counted);
        Ok(())
    }

    /// Counts what a reader made that counts for itself only.
    fn count(&mut self, dataset: Dataset) -> Result<Dataset, FormatError> {
        for layer in &dataset.layers {
            for record in &layer.records {
                self.budget.record(|| layer.place(record), record)?;
            }
        }
        Ok(dataset)
    }

    fn shapefile(&mut self, group: Vec<Member<'_>>, beside_data: bool) -> Result<(), FormatError> {
        let limits = self.limits();
        let (mut shp, mut dbf, mut prj, mut cpg) = (None, None, None, None);
        let mut name = String::new();
        for Member { mut file, .. } in group {
            rewind(&mut file)?;
            let file_name = base_name(&file.name).to_owned();
            let slot = match extension(&file.name).as_str() {
                "shp" => &mut shp,
                "dbf" => &mut dbf,
                "prj" => &mut prj,
                "cpg" => &mut cpg,
                _ => {
                    name = if name.is_empty() { file_name } else { name };
                    continue;
                }
            };
            if slot.is_some() {
                let message = format!("there are two files of the name {file_name:?} but for capital letters");
                return Err(FormatError::Syntax { place: Place::file(&file_name), message });
            }
            *slot = Some((file_name, file.bytes));
        }
        let Some(main) = shp.as_ref().or(dbf.as_ref()).map(|(name, _)| name.clone()) else {
            let lonely = prj.or(cpg).map_or(name, |(name, _)| name);
            if beside_data {
                self.skip(&lonely);
                return Ok(());
            }
            let message =
                "this is a part of a shapefile without its .shp; deliver .shp, .shx, .dbf, .prj and .cpg together";
            return Err(FormatError::Unsupported { place: Place::file(&lonely), message: message.to_owned() });
        };
        let text = |part: Option<(String, Box<dyn Bytes + '_>)>| part.map(|part| side_file(part, limits)).transpose();
        let parts = shapefile::Parts {
            name: main,
            prj: text(prj)?,
            cpg: text(cpg)?,
            shp: shp.map(|(_, bytes)| bytes),
            dbf: dbf.map(|(_, bytes)| bytes),
        };
        let counted = self.count(shapefile::read(parts, self.options)?)?;
        self.dataset.append(counted);
        Ok(())
    }

    /// Opens an archive: a workbook, a KMZ, or files of any format in folders.
    fn archive(&mut self, mut file: InputFile<'_>, origin: Origin) -> Result<(), FormatError> {
        rewind(&mut file)?;
        let name = base_name(&file.name).to_owned();
        let mut archive = Archive::open(&name, &mut *file.bytes, &self.limits())?;
        let entries = archive.entries()?;
        let has = |wanted: &str| entries.iter().any(|entry| entry.name == wanted);
        if has("[Content_Types].xml") {
            drop(archive);
            if !has("xl/workbook.xml") && !entries.iter().any(|entry| entry.name.starts_with("xl/")) {
                let message = "this is an office document; deliver tables as .xlsx".to_owned();
                return Err(FormatError::Unsupported { place: Place::file(&name), message });
            }
            return self.read(file, FileFormat::Xlsx);
        }
        if has("mimetype") && has("content.xml") {
            let message = "this is an OpenDocument file; save it as .xlsx".to_owned();
            return Err(FormatError::Unsupported { place: Place::file(&name), message });
        }
        let is_kml = |entry: &&crate::formats::archive::Entry| extension(&entry.name) == "kml";
        if extension(&name) == "kmz" {
            let main = entries.iter().find(|entry| entry.name == "doc.kml").or_else(|| entries.iter().find(is_kml));
            let Some(main) = main else {
                let message = "there is no .kml in the archive".to_owned();
                return Err(FormatError::Syntax { place: Place::file(&name), message });
            };
            let bytes = archive.unpack(main, &mut self.unpacked)?;
            drop(archive);
            let kml = InputFile { name, bytes: Box::new(Cursor::new(bytes)) };
            let mut dataset = kml::read(kml, self.options)?;
            for layer in &mut dataset.layers {
                layer.format = FileFormat::Kmz;
            }
            let counted = self.count(dataset)?;
            self.dataset.append(counted);
            return Ok(());
        }
        if origin == Origin::Archive {
            let message = "this is an archive in an archive; unpack it and deliver the files themselves".to_owned();
            return Err(FormatError::Unsupported { place: Place::file(&name), message });
        }
        if let Some(entry) = entries.iter().find(|entry| entry.name.to_lowercase().contains(".gdb/")) {
            let message = "this is an Esri file geodatabase; export its layers as GeoPackage or Shapefile".to_owned();
            return Err(FormatError::Unsupported { place: Place::file(&entry.name), message });
        }
        if entries.is_empty() {
            return Err(FormatError::Empty { place: Place::file(&name) });
        }
        let mut files = Vec::with_capacity(entries.len());
        for entry in &entries {
            let bytes = archive.unpack(entry, &mut self.unpacked)?;
            files.push(InputFile { name: entry.name.clone(), bytes: Box::new(Cursor::new(bytes)) as Box<dyn Bytes> });
        }
        drop(archive);
        self.members(files, Origin::Archive)
    }

    fn finish(mut self, name: &str) -> Result<Dataset, FormatError> {
        let Self { dataset, options, .. } = &mut self;
        if let Some(wanted) = &options.layer {
            let names: Vec<String> = dataset.layers.iter().map(|layer| layer.name.clone()).collect();
            dataset.layers.retain(|layer| layer.name == *wanted);
            if dataset.layers.is_empty() {
                let message = format!("there is no layer {wanted:?}; there are {names:?}");
                return Err(FormatError::Unsupported { place: Place::file(name), message });
            }
        }
        if dataset.layers.iter().all(|layer| layer.records.is_empty()) && dataset.faults.is_empty() {
            return Err(FormatError::Empty { place: Place::file(name) });
        }
        Ok(self.dataset)
    }
}

/// The first bytes of a file. Errors: it is larger than allowed, or cannot be read.
fn head(file: &mut InputFile<'_>, origin: Origin, limits: Limits) -> Result<Vec<u8>, FormatError> {
    let failed = |err| unreadable(&file.name, &err);
    let size = file.bytes.seek(SeekFrom::End(0)).map_err(failed)?;
    // The size of what was unpacked is bounded already.
    if origin == Origin::Loose && size > limits.packed_bytes {
        let (place, limit) = (Place::file(&file.name), limits.packed_bytes);
        return Err(FormatError::Limit { place, what: "the packed size", limit });
    }
    file.bytes.rewind().map_err(failed)?;
    let mut head = vec![0; HEAD_BYTES];
    let length = read_full(&mut *file.bytes, &mut head).map_err(failed)?;
    head.truncate(length);
    Ok(head)
}

fn rewind(file: &mut InputFile<'_>) -> Result<(), FormatError> {
    file.bytes.rewind().map_err(|err| unreadable(&file.name, &err))
}

fn base_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// The text of a .prj or .cpg.
fn side_file((name, mut bytes): (String, Box<dyn Bytes + '_>), limits: Limits) -> Result<String, FormatError> {
    let limit = SIDE_FILE_BYTES.min(limits.packed_bytes);
    let mut text = vec![0; usize::try_from(limit).unwrap_or(usize::MAX) + 1];
    let length = read_full(&mut *bytes, &mut text).map_err(|err| unreadable(&name, &err))?;
    if length as u64 > limit {
        return Err(FormatError::Limit { place: Place::file(&name), what: "the size of the file", limit });
    }
    text.truncate(length);
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&text);
    let encoding = encoding::detect(text, None, &[]).encoding;
    Ok(encoding::decode(text, encoding)
        .map_or_else(|| String::from_utf8_lossy(text).into_owned(), |text| text.into_owned()))
}

#[cfg(test)]
mod tests;
