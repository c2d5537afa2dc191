/** What a clerk decides about a delivery before it is checked. Pure. */
import type { Column, Delivery, Layer, Scope, Settings } from './types';

/** The decisions, whole: the proposal with what was changed in it. */
export interface Decisions {
  /** The field of each column, by layer and column; null leaves it out. */
  columns: Record<string, Record<string, string | null>>;
  /** The reference system that was confirmed, null without one. */
  position: string | null;
  scope: Scope;
  /** `2023-06-01`, empty for the day of the record. */
  effective: string;
  encoding: string | null;
  layers: string[];
  remember: boolean;
}

/** Fields that several columns may have. */
const REPEATABLE = new Set(['ignored', 'serial']);

/** What was decided last, or else what the server proposes. */
export function decisionsOf({ layers, settings }: Pick<Delivery, 'layers' | 'settings'>): Decisions {
  const told: Settings = settings ?? {};
  const columns = layers.map((layer) => {
    const known = told.columns?.[layer.name] ?? {};
    return [layer.name, Object.fromEntries(layer.columns.map((column) => [column.name, column.refused ? null : (column.name in known ? (known[column.name] ?? null) : column.field)]))] as const;
  });
  return {
    columns: Object.fromEntries(columns),
    position: told.position ?? null,
    scope: told.scope ?? 'listed',
    effective: told.effective ?? '',
    encoding: told.encoding ?? null,
    layers: layers.map(({ name }) => name).filter((name) => !told.left_out?.includes(name)),
    remember: told.remember ?? true,
  };
}

/** What the server is asked to check with. */
export function settingsOf({ columns: all, effective, layers, ...rest }: Decisions): Settings {
  const taken = Object.entries(all).filter(([layer]) => layers.includes(layer));
  const left_out = Object.keys(all).filter((layer) => !layers.includes(layer));
  return { ...rest, columns: Object.fromEntries(taken), left_out, ...(effective && { effective }) };
}

/** The decisions with another meaning of a column. */
export function withField(decisions: Decisions, layer: string, column: string, field: string | null): Decisions {
  return { ...decisions, columns: { ...decisions.columns, [layer]: { ...decisions.columns[layer], [column]: field } } };
}

/** Fields of a layer that more than one column would fill, with the columns. */
export function clashes(decisions: Decisions, layer: string): Map<string, string[]> {
  const by = new Map<string, string[]>();
  for (const [column, field] of Object.entries(decisions.columns[layer] ?? {})) {
    if (field && !REPEATABLE.has(field)) by.set(field, [...(by.get(field) ?? []), column]);
  }
  return new Map([...by].filter(([, columns]) => columns.length > 1));
}

/** How many columns of the chosen layers are taken, and how many there are. */
export function taken(decisions: Decisions, layers: readonly Layer[]): { taken: number; total: number; refused: number } {
  const columns = layers.filter(({ name }) => decisions.layers.includes(name)).flatMap((layer) => layer.columns.map((column) => ({ column, field: decisions.columns[layer.name]?.[column.name] ?? null })));
  return {
    taken: columns.filter(({ field }) => field !== null && field !== 'ignored').length,
    total: columns.length,
    refused: columns.filter(({ column }) => column.refused).length,
  };
}

/** How sure a column's meaning is: what the clerk chose is as sure as can be. */
export type Certainty = Column['confidence'] | 'chosen' | 'refused' | 'left_out';

export function certainty(column: Column, field: string | null): Certainty {
  if (column.refused) return 'refused';
  if (field !== column.field) return field === null ? 'left_out' : 'chosen';
  return field === null && column.filled === 0 ? 'left_out' : column.confidence;
}

/** True when the decisions differ from those that the last check was made with. */
export const differs = (a: Decisions, b: Decisions): boolean => JSON.stringify(sorted(a)) !== JSON.stringify(sorted(b));

/** The decisions in one order; whether columns are remembered changes nothing in the check itself. */
function sorted(all: Decisions): unknown {
  const decisions = { ...all, remember: false };
  const layers = [...decisions.layers].sort();
  const columns = layers.map((layer) => [layer, Object.entries(decisions.columns[layer] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))]);
  return { ...decisions, layers, columns };
}

/** Parts of a Shapefile that were not handed in, by the name of its .shp; zipped ones are looked at by the server. */
export function missingParts(names: readonly string[]): { shape: string; parts: string[] }[] {
  const known = new Set(names.map((name) => name.toLowerCase()));
  return names
    .filter((name) => /\.shp$/i.test(name))
    .map((shape) => ({ shape, parts: ['.dbf', '.shx', '.prj'].filter((part) => !known.has(shape.toLowerCase().replace(/\.shp$/, part))) }))
    .filter(({ parts }) => parts.length > 0);
}
