/** Who delivered before, the latest first: suggestions for the next time. Pure. */
const MOST = 6;

/** Senders of earlier deliveries, newest first, each once; `last` is the one that this browser used. */
export function senders(earlier: readonly { sender: string }[], last: string | null): string[] {
  return [...new Set([...(last ? [last] : []), ...earlier.map(({ sender }) => sender)])].slice(0, MOST);
}
