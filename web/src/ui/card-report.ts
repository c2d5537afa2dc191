/** The card in which somebody says what is wrong on the map, and the one that gives the number for it. */
import { degrees } from '../format';
import { t, term } from '../i18n';
import { length, REASONS, TEXT_MOST, type Draft, type Reason } from '../reporting';
import { button, type Content } from './card';
import { fill, h } from './dom';
import { icon } from './icons';
import { toast } from './toast';

export interface ReportEvents {
  turn(kind: Draft['kind']): void;
  back(): void;
  clear(): void;
  reason(reason: Reason): void;
  text(text: string): void;
  send(): void;
}

/** The parts of the form that change while it is filled in. */
export class ReportForm {
  private readonly kinds = h('div', { class: 'theme-chooser', role: 'group' });
  private readonly told = h('p', { class: 'report-told num', role: 'status' });
  private readonly steps = h('div', { class: 'actions' });
  private readonly count = h('small', { class: 'num' });
  private readonly trouble = h('p', { class: 'report-trouble', role: 'alert', hidden: true });
  private readonly sender = h('button', { type: 'button', class: 'report-send', 'data-action': 'send-report', onclick: () => this.events.send() });

  constructor(
    private draft: Draft,
    private readonly area: string | null,
    private readonly events: ReportEvents,
  ) {}

  content(): Content {
    const text = h('textarea', { id: 'report-text', rows: 3, 'aria-describedby': 'report-hint', oninput: () => this.typed(text.value) });
    text.value = this.draft.text;
    const reason = (key: Reason) => h('label', { class: 'report-reason' }, h('input', { type: 'radio', name: 'reason', value: key, checked: this.draft.reason === key, onchange: () => this.events.reason(key) }), h('span', {}, term('report.reason', key)));
    this.show(this.draft);
    this.typed(this.draft.text, true);
    this.sender.replaceChildren(t('report.send'));
    return {
      title: t('report.title'),
      lines: [h('p', { class: 'card-by' }, icon(this.area ? 'whole' : 'flag'), h('span', {}, this.area ?? t('report.somewhere')))],
      body: [
        h('section', { class: 'facts' }, h('h3', {}, t('report.place')), this.kinds, this.told, this.steps),
        h('fieldset', { class: 'facts report-reasons' }, h('legend', {}, t('report.reason')), ...REASONS.map(reason)),
        h('section', { class: 'facts' }, h('label', { for: 'report-text' }, t('report.text')), text, h('div', { class: 'report-under' }, h('small', { id: 'report-hint' }, t('report.hint')), this.count)),
        this.trouble,
        this.sender,
        h('p', { class: 'missing' }, t('report.after')),
      ],
    };
  }

  /** Another place, or another kind of place. */
  show(draft: Draft, coarse = false): void {
    this.draft = draft;
    const { kind, points } = draft;
    const one = (key: Draft['kind']) => h('button', { type: 'button', 'data-kind': key, 'aria-pressed': String(kind === key), onclick: () => kind !== key && this.events.turn(key) }, t(`report.kind.${key}`));
    const held = this.kinds.contains(document.activeElement);
    this.kinds.setAttribute('aria-label', t('report.place'));
    fill(this.kinds, one('point'), one('line'));
    if (held) this.kinds.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus();
    const [last] = points.slice(-1);
    if (kind === 'point') this.told.textContent = last ? t('report.point.set', { lng: degrees(last[0]), lat: degrees(last[1]) }) : t('report.point.none');
    else this.told.textContent = points.length < 2 ? t('report.line.none', { n: points.length }) : t('report.line.set', { n: points.length });
    if (coarse) this.told.append(h('small', {}, t('report.coarse')));
    this.told.classList.toggle('set', points.length >= (kind === 'point' ? 1 : 2));
    fill(this.steps, ...(kind === 'line' && points.length > 0 ? [button('undo', t('report.back'), () => this.events.back()), button('close', t('report.clear'), () => this.events.clear())] : []));
    this.steps.hidden = this.steps.childElementCount === 0;
  }

  /** What keeps the report from being sent; null when nothing does. */
  blame(text: string | null): void {
    this.trouble.hidden = text === null;
    this.trouble.textContent = text ?? '';
    if (text !== null) this.trouble.scrollIntoView({ block: 'nearest' });
  }

  busy(on: boolean): void {
    this.sender.disabled = on;
    this.sender.textContent = t(on ? 'report.sending' : 'report.send');
  }

  private typed(text: string, silently = false): void {
    const n = length(text);
    this.count.textContent = t('report.count', { n, most: TEXT_MOST });
    this.count.classList.toggle('over', n > TEXT_MOST);
    if (!silently) this.events.text(text);
  }
}

/** What the card says once the report is there. */
export function reportedContent(number: string): Content {
  const path = `/r/${encodeURIComponent(number)}`;
  const copy = () =>
    void navigator.clipboard.writeText(number).then(
      () => toast({ icon: 'check', text: t('report.copied') }),
      () => toast({ icon: 'warning', text: t('card.copy_failed') }),
    );
  return {
    title: t('report.done'),
    lines: [h('p', { class: 'card-by' }, icon('check'), h('span', {}, t('report.done.line')))],
    body: [
      h('div', { class: 'report-number' }, h('span', {}, t('report.number')), h('b', { class: 'num' }, number)),
      h('p', { class: 'explanation' }, t('report.done.text')),
      h('div', { class: 'actions' }, button('copy', t('report.copy'), copy), h('a', { class: 'button', href: path }, icon('search'), t('report.outcome'))),
    ],
  };
}
