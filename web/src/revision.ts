/** Watches for a register that has gone on while the page was open. */
import * as api from './api';
import { PRESENT } from './api';
import { sameClocks } from './asof';
import { t } from './i18n';
import type { MapView } from './map/map';
import { state } from './state';
import type { Register } from './types';
import { toast } from './ui/toast';

/** Whoever comes back to the page is told when the register has gone on. */
export function watchRevision(register: Register, view: MapView): void {
  let told = false;
  document.addEventListener('visibilitychange', () => {
    if (document.hidden || told) return;
    api
      .register(PRESENT)
      .then(({ revision, version }) => {
        if ((revision === register.revision && version === register.version) || told) return;
        told = true;
        if (sameClocks(state(), PRESENT)) view.ask({ asOf: PRESENT, version }, 'later');
        toast({ icon: 'refresh', text: t('stale.text'), action: { text: t('stale.refresh'), run: () => location.reload() }, stays: true });
      })
      .catch(() => undefined);
  });
}
