/** The register's section of a district report, and whether a percentage may be printed. */
import { ApiError } from '../api';
import { integer, percent } from '../format';
import { pick } from '../i18n';
import type { Candidates } from '../types';
import { fill, h } from '../ui/dom';
import { toast } from '../ui/toast';
import type { Scope } from './address';
import { icon } from './icons';
import { choose, failure, into, skeletons } from './parts';
import * as questions from './questions';
import { candidateTexts } from './printed';
import { t } from './texts';
import type { FullRate } from './types';

export function reportPart(rates: readonly FullRate[], scope: Scope): HTMLElement[] {
  const text = h('div', { class: 'k-report', lang: 'zh-CN' }, ...skeletons('row', 'row', 'row'));
  const copy = h('button', { type: 'button', class: 'button', disabled: true, onclick: () => void copied(text) }, icon('report'), t('report.copy'));
  void into(text, () => questions.report(null, scope), ({ title, paragraphs }) => {
    copy.disabled = false;
    return [h('h3', {}, title), ...paragraphs.map((paragraph) => h('p', {}, paragraph))];
  });
  return [h('div', { class: 'k-part-head' }, h('h2', {}, t('report.title')), copy), h('p', { class: 'd-quiet' }, t('report.text')), text, checker(rates, scope)];
}

async function copied(text: HTMLElement): Promise<void> {
  const told = [...text.children].map((part) => part.textContent).join('\n');
  try {
    await navigator.clipboard.writeText(told);
    toast({ icon: 'check', text: t('report.copied') });
  } catch {
    // Without leave to write there, the text is marked for the keyboard.
    getSelection()?.selectAllChildren(text);
    toast({ icon: 'info', text: t('report.marked') });
  }
}

/** A percentage that somebody wants to print, held against its two integers. */
function checker(rates: readonly FullRate[], scope: Scope): HTMLElement {
  const [first] = rates;
  let rate = first?.id ?? '';
  const result = h('div', { class: 'k-result', role: 'status' });
  const input = h('input', { type: 'text', inputmode: 'decimal', class: 'num', 'aria-label': t('report.percent'), placeholder: '93.4', required: true });
  const check = async (event: Event) => {
    event.preventDefault();
    const asked = input.value.replace(/[%％\s]/g, '').replace('．', '.');
    if (!asked) return;
    fill(result, ...skeletons('row'));
    try {
      const { asked: told } = await questions.report({ rate, percent: asked }, scope);
      fill(result, told && h('p', { class: 'k-verdict yes' }, icon('done'), h('span', {}, t('report.follows', { text: told.text }))));
    } catch (error) {
      fill(result, ...(refusal(error) ?? [failure(error, null)]));
    }
  };
  return h(
    'form',
    { class: 'k-check', onsubmit: (event: Event) => void check(event) },
    h('h3', {}, icon('calculator'), t('report.check')),
    h('p', { class: 'd-quiet' }, t('report.check.text')),
    h('div', { class: 'k-line' }, choose(t('rates.which'), rate, rates.map(({ id, title }) => ({ value: id, text: pick(title) })), (value) => (rate = value)), h('span', { class: 'k-percent' }, input, h('span', { 'aria-hidden': 'true' }, '%')), h('button', { type: 'submit', class: 'd-primary' }, t('report.check.run'))),
    result,
  );
}

/** The server's refusal with the counts that it names, null for another failure. */
function refusal(error: unknown): HTMLElement[] | null {
  if (!(error instanceof ApiError) || !error.type.endsWith(':does-not-follow')) return null;
  const { numerator, denominator, computed, candidates } = error.body as { numerator: number; denominator: number; computed: number | null; candidates: Candidates | null };
  const lines = [t('report.refused', { counts: `${integer(numerator)} / ${integer(denominator)}`, percent: percent(computed) }), ...(candidates ? candidateTexts(candidates) : [])];
  return [h('div', { class: 'k-verdict no' }, icon('warning'), h('div', {}, ...lines.map((line) => h('p', {}, line))))];
}
