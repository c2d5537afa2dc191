/** The line below the settings: the button that checks, and how far the check has come. */
import { integer } from '../format';
import { fill, h } from '../ui/dom';
import { icon } from './icons';
import { troubleNotice } from './notice';
import { primary, progressBar } from './parts';
import { known, t, type Key } from './texts';
import type { Progress } from './types';

export interface BarState {
  hidden: boolean;
  /** Whether it was checked before. */
  again: boolean;
  /** Whether the settings were changed since. */
  stale: boolean;
  /** Why it cannot be checked. */
  hindrance: Key | null;
}

export class CheckBar {
  readonly element = h('div', { class: 'd-check' });
  private state: BarState = { hidden: true, again: false, stale: false, hindrance: null };
  private running = false;
  private progress: Progress | null = null;
  private error: unknown = null;

  constructor(private readonly run: () => void) {}

  show(state: BarState): void {
    this.state = state;
    this.draw();
  }

  start(loud: boolean): void {
    [this.running, this.progress, this.error] = [loud, null, null];
    this.draw();
  }

  reached(progress: Progress | null): void {
    this.progress = progress;
    if (this.running) this.draw();
  }

  stop(error: unknown): void {
    [this.running, this.error] = [false, error];
    this.draw();
  }

  private draw(): void {
    const { hidden, again, stale, hindrance } = this.state;
    const { progress, running } = this;
    this.element.hidden = hidden && !running;
    // Without anything to tell it is one button in the corner of the page.
    this.element.classList.toggle('quiet', again && !stale && !running && !hindrance && !this.error);
    const button = primary(t(running ? 'check.running' : again ? 'check.again' : 'check.run'), this.run, again && !stale ? { class: 'd-primary quiet' } : {});
    button.disabled = running || hindrance !== null;
    const focused = this.element.contains(document.activeElement);
    const note = hindrance ?? (stale ? 'check.stale' : null);
    fill(this.element, button, running ? progressBar(progressText(progress), progress && progress.total > 0 ? progress.done / progress.total : null) : note && h('p', { class: 'd-note warn', role: 'status' }, icon('warning'), t(note)), this.error ? troubleNotice(this.error) : null);
    if (focused) button.focus({ preventScroll: true });
  }
}

function progressText(progress: Progress | null): string {
  if (!progress) return t('check.running');
  const step = t(known(`progress.${progress.step}`, 'check.running'));
  return progress.total > 0 ? `${step} ${t('progress.of', { done: integer(progress.done), total: integer(progress.total) })}` : step;
}
