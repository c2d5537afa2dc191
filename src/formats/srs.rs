//! Definitions of the reference systems that files are written in, as well-known text 1.
//!
//! A shapefile and a GeoPackage must carry the definition itself. Only the systems in use in the district are known here;
//! the names and numbers are those of the EPSG data set.

use crate::formats::{FormatError, Place};

/// A reference system that can be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Srs {
    pub(super) epsg: u32,
    pub(super) name: &'static str,
    base: &'static Base,
    grid: Option<Grid>,
}

#[derive(Debug)]
struct Base {
    epsg: u32,
    name: &'static str,
    datum: &'static str,
    datum_epsg: u32,
    spheroid: &'static str,
    spheroid_epsg: u32,
    inverse_flattening: &'static str,
    esri_name: &'static str,
    esri_datum: &'static str,
    esri_spheroid: &'static str,
}

#[derive(Debug, Clone, Copy)]
struct Grid {
    esri_name: &'static str,
    kind: GridKind,
}

#[derive(Debug, Clone, Copy)]
enum GridKind {
    /// Transverse Mercator, central meridian 117° E: false easting, axes north before east.
    GaussKruger { easting: &'static str },
    /// Transverse Mercator, central meridian 117° E, scale 0.9996.
    Utm,
    /// Web Mercator.
    WebMercator,
}

static CGCS2000: Base = Base {
    epsg: 4490,
    name: "China Geodetic Coordinate System 2000",
    datum: "China_2000",
    datum_epsg: 1043,
    spheroid: "CGCS2000",
    spheroid_epsg: 1024,
    inverse_flattening: "298.257222101",
    esri_name: "GCS_China_Geodetic_Coordinate_System_2000",
    esri_datum: "D_China_2000",
    esri_spheroid: "CGCS2000",
};

static WGS84: Base = Base {
    epsg: 4326,
    name: "WGS 84",
    datum: "WGS_1984",
    datum_epsg: 6326,
    spheroid: "WGS 84",
    spheroid_epsg: 7030,
    inverse_flattening: "298.257223563",
    esri_name: "GCS_WGS_1984",
    esri_datum: "D_WGS_1984",
    esri_spheroid: "WGS_1984",
};

const fn gauss_kruger(epsg: u32, name: &'static str, esri_name: &'static str, easting: &'static str) -> Srs {
    Srs { epsg, name, base: &CGCS2000, grid: Some(Grid { esri_name, kind: GridKind::GaussKruger { easting } }) }
}

const KNOWN: [Srs; 8] = [
    Srs { epsg: 4490, name: CGCS2000.name, base: &CGCS2000, grid: None },
    Srs { epsg: 4326, name: WGS84.name, base: &WGS84, grid: None },
    gauss_kruger(4548, "CGCS2000 / 3-degree Gauss-Kruger CM 117E", "CGCS2000_3_Degree_GK_CM_117E", "500000"),
    gauss_kruger(4527, "CGCS2000 / 3-degree Gauss-Kruger zone 39", "CGCS2000_3_Degree_GK_Zone_39", "39500000"),
    gauss_kruger(4509, "CGCS2000 / Gauss-Kruger CM 117E", "CGCS2000_GK_CM_117E", "500000"),
    gauss_kruger(4498, "CGCS2000 / Gauss-Kruger zone 20", "CGCS2000_GK_Zone_20", "20500000"),
    Srs {
        epsg: 32650,
        name: "WGS 84 / UTM zone 50N",
        base: &WGS84,
        grid: Some(Grid { esri_name: "WGS_1984_UTM_Zone_50N", kind: GridKind::Utm }),
    },
    Srs {
        epsg: 3857,
        name: "WGS 84 / Pseudo-Mercator",
        base: &WGS84,
        grid: Some(Grid { esri_name: "WGS_1984_Web_Mercator_Auxiliary_Sphere", kind: GridKind::WebMercator }),
    },
];

impl Srs {
    /// Errors: a system whose definition is not known here.
    pub(super) fn of(epsg: u32, place: &Place) -> Result<Self, FormatError> {
        KNOWN.into_iter().find(|srs| srs.epsg == epsg).ok_or_else(|| {
            let known: Vec<String> = KNOWN.iter().map(|srs| srs.epsg.to_string()).collect();
            let message = format!("EPSG:{epsg} cannot be written; choose one of {}", known.join(", "));
            FormatError::Unsupported { place: place.clone(), message }
        })
    }

