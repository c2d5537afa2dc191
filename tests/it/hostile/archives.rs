//! Archives and KML.

use std::io::{Cursor, Write as _};

use onemap::formats::FileFormat;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::hostile::valid::valid;
use crate::hostile::{Answer, Case, Expected, Finding, Refusal, Rows};

/// An archive with these files, packed.
pub(super) fn packed<'a>(entries: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An archive within an archive, that many times.
fn nested(times: usize) -> Vec<u8> {
    (0..times).fold(packed([("a.csv", b"name\nx\n".to_vec())]), |inner, _| packed([("a.zip", inner)]))
}

/// An archive with one file of that many zeros, which are written piece by piece.
fn zeros(name: &str, mebibytes: usize) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    for _ in 0..mebibytes {
        zip.write_all(&vec![b'0'; 1 << 20]).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn archives() -> Vec<Case> {
    let zip = |what: &str, bytes: Vec<u8>, expected: Expected| Case::new(what, "a.zip", bytes, expected);
    let good = valid(FileFormat::GeoJson);
    let mut link = ZipWriter::new(Cursor::new(Vec::new()));
    link.add_symlink("a.geojson", "../../secret", SimpleFileOptions::default()).unwrap();
    let mut locked = packed([("a.geojson", good.clone())]);
    // Bit 0 of the flags, at 6 in the local header and at 8 in the central one.
    let central = locked.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    locked[6] |= 1;
    locked[central + 8] |= 1;
    let names: Vec<String> = (0..10_000).map(|number| format!("{number}.csv")).collect();
    let many = packed(names.iter().map(|name| (name.as_str(), Vec::new())));
    let mut lying = packed([("a.geojson", good.clone())]);
    let central = lying.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    lying[central + 24..central + 28].copy_from_slice(&u32::MAX.to_le_bytes()[..4]);
    let mut counted = packed([("a.geojson", good.clone())]);
    let end = counted.len() - 22;
    counted[end + 8..end + 12].copy_from_slice(&[0xfe, 0xff, 0xfe, 0xff]);
    let twice = {
        let mut bytes = packed([("a.geojson", good.clone()), ("b.geojson", good.clone())]);
        for at in 0..bytes.len() - 9 {
            if &bytes[at..at + 9] == b"b.geojson" {
                bytes[at] = b'a';
            }
        }
        bytes
    };
    vec![
        zip("names that climb out of the folder", packed([("../../../a.geojson", good.clone())]), Rows(3)),
        zip("names from the root", packed([("/etc/a.geojson", good.clone())]), Rows(3)),
        zip("names with a device and the wrong slash", packed([("..\\..\\CON\\a.geojson", good.clone())]), Rows(3)),
        zip("a link", link.finish().unwrap().into_inner(), Refusal("is a link")),
        zip("a locked archive", locked, Refusal("encrypted")),
        zip("archives in one another", nested(3), Refusal("")),
        zip("archives in one another, a thousand deep", nested(1000), Refusal("")),
        zip("10,000 entries", many, Refusal("number of entries")),
        zip("256 MiB of zeros", zeros("a.csv", 256), Refusal("limit")),
        zip("zeros as a KML", zeros("doc.kml", 64), Refusal("")),
        zip("a header that lies about the size", lying, Answer),
        zip("an end that lies about the number of entries", counted, Refusal("")),
        zip("a name twice", twice, Refusal("there twice")),
        zip("an archive without a file", packed([]), Refusal("")),
        zip(
            "an archive with remarks only",
            packed([("readme.txt", b"hello".to_vec()), ("a.pdf", b"%PDF".to_vec())]),
            Refusal(""),
        ),
    ]
}

const KML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

fn placemark(coordinates: &str) -> String {
    format!(
        "<Placemark><name>甲</name><Polygon><outerBoundaryIs><LinearRing><coordinates>{coordinates}</coordinates>\
         </LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )
}

fn documents() -> Vec<Case> {
    let kml = |what: &str, head: &str, body: &str, expected: Expected| {
        let text = format!("{KML}{head}<kml xmlns=\"http://www.opengis.net/kml/2.2\">{body}</kml>");
        Case::new(what, "a.kml", text, expected)
    };
    let good = placemark("116.45,39.92 116.46,39.92 116.46,39.93 116.45,39.93 116.45,39.92");
    let laughs: String =
        (1..12).map(|number| format!("<!ENTITY e{number} \"{}\">", format!("&e{};", number - 1).repeat(10))).collect();
    let bomb = format!("<!DOCTYPE kml [<!ENTITY e0 \"ha\">{laughs}]>");
    let outside = "<!DOCTYPE kml [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>";
    let deep = |open: &str, close: &str| format!("{}{good}{}", open.repeat(100_000), close.repeat(100_000));
    vec![
        kml("a KML as it should be", "", &good, Rows(1)),
        kml("100,000 folders in one another", "", &deep("<Folder>", "</Folder>"), Refusal("limit")),
        kml("100,000 unknown elements in one another", "", &deep("<x>", "</x>"), Refusal("limit")),
        kml(
            "100,000 geometries in one another",
            "",
            &format!("<Placemark>{}</Placemark>", "<MultiGeometry>".repeat(100_000)),
            Refusal(""),
        ),
        kml("entities that grow", &bomb, &good.replace('甲', "&e11;"), Refusal("")),
        kml("an entity from a file", outside, &good.replace('甲', "&x;"), Refusal("")),
        kml("an unknown entity", "", &good.replace('甲', "&nbsp;"), Answer),
        kml("elements that do not end", "", "<Document><Placemark><name>甲", Refusal("")),
        kml("elements that cross", "", "<Document><Folder></Document></Folder>", Refusal("")),
        kml("a name of 16 MiB", "", &good.replace("甲", &"甲".repeat(5 << 20)), Refusal("limit")),
        kml("an element of 16 MiB", "", &format!("<{}/>", "a".repeat(16 << 20)), Refusal("")),
        kml(
            "200,000 attributes",
            "",
            &format!("<Folder {}/>", (0..200_000).map(|n| format!("a{n}='1' ")).collect::<String>()),
            Answer,
        ),
        kml("coordinates without commas", "", &placemark("116.45 39.92 116.46 39.92"), Finding("unreadable-geometry")),
        kml("coordinates as words", "", &placemark("a,b c,d e,f a,b"), Finding("unreadable-geometry")),
        kml("coordinates without a number", "", &placemark(""), Finding("unreadable-geometry")),
        kml(
            "links to elsewhere",
            "",
            "<NetworkLink><Link><href>http://localhost:1/a.kml</href></Link></NetworkLink>",
            Answer,
        ),
        Case::new("a KMZ of a bomb", "a.kmz", zeros("doc.kml", 128), Refusal("")),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    [archives(), documents()].into_iter().flatten().collect()
}
