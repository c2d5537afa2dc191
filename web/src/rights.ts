/** Who may be offered what, and where he signs in. Pure. */

export type Role = 'public' | 'officer' | 'clerk' | 'district' | 'auditor' | 'admin' | 'token';

/** What a page may offer; the server decides again whenever it is done. */
export type Action = 'send_report' | 'read_desk' | 'edit' | 'deliver' | 'grant_exception' | 'answer_report' | 'read_audit' | 'who_changed' | 'manage_accounts' | 'manage_tokens';

/** Who asks, as `GET /api/session` tells it. */
export interface Session {
  role: Role;
  /** Null while nobody is signed in. */
  name: string | null;
  display_name: string | null;
  /** The streets of an officer, by code. */
  streets: readonly string[];
  /** The instant after which it holds no more, whatever is done. */
  expires_at: string | null;
  actions: readonly string[];
  /** Whether the map is there for whoever is not signed in. */
  map: 'open' | 'closed';
  /** The district's own sign-in, where it has one. */
  single_sign_on: { name: string; start: string } | null;
}

/** What a server without sessions lets its internal audience do. */
const INTERNAL: readonly Action[] = ['read_desk', 'edit', 'deliver', 'grant_exception'];

/** What may be offered. Without a session the audience alone decides. */
export const rightsOf = (session: Pick<Session, 'actions'> | null, audience: string | undefined): ReadonlySet<string> =>
  new Set(session ? session.actions : audience === 'internal' ? INTERNAL : []);

export const isSignedIn = (session: Session | null): boolean => session !== null && session.role !== 'public';

/** Characters that no path of this site has unescaped, and that some browsers read as a slash or leave out. */
// eslint-disable-next-line no-control-regex
const STRANGE = /[\\\u0000-\u0020\u007f]/;

/**
 * Where to go after signing in: a path of this site with its query and hash, else the map. Whatever could lead to another
 * host, such as `//host`, `/\host` or `https:`, is the map.
 */
export function nextPage(asked: string | null): string {
  if (!asked || !asked.startsWith('/') || asked.startsWith('//') || STRANGE.test(asked)) return '/';
  const base = 'https://here.invalid';
  try {
    const url = new URL(asked, base);
    const inside = url.origin === base && !url.pathname.startsWith('//');
    return inside && url.pathname !== '/sign-in' ? url.pathname + url.search + url.hash : '/';
  } catch {
    return '/';
  }
}

/** Why somebody is sent to sign in, beyond what the page that he wants tells. */
export type Why = 'ended';

/** The page for signing in, which leads back to where somebody is now. */
export function signInPath(at: { pathname: string; search: string; hash: string }, why: Why | null = null): string {
  const next = nextPage(at.pathname + at.search + at.hash);
  const query = [...(next === '/' ? [] : [`next=${encodeURIComponent(next)}`]), ...(why ? [`why=${why}`] : [])];
  return `/sign-in${query.length > 0 ? `?${query.join('&')}` : ''}`;
}

/** What the map must be labelled with: its approval number, that it is for internal use, or that it is a demonstration. */
export function mapLabel({ map_approval_number: number, map, demo }: { map_approval_number: string | null; demo: boolean; map?: { label: string } | undefined }): { kind: 'approval' | 'internal' | 'demo' | 'told'; text: string } {
  if (number) return { kind: 'approval', text: number };
  if (map && map.label !== '内部使用' && map.label !== '示意 · 演示') return { kind: 'told', text: map.label };
  if (map) return { kind: map.label === '内部使用' ? 'internal' : 'demo', text: '' };
  return { kind: demo ? 'demo' : 'internal', text: '' };
}
