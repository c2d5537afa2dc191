/** Sizes, instants and places of a file as a clerk reads them. */
import { decimal, integer } from '../format';
import { pick, term } from '../i18n';
import type { Delivery } from './types';
import { t } from './texts';

/** Bytes as `120 KB` or `3.4 MB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${integer(bytes)} B`;
  if (bytes < 999_500) return `${integer(bytes / 1000)} KB`;
  return `${decimal(bytes / 1_000_000, 1)} MB`;
}

/** What a field is called; one that nobody names goes by a general word. */
export function fieldText(key: string, fields: Delivery['fields']): string {
  if (key === 'geometry' || key === 'boundary') return t('field.boundary');
  const label = fields.find((field) => field.key === key)?.label;
  if (label) return pick(label);
  const text = term('field', key);
  return text === key ? t('field.other') : text;
}

const FORMATS: Record<string, string> = { shapefile: 'Shapefile', geopackage: 'GeoPackage', geojson: 'GeoJSON', geojsonl: 'GeoJSON Lines', kml: 'KML', kmz: 'KMZ', flatgeobuf: 'FlatGeobuf', csv: 'CSV', xlsx: 'Excel' };

export const formatText = (format: string): string => FORMATS[format] ?? format;

const ENCODINGS: Record<string, string> = { 'utf-8': 'UTF-8', gb18030: 'GB18030', gbk: 'GBK', 'utf-16le': 'UTF-16', big5: 'Big5' };

/** A name of an encoding is never broken at its hyphen. */
export const encodingText = (label: string | null): string => (label === null ? t('files.encoding.unknown') : (ENCODINGS[label.toLowerCase()] ?? label).replaceAll('-', '\u2011'));

/** The start of a digest: enough to compare by eye. */
export const shortDigest = (digest: string): string => `${digest.slice(0, 4)} ${digest.slice(4, 8)} ${digest.slice(8, 12)} …`;
