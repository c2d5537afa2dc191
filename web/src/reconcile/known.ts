/** What the page knows of the cases of a delivery: asked for once, and again where it has changed. */
import * as deliveries from '../deliveries/questions';
import type { Finding } from '../deliveries/types';
import { nameOf } from './list';
import * as api from './questions';
import type { Case, CaseRow, Summary } from './types';

export class Known {
  summary: Summary | null = null;
  /** In the order of the server. */
  cases: CaseRow[] = [];
  findings: readonly Finding[] = [];
  /** The record that published it. */
  published: number | null = null;
  private readonly kept = new Map<string, Promise<Case>>();

  constructor(
    private readonly id: number,
    private readonly signal: AbortSignal,
  ) {}

  /** Everything but the findings, which nobody has to wait for. */
  async load(): Promise<void> {
    const delivery = await deliveries.delivery(this.id, this.signal);
    this.published = delivery.state === 'published' ? delivery.revision : null;
    await this.again();
  }

  async loadFindings(): Promise<void> {
    this.findings = (await deliveries.findings(this.id, this.signal)).items;
  }

  /** Every case and every figure anew. */
  async again(): Promise<Summary> {
    const summary = await api.run(this.id, this.signal);
    this.cases = await api.cases(this.id, this.signal);
    this.kept.clear();
    return (this.summary = summary);
  }

  row = (key: string | null | undefined): CaseRow | undefined => this.cases.find((one) => one.key === key);

  readonly nameOf = (key: string): string | null => {
    const one = this.row(key);
    return one ? nameOf(one) : null;
  };

  /** A case, asked for once. */
  ask(key: string): Promise<Case> {
    const asked = this.kept.get(key) ?? api.one(this.id, key, this.signal);
    this.kept.set(key, asked);
    asked.catch(() => this.kept.delete(key));
    return asked;
  }

  forget(): void {
    this.kept.clear();
  }

  /** What was told anew of some cases; the figures come along or are asked for. */
  async took(keys: readonly string[], summary: Summary | null): Promise<Summary> {
    for (const key of keys) this.kept.delete(key);
    if (keys.length === 1 && keys[0]) {
      const fresh = await this.ask(keys[0]);
      this.cases = this.cases.map((one) => (one.key === fresh.key ? fresh : one));
    } else this.cases = await api.cases(this.id, this.signal);
    return (this.summary = summary ?? (await api.run(this.id, this.signal)));
  }
}
