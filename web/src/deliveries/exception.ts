/** Makes a finding an exception, and takes the exception back. */
import { isDay, today } from '../format';
import { remember, remembered } from '../storage';
import { toast } from '../ui/toast';
import { openDialog } from './dialog';
import { filledIn, makeForm } from './form';
import * as api from './questions';
import { t } from './texts';
import type { Exception, Finding } from './types';

const OWNER = 'deliveries.owner';

const yearLater = (day: string): string => `${Number(day.slice(0, 4)) + 1}${day.slice(4)}`.replace(/-02-29$/, '-02-28');

/** What an exception is about. */
export type Excusable = Pick<Finding, 'issue' | 'subject' | 'other' | 'fingerprint'>;

/** Asks for reason, owner and last day. */
export function askException(finding: Excusable, done: () => void): void {
  const now = today();
  const form = makeForm('except', [
    { name: 'reason', label: 'except.reason', kind: 'lines', check: filledIn },
    { name: 'owner', label: 'except.owner', value: remembered(OWNER) ?? '', check: filledIn },
    { name: 'expires_on', label: 'except.expires', kind: 'date', value: yearLater(now), min: now, check: (value) => (!isDay(value) ? 'bad_day' : value <= now ? 'day.past' : null) },
  ]);
  openDialog({
    title: t('except.title'),
    text: t('except.text'),
    form,
    run: t('except.save'),
    async send() {
      const values = form.read();
      if (!values) return false;
      const { reason = '', owner = '', expires_on = '' } = values;
      const { issue, subject, other, fingerprint } = finding;
      await api.except({ issue, subject, other: other?.subject ?? null, fingerprint, reason, owner, expires_on });
      remember(OWNER, owner);
      toast({ icon: 'check', text: t('except.saved') });
      done();
      return true;
    },
  });
}

/** The exception that keeps a finding silent. */
export const matching = (all: readonly Exception[], { issue, subject, other, fingerprint }: Finding): Exception | undefined =>
  all.find((item) => item.withdrawn_at === null && item.issue === issue && item.subject === subject && item.fingerprint === fingerprint && item.other === (other?.subject ?? null));

export async function withdrawException(finding: Finding): Promise<void> {
  const found = matching(await api.exceptions(), finding);
  if (found) await api.withdraw(found.id);
  toast({ icon: found ? 'check' : 'warning', text: t(found ? 'except.withdrawn' : 'except.gone') });
}
