/** The pages, and who gets them. Pure. */
import type { IconName } from './ui/icons';

export type PageName = 'map' | 'ledger' | 'rates' | 'due' | 'completeness' | 'managers' | 'deliveries';

export interface PageLink {
  name: PageName;
  path: string;
  sign: IconName;
  internal: boolean;
}

export const PAGES: readonly PageLink[] = [
  { name: 'map', path: '/', sign: 'base', internal: false },
  { name: 'ledger', path: '/ledger', sign: 'table', internal: false },
  { name: 'rates', path: '/rates', sign: 'share', internal: false },
  { name: 'due', path: '/due', sign: 'due', internal: true },
  { name: 'completeness', path: '/completeness', sign: 'compare', internal: true },
  { name: 'managers', path: '/managers', sign: 'building', internal: true },
  { name: 'deliveries', path: '/deliveries', sign: 'inbox', internal: true },
];

/** The pages that somebody may open. */
export const navigation = (internal: boolean): PageLink[] => PAGES.filter((page) => internal || !page.internal);
