/** The pages, and who gets them. Pure. */
import type { Action } from './rights';
import type { IconName } from './ui/icons';

export type PageName = 'map' | 'ledger' | 'rates' | 'due' | 'completeness' | 'managers' | 'deliveries' | 'reports' | 'audit' | 'accounts';

export interface PageLink {
  name: PageName;
  path: string;
  sign: IconName;
  /** What whoever opens it must be allowed; null for everybody. */
  needs: Action | null;
  /** Whether the street and the day of a page lead on to this one. */
  dated: boolean;
}

export const PAGES: readonly PageLink[] = [
  { name: 'map', path: '/', sign: 'base', needs: null, dated: false },
  { name: 'ledger', path: '/ledger', sign: 'table', needs: null, dated: true },
  { name: 'rates', path: '/rates', sign: 'share', needs: null, dated: true },
  { name: 'due', path: '/due', sign: 'due', needs: 'read_desk', dated: true },
  { name: 'completeness', path: '/completeness', sign: 'compare', needs: 'read_desk', dated: true },
  { name: 'managers', path: '/managers', sign: 'building', needs: 'read_desk', dated: true },
  { name: 'deliveries', path: '/deliveries', sign: 'inbox', needs: 'deliver', dated: false },
  { name: 'reports', path: '/reports', sign: 'flag', needs: 'answer_report', dated: false },
  { name: 'audit', path: '/audit', sign: 'audit', needs: 'read_audit', dated: false },
  { name: 'accounts', path: '/accounts', sign: 'accounts', needs: 'manage_accounts', dated: false },
];

/** The page of a path, null where it belongs to none of them. */
export const pageOf = (pathname: string): PageLink | null => PAGES.find(({ path }) => (path === '/' ? pathname === '/' : pathname === path || pathname.startsWith(`${path}/`))) ?? null;

/** The pages that somebody may open. */
export const navigation = (may: (action: Action) => boolean): PageLink[] => PAGES.filter(({ needs }) => needs === null || may(needs));
