//! PROJ behind a face that may cross threads.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use geo::Coord;
use proj::{Proj, ProjCreateError};

/// What leads from degrees on our datum, lng lat, to the numbers of a system, x east, y north.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Engine {
    /// Nothing: the numbers are degrees.
    Degrees,
    /// Pipeline steps from radians. They need no database.
    Steps(Arc<str>),
    /// A code or WKT that PROJ looks up.
    Known(Arc<str>),
}

/// Which way an engine is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    FromDegrees,
    ToDegrees,
}

/// Objects kept a thread; real work uses a handful.
const CACHE_MAX: usize = 64;

thread_local! {
    /// `Proj` may not cross threads and costs milliseconds to make, so each thread keeps its own.
    static CACHE: RefCell<HashMap<Engine, Rc<Proj>>> = RefCell::new(HashMap::new());
}

impl Engine {
    pub(crate) fn steps(steps: &str) -> Self {
        Self::Steps(steps.into())
    }

    /// The object of this thread, `None` for degrees.
    pub(crate) fn object(&self) -> Result<Option<Rc<Proj>>, ProjCreateError> {
        if *self == Self::Degrees {
            return Ok(None);
        }
        CACHE.with_borrow_mut(|cache| {
            if let Some(object) = cache.get(self) {
                return Ok(Some(Rc::clone(object)));
            }
            let object = Rc::new(self.create()?);
            if cache.len() >= CACHE_MAX {
                cache.clear();
            }
            cache.insert(self.clone(), Rc::clone(&object));
            Ok(Some(object))
        })
    }

    fn create(&self) -> Result<Proj, ProjCreateError> {
        match self {
            Self::Degrees => Proj::new("+proj=noop"),
            Self::Steps(steps) => {
                Proj::new(&format!("+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad {steps}"))
            }
            // The binding then puts longitude and east first, whatever the registry says.
            Self::Known(text) => Proj::new_known_crs("EPSG:4326", text, None),
        }
    }
}

/// One point through an object; `None` when PROJ has no finite answer.
pub(crate) fn run(object: Option<&Proj>, point: Coord, direction: Direction) -> Option<Coord> {
    let Some(object) = object else { return Some(point) };
    let (x, y) = object.project((point.x, point.y), direction == Direction::ToDegrees).ok()?;
    (x.is_finite() && y.is_finite()).then_some(Coord { x, y })
}
