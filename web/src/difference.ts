/** What an entry of the audit log changed, field by field. Pure. */

export interface Line {
  /** Empty where the whole of something is told. */
  field: string;
  before: string | null;
  after: string | null;
}

const LONGEST = 200;

/** Lines for whatever stands in one of the two and not in the other. */
export function difference(before: unknown, after: unknown): Line[] {
  const [old, now] = [parsed(before), parsed(after)];
  if (!isFields(old) && !isFields(now)) {
    const line = { field: '', before: text(old), after: text(now) };
    return line.before === line.after ? [] : [line];
  }
  const [was, is] = [fields(old), fields(now)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((field) => {
    const line = { field, before: text(was.get(field)), after: text(is.get(field)) };
    return line.before === line.after ? [] : [line];
  });
}

const isFields = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The log keeps JSON texts; an answer may hold them as they are. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{"]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** The members of an object; those of an object inside of it with the names of both. */
function fields(value: unknown): Map<string, unknown> {
  const found = new Map<string, unknown>();
  if (!isFields(value)) return found;
  for (const [name, member] of Object.entries(value)) {
    if (isFields(member)) for (const [inner, deep] of Object.entries(member)) found.set(`${name}.${inner}`, deep);
    else found.set(name, member);
  }
  return found;
}

/** A value as a short text, null where there is none. */
function text(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  const told = Array.isArray(value) ? value.map((one) => text(one) ?? '').join(', ') : typeof value === 'string' ? value : JSON.stringify(value);
  return told.length > LONGEST ? `${told.slice(0, LONGEST)}…` : told;
}
