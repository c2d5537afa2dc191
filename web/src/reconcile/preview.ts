/** The box before publishing: what the decisions do to the rates, what stands in the way, the record, and the files that go back. */
import { recordForm } from '../deliveries/form';
import { icon } from '../deliveries/icons';
import { integer, outOf, percent } from '../format';
import { currentLang, pick } from '../i18n';
import type { Rate } from '../types';
import { fill, h } from '../ui/dom';
import { keepFocus } from './focus';
import { caseLines, notice } from './notice';
import { publishForm } from './publish-form';
import * as api from './questions';
import { grouped } from './queue';
import { t, termOf } from './texts';
import type { Preview, Published, Summary } from './types';

const MOVED_MAX = 200;

/** The files that go back to the sender and to the streets. */
export function handback(id: number): HTMLElement {
  const link = (href: string, text: string) => h('a', { class: 'button', href, download: '' }, icon('download'), text);
  const parts = (['rows', 'tasks'] as const).flatMap((part) => (['xlsx', 'csv'] as const).map((f) => link(api.handbackPath(id, f, part), `${t(`handback.${part}`)} ${f.toUpperCase()}`)));
  return h('div', { class: 'r-handback' }, h('b', {}, t('handback.title')), link(api.handbackPath(id, 'zip'), t('handback.all')), ...parts);
}

const moved = (before: Rate | undefined, after: Rate): boolean => before?.numerator !== after.numerator || before?.denominator !== after.denominator;

function rateRow(name: string, before: Rate | undefined, after: Rate): HTMLElement {
  const cell = (rate: Rate | undefined) => h('td', { class: 'num' }, rate ? h('b', {}, percent(rate.percent)) : '—', rate && h('small', {}, outOf(rate)));
  return h('tr', { class: moved(before, after) ? 'moved' : '' }, h('th', { scope: 'row' }, name), cell(before), cell(after));
}

function table(heads: string, rows: HTMLElement[], size = ''): HTMLElement {
  return h('div', { class: size }, h('table', { class: 'r-rates' }, h('thead', {}, h('tr', {}, ...[heads, t('preview.before'), t('preview.after')].map((head) => h('th', { scope: 'col' }, head)))), h('tbody', {}, ...rows)));
}

/** Titles of rates by their keys. */
const titlesOf = ({ rates: { after } }: Pick<Preview, 'rates'>): ReadonlyMap<string, string> => new Map(after.map(({ id, title }) => [id, pick(title)]));

/** Areas that are counted otherwise: where they lie, why, and in which rates. */
function movedList(preview: Preview, streets: ReadonlyMap<string, string>): HTMLElement {
  const titles = titlesOf(preview);
  const line = ({ code, name, street, why, rates }: Preview['moved'][number]) => {
    // The page of an area that is still to begin does not exist.
    const called = why === 'begun' ? h('span', {}, name) : h('a', { class: 'link', href: `/a/${encodeURIComponent(code)}` }, name);
    return h('li', {}, called, h('span', { class: 'r-quiet' }, [streets.get(street) ?? street, termOf('why', why), rates.map((id) => titles.get(id) ?? id).join(currentLang() === 'en' ? ', ' : '、')].filter(Boolean).join(' · ')));
  };
  const more = preview.moved.length - MOVED_MAX;
  return h('ul', { class: 'r-moved r-scroll' }, ...preview.moved.slice(0, MOVED_MAX).map(line), more > 0 && h('li', { class: 'r-quiet num' }, t('preview.more', { n: integer(more) })));
}

