/** 定位: asks the browser where it is. */
import { t } from './i18n';
import type { LngLat } from './types';
import { toast } from './ui/toast';

const OPTIONS: PositionOptions = { enableHighAccuracy: true, timeout: 12_000, maximumAge: 10_000 };

/** Tells the place and its accuracy in metres; a refusal is told to the person. */
export function whereAmI(button: HTMLElement, found: (lngLat: LngLat, accuracyM: number) => void): void {
  if (!isSecureContext || !('geolocation' in navigator)) {
    toast({ icon: 'warning', text: t('locate.insecure') });
    return;
  }
  button.classList.add('busy');
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      button.classList.remove('busy');
      found([Number(coords.longitude.toFixed(6)), Number(coords.latitude.toFixed(6))], Math.round(coords.accuracy));
    },
    (error) => {
      button.classList.remove('busy');
      toast({ icon: 'warning', text: t(error.code === error.PERMISSION_DENIED ? 'locate.denied' : 'locate.failed') });
    },
    OPTIONS,
  );
}
