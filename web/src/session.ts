/** Who uses the page, asked once, for every part of it. */
import * as api from './api';
import { ApiError, isMissing } from './api';
import { isSignedIn, rightsOf, signInPath, type Action, type Session } from './rights';
import type { Register } from './types';

let current: Session | null = null;
let audience: string | undefined;

/** Null where the server knows no sessions, and until it has answered. */
export const session = (): Session | null => current;

/** True when something may be offered. */
export const may = (action: Action): boolean => rightsOf(current, audience).has(action);

/** Whether he may know counts of a few areas, as the server has it: everybody who is signed in. */
export const seesSmallCounts = (): boolean => (current ? isSignedIn(current) : audience === 'internal');

/** The streets of an officer, by code; null for everybody who is not bound to some. */
export const ownStreets = (): readonly string[] | null => (current?.role === 'officer' ? current.streets : null);

/** Learns who uses the page. A server that tells no `map` in its register has no sessions, and is not asked. */
export async function learn(register: Pick<Register, 'audience' | 'map'>): Promise<void> {
  // Until the session is known nothing beyond the map is offered.
  audience = register.map ? undefined : register.audience;
  if (register.map) await ask();
}

/** Asks for the session, whatever the register says. */
export async function ask(): Promise<Session | null> {
  try {
    current = await api.session();
  } catch (error) {
    if (!isMissing(error)) throw error;
    current = null;
  }
  return current;
}

/** After somebody signed in: the answer tells who he is. */
export function become(next: Session): void {
  current = next;
}

/** Leaves for the page for signing in when an answer asks for it; true when it does. */
export function leaveToSignIn(error: unknown): boolean {
  if (!needsSignIn(error)) return false;
  location.replace(signInPath(location, isSignedIn(current) ? 'ended' : null));
  return true;
}

export const needsSignIn = (error: unknown): boolean => error instanceof ApiError && error.status === 401;

/** Ends this session, or all of the same account, with its tokens or without, and begins anew on the map. */
export async function signOut(everywhere: boolean, tokens = false): Promise<void> {
  await api.signOut(everywhere, tokens);
  location.assign('/');
}