function told(preview: Preview, summary: Summary): HTMLElement[] {
  const { rates, streets, counts } = preview;
  const { differing: minor = 0 } = summary.bulk;
  const of = (list: Rate[], id: string) => list.find((rate) => rate.id === id);
  const district = rates.after.map((after) => rateRow(pick(after.title), of(rates.before, after.id), after));
  const perStreet = streets.flatMap(({ name, before, after }) => after.filter((rate) => moved(of(before, rate.id), rate)).map((rate) => rateRow(`${name} · ${pick(rate.title)}`, of(before, rate.id), rate)));
  const numbers = Object.fromEntries(Object.entries(counts).map(([key, n]) => [key, integer(n)]));
  const named = new Map([...summary.streets, ...streets].map(({ code, name }) => [code, name]));
  return [
    h('p', {}, t('preview.counts', numbers)),
    ...(minor > 0 ? [h('p', {}, t('preview.minor', { n: integer(minor) }))] : []),
    h('p', { class: 'r-quiet' }, t('preview.effective', { day: preview.effective })),
    h('h3', {}, t('preview.district')),
    table(t('preview.rate'), district),
    h('h3', {}, t('preview.streets', { n: perStreet.length })),
    ...(perStreet.length > 0 ? [table(t('preview.rate'), perStreet, 'r-scroll')] : [h('p', { class: 'r-quiet' }, t('preview.same'))]),
    h('h3', {}, t('preview.moved', { n: integer(preview.moved.length) })),
    ...(preview.moved.length > 0 ? [movedList(preview, named)] : []),
  ];
}

/** Accepted cases that cannot be entered, and why: their history does not allow it, or findings must be fixed first. */
function inTheWay({ refused, blocked = [] }: Preview, look: (key: string) => void): (HTMLElement | false)[] {
  const part = (title: 'preview.refused' | 'preview.blocked', cases: { case: string | null; name: string; why: string[] }[]) => cases.length > 0 && h('section', { class: 'r-refused' }, h('h3', {}, t(title, { n: integer(cases.length) })), caseLines(cases.map(({ case: key, name, why }) => ({ key, name, why })), look));
  return [part('preview.refused', refused), part('preview.blocked', grouped(blocked))];
}

export interface PreviewAsked {
  id: number;
  /** The figures as they are by now. */
  summary: () => Summary;
  mayPublish: boolean;
  nameOf: (key: string) => string | null;
  /** Decisions or the register are others than the page shows. */
  moved: () => Promise<void>;
  /** It was published; without a record nothing had to be entered. */
  published: (answer: Published) => void;
  /** A case to look at. */
  look: (key: string) => void;
}

/** Opens the box. */
export function openPreview({ id, summary, mayPublish, nameOf, moved: refetched, published, look }: PreviewAsked): void {
  const record = recordForm('reconcile');
  const body = h('div', { class: 'r-preview' }, h('div', { class: 'skeleton r-s-preview' }));
  const close = () => dialog.close();
  const lookAt = (key: string) => {
    close();
    look(key);
  };
  const tell = (error: unknown) => notice(error, { nameOf, look: lookAt });
  const form = (preview: Preview, failure: unknown) =>
    publishForm(id, preview, record, failure, {
      tell,
      outdated: (error) => void refetched().then(() => load(error)),
      published: (answer) => {
        close();
        published(answer);
      },
    });
  const load = async (failure: unknown): Promise<void> => {
    try {
      const preview = await api.preview(id);
      keepFocus(body, () => fill(body, ...told(preview, summary()), ...inTheWay(preview, lookAt), mayPublish ? form(preview, failure) : h('p', { class: 'r-quiet' }, t('preview.not_yours')), handback(id)));
      body.querySelector('.d-trouble')?.scrollIntoView({ block: 'nearest' });
    } catch (error) {
      fill(body, tell(error), h('button', { type: 'button', class: 'button', onclick: () => void load(null) }, t('again')));
    }
  };
  const dialog: HTMLDialogElement = h('dialog', { class: 'd-dialog r-dialog', 'aria-labelledby': 'preview-title', onclose: () => dialog.remove() }, h('div', { class: 'd-dialog-head' }, h('h2', { id: 'preview-title' }, t('preview.title')), h('button', { type: 'button', class: 'icon-button', 'aria-label': t('close'), title: t('close'), onclick: close }, icon('close'))), body);
  dialog.addEventListener('pointerdown', (event) => event.target === dialog && close());
  document.body.append(dialog);
  dialog.showModal();
  void load(null);
}
