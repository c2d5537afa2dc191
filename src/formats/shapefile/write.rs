//! A shapefile as a ZIP archive of its parts.

use encoding_rs::UTF_8;
use geo::{BoundingRect as _, Coord, LineString, MultiPolygon, Rect};

use crate::formats::archive::{file_stem, pack};
use crate::formats::columns::kinds;
use crate::formats::shapefile::table::{Layout, encoding_for, short_names};
use crate::formats::srs::Srs;
use crate::formats::{Export, ExportRow, FormatError, Place};

const FILE_CODE: i32 = 9994;
const VERSION: i32 = 1000;
const NULL_SHAPE: i32 = 0;
const POLYGON: i32 = 5;
const HEAD_BYTES: usize = 100;

/// Writes a ZIP archive with `.shp`, `.shx`, `.dbf`, `.prj`, `.cpg`, and `fields.csv`, which lists the short and the long
/// name of every column and the number of its texts that are longer than the 254 bytes a field can hold, and are cut; and
/// `about.txt` where something is to be said of the whole.
///
/// Texts are GBK where it can hold all of them, else UTF-8. Outlines turn clockwise and holes the other way, each from its
/// own first position. Rows without a boundary have a null shape; the same data give the same bytes.
///
/// Errors: a reference system whose definition is not known, or more than a shapefile can hold (2 GiB, 65535 bytes a row).
pub fn write(export: Export<'_>) -> Result<Vec<u8>, FormatError> {
    let place = Place::file(export.name);
    let srs = Srs::of(export.crs_epsg, &place)?;
    let rows: Vec<ExportRow> = export.rows.collect();
    let encoding = encoding_for(export.columns, &rows);
    let names = short_names(export.columns, encoding);
    let layout = Layout::new(&names, &kinds(export.columns.len(), &rows), &rows, encoding);
    let (shp, shx) = shapes(&place, &rows)?;
    let dbf = layout.write(&place, &rows)?;
    drop(rows);

    let mut fields = "short,long,cut_texts\r\n".to_owned();
    for ((short, long), cut) in names.iter().zip(export.columns).zip(&layout.cut_texts) {
        let short = encoding.decode_without_bom_handling(short).0;
        fields.push_str(&format!("{},{},{cut}\r\n", quoted(&short), quoted(long)));
    }
    let cpg = if encoding == UTF_8 { "UTF-8" } else { "GBK" };
    let stem = file_stem(export.name);
    let about =
        (!export.about.is_empty()).then(|| ("about.txt".to_owned(), format!("{}\r\n", export.about).into_bytes()));
    let members = [
        (format!("{stem}.shp"), shp),
        (format!("{stem}.shx"), shx),
        (format!("{stem}.dbf"), dbf),
        (format!("{stem}.prj"), srs.esri_wkt().into_bytes()),
        (format!("{stem}.cpg"), cpg.as_bytes().to_vec()),
        ("fields.csv".to_owned(), [b"\xEF\xBB\xBF", fields.as_bytes()].concat()),
    ];
    pack(&place, members.into_iter().chain(about))
}

fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// The .shp and its index.
fn shapes(place: &Place, rows: &[ExportRow]) -> Result<(Vec<u8>, Vec<u8>), FormatError> {
    let mut shp = vec![0; HEAD_BYTES];
    let mut shx = vec![0; HEAD_BYTES];
    let mut extent: Option<Rect> = None;
    for (number, row) in (1i32..).zip(rows) {
        let start = shp.len();
        shp.extend(number.to_be_bytes());
        shp.extend([0; 4]);
        match row.boundary.as_ref().filter(|boundary| !boundary.0.is_empty()) {
            Some(boundary) => {
                let envelope = boundary.bounding_rect();
                extent = joined(extent, envelope);
                polygon(boundary, envelope, &mut shp);
            }
            None => shp.extend(NULL_SHAPE.to_le_bytes()),
        }
        let words = words(place, shp.len() - start - 8)?;
        shp[start + 4..start + 8].copy_from_slice(&words);
        shx.extend(self::words(place, start)?);
        shx.extend(words);
    }
    for file in [&mut shp, &mut shx] {
        let length = words(place, file.len())?;
        head(extent, length, &mut file[..HEAD_BYTES]);
    }
    Ok((shp, shx))
}

/// A length as the format counts it, in words of two bytes, most significant byte first.
fn words(place: &Place, bytes: usize) -> Result<[u8; 4], FormatError> {
    let words = i32::try_from(bytes / 2).ok().filter(|_| i32::try_from(bytes).is_ok());
    words.map(i32::to_be_bytes).ok_or_else(|| FormatError::Unsupported {
        place: place.clone(),
        message: "a shapefile cannot be larger than 2 GiB; choose a GeoPackage".to_owned(),
    })
}

fn head(extent: Option<Rect>, length: [u8; 4], head: &mut [u8]) {
    head[..4].copy_from_slice(&FILE_CODE.to_be_bytes());
    head[24..28].copy_from_slice(&length);
    head[28..32].copy_from_slice(&VERSION.to_le_bytes());
    head[32..36].copy_from_slice(&POLYGON.to_le_bytes());
    let bounds = extent.map_or([0.0; 4], bounds);
    for (bound, bytes) in bounds.iter().zip(head[36..68].chunks_exact_mut(8)) {
        bytes.copy_from_slice(&bound.to_le_bytes());
    }
}

fn polygon(boundary: &MultiPolygon, envelope: Option<Rect>, shp: &mut Vec<u8>) {
    let rings = || {
        boundary.iter().flat_map(|polygon| {
            let holes = polygon.interiors().iter().map(|hole| (hole, false));
            std::iter::once((polygon.exterior(), true)).chain(holes)
        })
    };
    shp.extend(POLYGON.to_le_bytes());
    envelope.map_or([0.0; 4], bounds).iter().for_each(|bound| shp.extend(bound.to_le_bytes()));
    // The lengths are checked against the largest file later on.
    let count = |count: usize| (count as i32).to_le_bytes();
    shp.extend(count(rings().count()));
    shp.extend(count(rings().map(|(ring, _)| ring.0.len()).sum()));
    let mut start = 0;
    for (ring, _) in rings() {
        shp.extend(count(start));
        start += ring.0.len();
    }
    for (ring, clockwise) in rings() {
        let turned = is_clockwise(ring) != clockwise;
        let mut put = |position: &Coord| {
            shp.extend(position.x.to_le_bytes());
            shp.extend(position.y.to_le_bytes());
        };
        if turned { ring.0.iter().rev().for_each(&mut put) } else { ring.0.iter().for_each(&mut put) }
    }
}

fn is_clockwise(ring: &LineString) -> bool {
    let Some(first) = ring.0.first() else { return true };
    let cross =
        |pair: &[Coord]| (pair[0].x - first.x) * (pair[1].y - first.y) - (pair[1].x - first.x) * (pair[0].y - first.y);
    ring.0.windows(2).map(cross).sum::<f64>() < 0.0
}

fn joined(a: Option<Rect>, b: Option<Rect>) -> Option<Rect> {
    let (Some(one), Some(other)) = (a, b) else { return a.or(b) };
    let min = (one.min().x.min(other.min().x), one.min().y.min(other.min().y));
    let max = (one.max().x.max(other.max().x), one.max().y.max(other.max().y));
    Some(Rect::new(min, max))
}

fn bounds(rect: Rect) -> [f64; 4] {
    [rect.min().x, rect.min().y, rect.max().x, rect.max().y]
}
