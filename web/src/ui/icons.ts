/** Outline icons; only those named here are bundled. */
import accounts from 'lucide-static/icons/user-cog.svg';
import arrowLeft from 'lucide-static/icons/arrow-left.svg';
import audit from 'lucide-static/icons/scroll-text.svg';
import building from 'lucide-static/icons/building-2.svg';
import calendar from 'lucide-static/icons/calendar-days.svg';
import check from 'lucide-static/icons/check.svg';
import chevron from 'lucide-static/icons/chevron-right.svg';
import close from 'lucide-static/icons/x.svg';
import compare from 'lucide-static/icons/git-compare.svg';
import copy from 'lucide-static/icons/link.svg';
import due from 'lucide-static/icons/clock-alert.svg';
import everywhere from 'lucide-static/icons/monitor-x.svg';
import flag from 'lucide-static/icons/flag.svg';
import history from 'lucide-static/icons/history.svg';
import rss from 'lucide-static/icons/rss.svg';
import full from 'lucide-static/icons/maximize.svg';
import inbox from 'lucide-static/icons/inbox.svg';
import info from 'lucide-static/icons/info.svg';
import language from 'lucide-static/icons/languages.svg';
import layers from 'lucide-static/icons/layers.svg';
import lock from 'lucide-static/icons/lock.svg';
import locate from 'lucide-static/icons/locate-fixed.svg';
import base from 'lucide-static/icons/map.svg';
import minus from 'lucide-static/icons/minus.svg';
import moon from 'lucide-static/icons/moon.svg';
import navigation from 'lucide-static/icons/navigation.svg';
import offline from 'lucide-static/icons/wifi-off.svg';
import panelClose from 'lucide-static/icons/panel-left-close.svg';
import phone from 'lucide-static/icons/phone.svg';
import pin from 'lucide-static/icons/map-pin.svg';
import plus from 'lucide-static/icons/plus.svg';
import refresh from 'lucide-static/icons/refresh-cw.svg';
import scan from 'lucide-static/icons/scan.svg';
import search from 'lucide-static/icons/search.svg';
import share from 'lucide-static/icons/chart-pie.svg';
import street from 'lucide-static/icons/signpost.svg';
import sun from 'lucide-static/icons/sun.svg';
import signIn from 'lucide-static/icons/log-in.svg';
import signOut from 'lucide-static/icons/log-out.svg';
import table from 'lucide-static/icons/table-2.svg';
import undo from 'lucide-static/icons/undo-2.svg';
import user from 'lucide-static/icons/circle-user.svg';
import users from 'lucide-static/icons/users.svg';
import warning from 'lucide-static/icons/triangle-alert.svg';
import whole from 'lucide-static/icons/house.svg';

const sources = {
  accounts, arrowLeft, audit, base, building, calendar, check, chevron, close, compare, copy, due, everywhere, flag, full, history, inbox, info, language, layers, locate, lock, minus, moon, navigation,
  offline, panelClose, phone, pin, plus, refresh, rss, scan, search, share, signIn, signOut, street, sun, table, undo, user, users, warning, whole,
};

export type IconName = keyof typeof sources;

const parsed = new Map<string, SVGElement>();

/** A fresh icon, hidden from screen readers: its button carries the name. */
export const icon = (name: IconName): SVGElement => drawn(sources[name]);

/** A fresh icon of its own source, for a page that bundles icons that no other one needs. */
export function drawn(source: string): SVGElement {
  let element = parsed.get(source);
  if (!element) {
    const { documentElement } = new DOMParser().parseFromString(source, 'image/svg+xml');
    documentElement.setAttribute('class', 'icon');
    documentElement.setAttribute('aria-hidden', 'true');
    element = documentElement as unknown as SVGElement;
    parsed.set(source, element);
  }
  return document.importNode(element, true);
}
