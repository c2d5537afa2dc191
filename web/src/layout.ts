/** How much of the map the panels cover, so that it can centre on what is left. */
import type { Insets } from './map/map';
import { isPhone } from './ui/dom';

const PHONE_TOP_PX = 64;

export function insets(): Insets {
  const stage = document.getElementById('stage');
  const card = document.getElementById('card');
  const panel = document.getElementById('panel');
  const cover = { top: 0, right: 0, bottom: 0, left: 0 };
  if (!stage || !card || !panel) return cover;
  if (isPhone()) {
    cover.top = PHONE_TOP_PX;
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
