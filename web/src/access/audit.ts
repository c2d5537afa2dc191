/** The audit log: who did what and when, what was there before and after, sifted and as a file. */
import { into, moreButton, pageHead, save, skeletons } from '../desk/parts';
import { difference, type Line } from '../difference';
import { isDay, moment, today } from '../format';
import { t as base, term } from '../i18n';
import type { AuditEntry } from '../types-report';
import { fill, h } from '../ui/dom';
import { toast } from '../ui/toast';
import { actionText, ACTIONS, fieldText, objectOf, valueText } from './audit-words';
import { icon } from './icons';
import { refusal } from './parts';
import { audit, auditFile, more, type AuditQuestion } from './questions';
import { t } from './texts';
import type { AuditPage } from './types';
import type { View } from './view';

const WORDS = ['who', 'action', 'area', 'since', 'until'] as const;
/** Typing rests this long before the list follows. */
const REST_MS = 350;

export class AuditLogPage implements View {
  readonly element = h('div', { class: 'k-page' });
  private readonly found = h('section', { class: 'k-part' });
  private entries: AuditEntry[] = [];
  private asked: AuditQuestion = question(location.search);
  private rest: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.render();
    this.load();
  }

  title = (): string => t('audit.title');

  close = (): void => clearTimeout(this.rest);

  render = (): void => {
    const file = h('button', { type: 'button', class: 'button', onclick: () => void this.download(file) }, icon('download'), t('audit.csv'));
    fill(this.element, pageHead(t('audit.title'), t('audit.text'), file), this.filters(), this.found);
    if (this.entries.length > 0) this.draw([]);
  };

  private filters(): HTMLElement {
    const { asked } = this;
    const typed = (name: 'who' | 'area', placeholder: string) => {
      const input = h('input', { type: 'search', id: `audit-${name}`, value: asked[name] ?? '', placeholder, maxlength: 64, autocapitalize: 'none', spellcheck: 'false', oninput: () => this.later({ [name]: input.value.trim() || null }) });
      return this.labelled(t(`audit.${name}`), input);
    };
    const dated = (name: 'since' | 'until') => {
      const input = h('input', { type: 'date', id: `audit-${name}`, class: 'num', value: asked[name] ?? '', max: today(), onchange: () => this.ask({ [name]: isDay(input.value) ? input.value : null }) });
      return this.labelled(t(`audit.${name}`), input);
    };
    const select = h('select', { id: 'audit-action', onchange: () => this.ask({ action: select.value || null }) }, h('option', { value: '' }, t('audit.action.any')), ...ACTIONS.map((key) => h('option', { value: key }, actionText(key))));
    if (asked.action && !ACTIONS.some((key) => key === asked.action)) select.append(h('option', { value: asked.action }, asked.action));
    select.value = asked.action ?? '';
    const clear = h('button', { type: 'button', class: 'text-button', onclick: () => this.clear() }, t('audit.clear'));
    return h('form', { class: 'a-filters', 'aria-label': t('audit.filters'), onsubmit: (event: Event) => event.preventDefault() }, typed('who', t('audit.who.hint')), this.labelled(t('audit.action'), h('span', { class: 'd-select' }, select, icon('chevron')), 'audit-action'), typed('area', t('audit.area.hint')), dated('since'), dated('until'), clear);
  }

  private labelled(label: string, control: HTMLElement, id = control.id): HTMLElement {
    return h('div', { class: 'd-field' }, h('label', { for: id }, label), control);
  }

  private later(patch: Partial<AuditQuestion>): void {
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.ask(patch), REST_MS);
  }

  private ask(patch: Partial<AuditQuestion>): void {
    this.asked = { ...this.asked, ...patch };
    const words = new URLSearchParams(WORDS.flatMap((name) => (this.asked[name] ? [[name, this.asked[name]]] : []))).toString();
    history.replaceState(null, '', words ? `/audit?${words}` : '/audit');
    this.load();
  }

  private clear(): void {
    this.ask({ who: null, action: null, area: null, since: null, until: null });
    this.render();
  }

  private load(): void {
    fill(this.found, ...skeletons('row', 'row', 'row', 'row', 'row', 'row'));
    void into(
      this.found,
      () => audit(this.asked),
      (page) => {
        this.entries = page.entries;
        return this.drawn(page.links);
      },
    );
  }

  private draw(links: AuditPage['links']): void {
    this.found.replaceChildren(...this.drawn(links));
  }

  private drawn(links: AuditPage['links']): HTMLElement[] {
    if (this.entries.length === 0) return [h('div', { class: 'd-empty slim' }, icon('search'), h('b', {}, t('audit.none')), h('p', {}, t('audit.none.text')))];
    const list = table(this.entries);
    if (!links.some(({ rel }) => rel === 'next')) return [list, h('p', { class: 'd-quiet a-end' }, t('audit.end'))];
    const button = moreButton((pressed) => {
      pressed.disabled = true;
      void (more<AuditPage>({ links }) ?? Promise.resolve({ entries: [], links: [] }))
        .then((page) => {
          this.entries.push(...page.entries);
          this.draw(page.links);
        })
        .catch((error: unknown) => {
          pressed.disabled = false;
          toast({ icon: 'warning', text: refusal(error) });
        });
    });
    return [list, button];
  }

  private async download(button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    try {
      save(await auditFile(this.asked), `${t('audit.title')}-${today()}.csv`);
    } catch (error) {
      toast({ icon: 'warning', text: refusal(error) });
    } finally {
      button.disabled = false;
    }
  }
}

