/** How much of the map the panels cover, so that it can centre on what is left. */
import type { Insets, Rect } from './map/map';
import { isPhone } from './ui/dom';

const PHONE_TOP_GAP_PX = 8;

export function insets(): Insets {
  const stage = document.getElementById('stage');
  const card = document.getElementById('card');
  const panel = document.getElementById('panel');
  const cover = { top: 0, right: 0, bottom: 0, left: 0 };
  if (!stage || !card || !panel) return cover;
  if (isPhone()) {
    // The search pill lies over the map, and so does what stands above it.
    cover.top = (document.getElementById('top')?.getBoundingClientRect().bottom ?? 0) + PHONE_TOP_GAP_PX;
    // A full sheet hides the map altogether; then the map is centred as if the sheet stood half way.
    const height = card.hidden ? 0 : Math.min(parseFloat(card.style.getPropertyValue('--sheet-height')) || 0, stage.clientHeight * 0.52);
    cover.bottom = Math.max(48, height);
    return cover;
  }
  const box = stage.getBoundingClientRect();
  if (!panel.hidden) cover.left = panel.getBoundingClientRect().right - box.left;
  if (!card.hidden) cover.right = box.right - card.getBoundingClientRect().left;
  return cover;
}

/** What lies over the map: a name half under it would be misread. */
const COVERS = '#panel:not([hidden]), #card:not([hidden]), #corner .tools, .legend-chip, #foot .leaflet-control-scale, #foot .foot-line, #top, #banner, #asof';

/** The rectangles of the map that something covers, in its pixels. */
export function covers(): Rect[] {
  const map = document.getElementById('map')?.getBoundingClientRect();
  if (!map) return [];
  return [...document.querySelectorAll(COVERS)].flatMap((element) => {
    const { left, top, right, bottom, width, height } = element.getBoundingClientRect();
    if (width === 0 || height === 0) return [];
    return [{ left: left - map.left, top: top - map.top, right: right - map.left, bottom: bottom - map.top }];
  });
}
