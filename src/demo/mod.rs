//! The seeded generator of the demonstration district.
pub mod draw;
pub mod plane;
pub mod plan;
pub mod blocks;
pub mod plots;
pub mod estates;
/// e
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// x
    #[error("street {street} has room for {found} areas only")]
    DoesNotFit {
        /// a
        street: &'static str,
        /// b
        found: usize,
    },
}
#[cfg(test)]
mod tests {
    #[test]
    fn draft() {
        let text = include_str!("../../assets/geojson/base/streets43_schematic.geojson");
        let doc: geojson::FeatureCollection = text.parse::<geojson::GeoJson>().unwrap().try_into().unwrap();
        let mut out = String::new();
        for (i, f) in doc.features.into_iter().enumerate() {
            let g: geo::Geometry = f.geometry.unwrap().try_into().unwrap();
            let mp = match g { geo::Geometry::Polygon(p) => geo::MultiPolygon::from(p), geo::Geometry::MultiPolygon(m) => m, _ => panic!() };
            let plan = &super::plan::STREETS[i];
            let mut draw = super::draw::Draw::new(20221027, i as u64 + 1, super::draw::Purpose::Ground);
            let list = super::estates::estates(&mp, plan, &mut draw);
            match list { Err(e) => eprintln!("{e}"), Ok(list) => for e in list {
                let b: geojson::GeometryValue = geojson::GeometryValue::from(&e.boundary);
                out.push_str(&format!("{}\t{}\t{}\n", plan.code, e.site_m2, geojson::Geometry::new(b)));
            } }
        }
        std::fs::write("/tmp/demo_draft.tsv", out).unwrap();
    }
}