function question(search: string): AuditQuestion {
  const query = new URLSearchParams(search);
  const text = (name: string) => query.get(name)?.trim() || null;
  const date = (name: string) => (isDay(query.get(name) ?? '') ? query.get(name) : null);
  return { who: text('who'), action: text('action'), area: text('area'), since: date('since'), until: date('until') };
}

/** Nobody in particular is written down as the public. */
const whoText = (who: string | null): string => (who === null || who === 'public' ? base('role.public') : who);

/** Entries, the newest first; the same table stands in whatever asks for it. */
function table(entries: readonly AuditEntry[]): HTMLElement {
  const heads = [t('audit.at'), t('audit.who'), t('audit.action'), t('audit.object'), t('audit.changed')];
  const cells = (entry: AuditEntry) => [
    h('span', { class: 'num' }, moment(entry.at), h('small', { class: 'k-below' }, `№ ${entry.seq}`)),
    h('span', {}, whoText(entry.who), h('small', { class: 'k-below' }, term('role', entry.role))),
    actionText(entry.action),
    object(entry),
    changed(difference(entry.before, entry.after)),
  ];
  return h(
    'div',
    { class: 'k-table-box', tabindex: '0', role: 'region', 'aria-label': t('audit.title') },
    h('table', { class: 'k-table a-audit' }, h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', { scope: 'col' }, head)))), h('tbody', {}, ...entries.map((entry) => h('tr', {}, ...cells(entry).map((cell, at) => h('td', { 'data-head': at === 0 ? '' : heads[at] }, cell)))))),
  );
}

function object({ object: told, record }: AuditEntry): HTMLElement {
  const found = told === null ? null : objectOf(told);
  const name = found && h('span', {}, found.kind && h('small', {}, `${found.kind} `), found.href ? h('a', { class: 'link', href: found.href }, found.name) : found.name);
  return h('span', {}, name ?? '—', record !== null && h('small', { class: 'k-below' }, h('a', { class: 'link', href: record > 1 ? `/?changes=${record - 1}` : '/?changes=latest' }, t('audit.record', { n: record }))));
}

/** Before and after, one line a field. */
export function changed(lines: readonly Line[]): HTMLElement {
  if (lines.length === 0) return h('span', { class: 'd-quiet' }, '—');
  return h(
    'dl',
    { class: 'a-diff' },
    ...lines.map(({ field, before, after }) => {
      const value = (text: string | null, tag: 'del' | 'ins') => (text === null ? null : h(tag, {}, valueText(field, text)));
      return h('div', {}, h('dt', {}, fieldText(field)), h('dd', {}, value(before, 'del'), before !== null && h('span', { class: 'a-arrow', 'aria-hidden': 'true' }, '→'), after === null ? h('span', { class: 'd-quiet' }, t('audit.nothing')) : value(after, 'ins')));
    }),
  );
}
