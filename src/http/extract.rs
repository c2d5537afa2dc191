//! Own extractors, so that a refused parameter has the shape of every other error.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use geo::{Coord, Rect};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::app::{Error, Snapshot};
use crate::auth::Actor;
use crate::http::client::{Client, FORWARDED_PROTO};
use crate::http::clocks::Clocks;
use crate::http::site::View;
use crate::http::{Problem, Site};
use crate::model::StreetCode;

/// Query parameters. `T` must deny unknown fields: an unknown parameter is 400.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Query::<T>::try_from_uri(&parts.uri)
            .map(|Query(params)| Self(params))
            .map_err(|rejection| Problem::bad_parameter(rejection.body_text()))
    }
}

/// The state of the register that is asked for by `datetime` and `known`, and the other query parameters.
///
/// A past state is built off the async threads. `T` must deny unknown fields, as for [`Params`].
pub struct Asked<T>(pub View, pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Site> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Problem> {
        let (clocks, params) = split_clocks(parts.uri.query().unwrap_or_default())?;
        let actor = Actor::from_request_parts(parts, site).await?;
        let client = parts.extensions.get::<Client>().map(|client| client.key());
        Ok(Self(site.view(clocks, client).await?.told_to(&actor), params))
    }
}

/// Takes the clocks out of a query and reads the rest of it.
fn split_clocks<T: DeserializeOwned>(query: &str) -> Result<(Clocks, T), Problem> {
    let mut clocks = [("datetime", None), ("known", None)];
    let mut rest = Vec::new();
    for part in query.split('&') {
        let pair = form_urlencoded::parse(part.as_bytes()).next();
        let clock = pair.and_then(|(name, value)| Some((clocks.iter_mut().find(|clock| clock.0 == name)?, value)));
        match clock {
            None => rest.push(part),
            Some(((name, text), value)) => {
                if text.replace(value.into_owned()).is_some() {
                    return Err(Problem::bad_parameter(format!("{name} is given twice")));
                }
            }
        }
    }
    let uri = Uri::builder().path_and_query(format!("/?{}", rest.join("&"))).build();
    let uri = uri.map_err(|err| Problem::bad_parameter(err.to_string()))?;
    let Query(params) = Query::<T>::try_from_uri(&uri).map_err(|err| Problem::bad_parameter(err.body_text()))?;
    let [(_, datetime), (_, known)] = clocks;
    Ok((Clocks::parse(datetime, known)?, params))
}

/// A resource without parameters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParams {}

/// Segments of the path.
pub struct Segments<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segments<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Path::<T>::from_request_parts(parts, state)
            .await
            .map(|Path(segments)| Self(segments))
            .map_err(|rejection| Problem::not_found(rejection.body_text()))
    }
}

/// Scheme and host that a client asked; a trusted proxy in front must pass Host on and say the scheme.
pub fn origin(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let scheme = match headers.get(FORWARDED_PROTO).and_then(|proto| proto.to_str().ok()) {
        Some("https") => "https",
        _ => "http",
    };
    format!("{scheme}://{host}")
}

/// `west,south,east,north` in degrees. West beyond east is a box over the antimeridian, which no area here meets, so it is
/// refused as one that cannot be applied, as is south beyond north.
pub fn parse_bbox(text: &str) -> Result<Rect, Problem> {
    let [west, south, east, north] = parse_numbers::<4>("bbox", text)?;
    let on_earth =
        [west, east].iter().all(|lng| lng.abs() <= 180.0) && [south, north].iter().all(|lat| lat.abs() <= 90.0);
    if !on_earth || west > east || south > north {
        return Err(Problem::bad_parameter(format!(
            "bbox must be west,south,east,north in degrees with west <= east and south <= north, it is {text:?}"
        )));
    }
    Ok(Rect::new(Coord { x: west, y: south }, Coord { x: east, y: north }))
}

/// `lng,lat` in degrees.
pub fn parse_point(name: &str, text: &str) -> Result<Coord, Problem> {
    let [x, y] = parse_numbers::<2>(name, text)?;
    if x.abs() > 180.0 || y.abs() > 90.0 {
        return Err(Problem::bad_parameter(format!("{name} must be lng,lat in degrees, it is {text:?}")));
    }
    Ok(Coord { x, y })
}

/// A street code in a parameter. An unreadable one is 400, one of no street here 404.
pub fn known_street(snapshot: &Snapshot, text: &str) -> Result<StreetCode, Problem> {
    let code = StreetCode::parse(text).map_err(|err| Problem::bad_parameter(err.to_string()))?;
    match snapshot.street_position(&code) {
        Some(_) => Ok(code),
        None => Err(Error::NoSuchStreet(code.to_string()).into()),
    }
}

/// A whole number of at least 1; above `max` it is `max`, however many digits it has.
pub fn parse_limit(text: &str, max: usize) -> Result<usize, Problem> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // Only too many digits are left as a reason not to parse.
    match text.parse::<usize>().unwrap_or(max) {
        limit if digits && limit > 0 => Ok(limit.min(max)),
        _ => Err(Problem::bad_parameter("limit must be a whole number of at least 1")),
    }
}

fn parse_numbers<const N: usize>(name: &str, text: &str) -> Result<[f64; N], Problem> {
    let numbers: Option<Vec<f64>> =
        text.split(',').map(|part| part.trim().parse::<f64>().ok().filter(|number| number.is_finite())).collect();
    numbers.and_then(|numbers| <[f64; N]>::try_from(numbers).ok()).ok_or_else(|| {
        Problem::bad_parameter(format!("{name} must be {N} numbers with commas between them, it is {text:?}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_clamped_and_zero_is_refused() {
        assert_eq!(parse_limit("7", 10), Ok(7));
        assert_eq!(parse_limit("11", 10), Ok(10));
        assert_eq!(parse_limit("99999999999999999999999", 10), Ok(10));
        for bad in ["", "0", "00", "-1", "+1", "1.5", "ten", "1e3"] {
            assert!(parse_limit(bad, 10).is_err(), "{bad}");
        }
    }

    #[test]
    fn boxes_and_points_are_read_strictly() {
        assert!(parse_bbox("116,39,117,40").is_ok());
        assert!(parse_bbox(" 116, 39, 117, 40 ").is_ok());
        for bad in [
            "",
            "1,2,3",
            "1,2,3,4,5",
            "a,b,c,d",
            "117,39,116,40",
            "116,40,117,39",
            "NaN,0,1,1",
            "0,0,inf,1",
            "0,0,181,1",
        ] {
            assert!(parse_bbox(bad).is_err(), "{bad}");
        }
        assert_eq!(parse_point("near", "116.5,39.9"), Ok(Coord { x: 116.5, y: 39.9 }));
        assert!(parse_point("near", "39.9,116.5").is_err());
    }
}