    /// As OGC 01-009 and the EPSG data set have it.
    pub(super) fn wkt(&self) -> String {
        let base = self.base;
        let geographic = format!(
            "GEOGCS[\"{}\",DATUM[\"{}\",SPHEROID[\"{}\",6378137,{},AUTHORITY[\"EPSG\",\"{}\"]],AUTHORITY[\"EPSG\",\"{}\"]],\
             PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],\
             UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]]",
            base.name, base.datum, base.spheroid, base.inverse_flattening, base.spheroid_epsg, base.datum_epsg
        );
        let own = base.epsg;
        let Some(grid) = self.grid else {
            return format!(
                "{geographic},AXIS[\"Latitude\",NORTH],AXIS[\"Longitude\",EAST],AUTHORITY[\"EPSG\",\"{own}\"]]"
            );
        };
        let transverse = |scale: &str, easting: &str| {
            format!(
                "PROJECTION[\"Transverse_Mercator\"],PARAMETER[\"latitude_of_origin\",0],\
                 PARAMETER[\"central_meridian\",117],PARAMETER[\"scale_factor\",{scale}],\
                 PARAMETER[\"false_easting\",{easting}],PARAMETER[\"false_northing\",0]"
            )
        };
        const NORTH_EAST: &str = "AXIS[\"Northing\",NORTH],AXIS[\"Easting\",EAST]";
        const EAST_NORTH: &str = "AXIS[\"Easting\",EAST],AXIS[\"Northing\",NORTH]";
        let (projection, axes) = match grid.kind {
            GridKind::GaussKruger { easting } => (transverse("1", easting), NORTH_EAST.to_owned()),
            GridKind::Utm => (transverse("0.9996", "500000"), EAST_NORTH.to_owned()),
            GridKind::WebMercator => (
                "PROJECTION[\"Mercator_1SP\"],PARAMETER[\"central_meridian\",0],PARAMETER[\"scale_factor\",1],\
                 PARAMETER[\"false_easting\",0],PARAMETER[\"false_northing\",0]"
                    .to_owned(),
                format!(
                    "{EAST_NORTH},EXTENSION[\"PROJ4\",\"+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 \
                     +y_0=0 +k=1 +units=m +nadgrids=@null +wktext +no_defs\"]"
                ),
            ),
        };
        format!(
            "PROJCS[\"{}\",{geographic},AUTHORITY[\"EPSG\",\"{own}\"]],{projection},\
             UNIT[\"metre\",1,AUTHORITY[\"EPSG\",\"9001\"]],{axes},AUTHORITY[\"EPSG\",\"{}\"]]",
            self.name, self.epsg
        )
    }

    /// As ArcGIS has it in a .prj.
    pub(super) fn esri_wkt(&self) -> String {
        let base = self.base;
        let geographic = format!(
            "GEOGCS[\"{}\",DATUM[\"{}\",SPHEROID[\"{}\",6378137.0,{}]],PRIMEM[\"Greenwich\",0.0],\
             UNIT[\"Degree\",0.0174532925199433]]",
            base.esri_name, base.esri_datum, base.esri_spheroid, base.inverse_flattening
        );
        let Some(grid) = self.grid else { return geographic };
        let transverse = |name: &str, scale: &str, easting: &str| {
            format!(
                "PROJECTION[\"{name}\"],PARAMETER[\"False_Easting\",{easting}.0],PARAMETER[\"False_Northing\",0.0],\
                 PARAMETER[\"Central_Meridian\",117.0],PARAMETER[\"Scale_Factor\",{scale}],\
                 PARAMETER[\"Latitude_Of_Origin\",0.0]"
            )
        };
        let projection = match grid.kind {
            GridKind::GaussKruger { easting } => transverse("Gauss_Kruger", "1.0", easting),
            GridKind::Utm => transverse("Transverse_Mercator", "0.9996", "500000"),
            GridKind::WebMercator => "PROJECTION[\"Mercator_Auxiliary_Sphere\"],PARAMETER[\"False_Easting\",0.0],\
                 PARAMETER[\"False_Northing\",0.0],PARAMETER[\"Central_Meridian\",0.0],\
                 PARAMETER[\"Standard_Parallel_1\",0.0],PARAMETER[\"Auxiliary_Sphere_Type\",0.0]"
                .to_owned(),
        };
        format!("PROJCS[\"{}\",{geographic},{projection},UNIT[\"Meter\",1.0]]", grid.esri_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_survey_grid_is_defined_as_arcgis_and_epsg_have_it() {
        let srs = Srs::of(4548, &Place::file("a")).unwrap();
        assert_eq!(
            srs.esri_wkt(),
            "PROJCS[\"CGCS2000_3_Degree_GK_CM_117E\",GEOGCS[\"GCS_China_Geodetic_Coordinate_System_2000\",\
             DATUM[\"D_China_2000\",SPHEROID[\"CGCS2000\",6378137.0,298.257222101]],PRIMEM[\"Greenwich\",0.0],\
             UNIT[\"Degree\",0.0174532925199433]],PROJECTION[\"Gauss_Kruger\"],PARAMETER[\"False_Easting\",500000.0],\
             PARAMETER[\"False_Northing\",0.0],PARAMETER[\"Central_Meridian\",117.0],PARAMETER[\"Scale_Factor\",1.0],\
             PARAMETER[\"Latitude_Of_Origin\",0.0],UNIT[\"Meter\",1.0]]"
        );
        assert!(srs.wkt().ends_with("AXIS[\"Northing\",NORTH],AXIS[\"Easting\",EAST],AUTHORITY[\"EPSG\",\"4548\"]]"));
    }

    #[test]
    fn brackets_close_and_an_unknown_system_is_refused() {
        for srs in KNOWN {
            for text in [srs.wkt(), srs.esri_wkt()] {
                assert_eq!(text.matches('[').count(), text.matches(']').count(), "{text}");
                assert!(text.matches('"').count().is_multiple_of(2) && !text.contains("  "), "{text}");
            }
        }
        assert!(Srs::of(2437, &Place::file("a")).unwrap_err().to_string().contains("4548"));
    }
}
