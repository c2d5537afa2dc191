/** How the audit log's keys read: actions, objects, fields and their values. Pure but for the chosen language. */
import { term } from '../i18n';
import { t, termOf } from './texts';

/** Actions that can be asked for by name. */
export const ACTIONS = [
  'area.change', 'record.undo', 'delivery.receive', 'delivery.check', 'delivery.publish', 'delivery.undo', 'exception.grant', 'exception.withdraw', 'report.send', 'report.answer',
  'session.start', 'session.refuse', 'session.end', 'account.add', 'account.change', 'account.password', 'token.make', 'token.remove', 'store.import',
] as const;

export const actionText = (key: string): string => term('action', key);

/** What an object of the log is, and where it is shown. */
export function objectOf(text: string): { kind: string; name: string; href: string | null } {
  const [, kind = '', name = text] = /^(\w+)[/:](.+)$/.exec(text) ?? [];
  const path: Readonly<Record<string, string>> = { area: `/a/${encodeURIComponent(name)}`, delivery: `/deliveries/${encodeURIComponent(name)}`, report: `/r/${encodeURIComponent(name)}` };
  return { kind: termOf('object', kind) ?? kind, name, href: path[kind] ?? null };
}

/** The name of a field; one that nobody names stays as it is. */
export function fieldText(name: string): string {
  if (name === '') return t('audit.whole');
  return termOf('field', name) ?? term('field', name);
}

/** Fields whose values are terms, with the group of their texts. */
const TERMS: Readonly<Record<string, string>> = { role: 'role', management: 'management', committee: 'committee', quasi_kind: 'quasi', contract_kind: 'contract' };

export function valueText(name: string, value: string): string {
  if (value === 'true' || value === 'false') return t(value === 'true' ? 'value.true' : 'value.false');
  if (name === 'state') return term('report.state', value);
  if (name === 'reason') {
    const told = term('report.reason', value);
    return told === value ? (termOf('problem', value) ?? value) : told;
  }
  if (name === 'scopes') return value.split(', ').map((scope) => termOf('scope', scope) ?? scope).join(', ');
  const group = TERMS[name];
  return group ? term(group, value) : value;
}
