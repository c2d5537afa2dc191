/** Choices that are kept for the next visit, where storage is allowed. */

const keyOf = (key: string): string => `onemap.${key}`;

export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(keyOf(key));
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(keyOf(key), value);
  } catch {
    // The choice then holds for this visit only.
  }
}
