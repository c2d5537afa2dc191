/** Who changed an area: its entries of the audit log, for those who may read them, asked for when somebody opens them. */
import * as api from '../api';
import { isAbort, reportFault } from '../api';
import { difference, type Line } from '../difference';
import { moment } from '../format';
import { t, term } from '../i18n';
import { may } from '../session';
import type { AuditEntry } from '../types-report';
import { fieldLabel } from './card-history';
import { h } from './dom';
import { icon } from './icons';

/** Facts whose values are terms, with the group of their texts. */
const TERMS: Readonly<Record<string, string>> = { management: 'management', committee: 'committee', quasi_kind: 'quasi', contract_kind: 'contract', manager_kind: 'manager' };

export class WhoChanged {
  private entries: readonly AuditEntry[] | null = null;
  private place: HTMLElement | null = null;
  private open = false;
  private failed = false;
  private asking = false;

  constructor(
    private readonly code: string,
    private readonly signal: AbortSignal,
  ) {}

  /** A fresh section; null for those who may not read it. */
  render(): HTMLElement | null {
    if (!may('who_changed')) return null;
    this.place = h('div', { class: 'who-list' });
    const details = h('details', { class: 'more who-changed', open: this.open, ontoggle: () => this.toggled(details.open) }, h('summary', {}, icon('users'), h('span', {}, t('who.title')), icon('chevron')), this.place);
    this.draw();
    return h('section', { class: 'facts' }, details);
  }

  private toggled(open: boolean): void {
    this.open = open;
    if (open && this.entries === null && !this.asking) void this.load();
  }

  private async load(): Promise<void> {
    this.asking = true;
    this.failed = false;
    this.draw();
    try {
      this.entries = (await api.areaAudit(this.code, this.signal)).entries;
    } catch (error) {
      if (isAbort(error)) return;
      reportFault(error);
      this.failed = true;
    }
    this.asking = false;
    this.draw();
  }

  private draw(): void {
    const { place, entries } = this;
    if (!place) return;
    if (this.failed) place.replaceChildren(h('p', { class: 'explanation' }, t('who.failed')), h('button', { type: 'button', class: 'button', onclick: () => void this.load() }, icon('refresh'), t('error.retry')));
    else if (entries === null) place.replaceChildren(h('div', { class: 'skeleton s-row' }));
    else if (entries.length === 0) place.replaceChildren(h('p', { class: 'explanation' }, t('who.none')));
    else place.replaceChildren(h('ol', { class: 'timeline' }, ...entries.map(entry)));
  }
}

function entry({ at, who, role, action, before, after, record }: AuditEntry): HTMLElement {
  return h(
    'li',
    { class: 'step' },
    h('div', { class: 'step-head' }, h('b', { class: 'num' }, moment(at)), h('span', { class: 'badge' }, term('action', action))),
    h('p', {}, [who ?? '', term('role', role)].filter(Boolean).join(' · ')),
    ...difference(before, after).map((line) => h('p', { class: 'step-record' }, lineText(line))),
    record !== null && h('p', { class: 'step-record num' }, t('who.record', { n: record })),
  );
}

function lineText({ field, before, after }: Line): string {
  const label = field === '' ? t('field.other') : fieldLabel(field);
  const value = (text: string | null) => (text === null ? t('history.none') : field in TERMS ? term(TERMS[field] ?? '', text) : text);
  return before === null ? t('history.value', { label, value: value(after) }) : t('history.from_to', { label, before: value(before), after: value(after) });
}
