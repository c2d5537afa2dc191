/** Where a choice in the search box leads. */
import * as api from './api';
import type { TypedPlace } from './coords';
import { t } from './i18n';
import { change, state } from './state';
import type { SearchResult } from './types';
import { toast } from './ui/toast';

/** To the card of what was found. */
export function choose(result: SearchResult): void {
  if (result.kind === 'street') change({ focus: null, street: result.code, streetCard: true });
  else if (result.kind === 'manager') change({ focus: { kind: 'manager', uscc: result.code } });
  else change({ focus: { kind: 'area', code: result.code } });
}

/** A typed place; metres are turned into degrees by the server. */
export function place(typed: TypedPlace): void {
  if (typed.kind === 'lnglat') {
    change({ focus: { kind: 'point', lngLat: typed.lngLat, accuracyM: null } });
    return;
  }
  api
    .locate(typed, null, state())
    .then(({ point: [lng, lat] }) => change({ focus: { kind: 'point', lngLat: [Number(lng.toFixed(6)), Number(lat.toFixed(6))], accuracyM: null } }))
    .catch(() => toast({ icon: 'warning', text: t('search.bad_place') }));
}
