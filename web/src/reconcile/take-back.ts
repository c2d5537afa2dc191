/** The box that asks for a record before what a case entered is taken out of the register again. */
import { openDialog } from '../deliveries/dialog';
import { recordForm } from '../deliveries/form';
import { toast } from '../ui/toast';
import { nameOf } from './list';
import * as api from './questions';
import { t } from './texts';
import type { CaseRow } from './types';

export interface TakeBackEvents {
  done: () => void;
  tell: (error: unknown) => HTMLElement;
}

export function openTakeBack(id: number, one: CaseRow, { done, tell }: TakeBackEvents): void {
  const form = recordForm('undo-case');
  openDialog({
    title: t('undo.title', { name: nameOf(one) }),
    text: t('undo.text'),
    form,
    run: t('undo.run'),
    grave: true,
    tell,
    send: async () => {
      const record = form.record();
      if (!record) return false;
      const { revision } = await api.undo(id, one.key, record);
      toast({ icon: 'check', text: t('undo.done', { n: revision ?? '' }) });
      done();
      return true;
    },
  });
}
