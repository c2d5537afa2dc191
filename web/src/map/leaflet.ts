/** Leaflet and the order of its coordinates. */
import * as L from 'leaflet';
import type { BBox, LngLat } from '../types';

export { L };

/** Leaflet wants latitude first; this is the only place that swaps. */
export const toLeaflet = ([lng, lat]: LngLat): L.LatLngTuple => [lat, lng];

export const toLngLat = (place: L.LatLng): LngLat => [place.lng, place.lat];

export const toBounds = ([west, south, east, north]: BBox): L.LatLngBounds =>
  L.latLngBounds(toLeaflet([west, south]), toLeaflet([east, north]));
