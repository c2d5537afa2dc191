/** Decides which labels have room. Pure. */

/** A rectangle by its centre, pixels. */
export interface Block {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Candidate extends Block {
  id: string;
  lines: readonly string[];
  /** 1 is placed first. */
  rank: number;
}

const overlap = (a: Block, b: Block, gapPx: number): boolean =>
  Math.abs(a.x - b.x) * 2 < a.width + b.width + gapPx * 2 && Math.abs(a.y - b.y) * 2 < a.height + b.height + gapPx * 2;

/** The labels that stay: none that a block in `taken` touches, best rank first; of two that collide the lower rank number wins, then the smaller id, so that nothing flickers. */
export function place<T extends Candidate>(candidates: readonly T[], gapPx: number, taken: readonly Block[] = []): T[] {
  const kept: T[] = [];
  const order = [...candidates].sort((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1));
  for (const candidate of order) {
    if (taken.some((block) => overlap(candidate, block, 0))) continue;
    if (!kept.some((other) => overlap(candidate, other, gapPx))) kept.push(candidate);
  }
  return kept;
}

/**
 * A name in at most two lines of nearly equal length. Blanks and the edges of Latin words are the places to break;
 * names without blanks break between any two characters that are not digits or letters on both sides.
 */
export function wrap(name: string, maxChars: number): string[] {
  const chars = [...name];
  if (chars.length <= maxChars) return [name];
  const middle = chars.length / 2;
  let best = -1;
  for (let i = 1; i < chars.length; i++) {
    const [before = '', after = ''] = [chars[i - 1], chars[i]];
    const inWord = /[\p{Script=Latin}\d]/u.test(before) && /[\p{Script=Latin}\d]/u.test(after);
    const beforeClose = /[)）》」·]/.test(after);
    if (!inWord && !beforeClose && (best < 0 || Math.abs(i - middle) < Math.abs(best - middle))) best = i;
  }
  if (best < 0) return [name];
  return [chars.slice(0, best).join('').trim(), chars.slice(best).join('').trim()];
}
