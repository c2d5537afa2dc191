/** A bottom sheet on a phone: three stops, moved by thumb or with the keys of its handle. On wider screens it does nothing. */
import { t } from '../i18n';
import { h, isPhone } from './dom';

export type Stop = 'peek' | 'half' | 'full';

const PEEK_PX = 108;
const HALF_SHARE = 0.52;
/** Room between a full sheet and the search pill. */
const TOP_PX = 8;
/** A flick faster than this goes on to the next stop. */
const FLICK_PX_PER_MS = 0.5;

export interface Sheet {
  readonly handle: HTMLElement;
  stop(): Stop;
  moveTo(stop: Stop): void;
  relabel(): void;
}

export interface SheetOptions {
  stops: readonly Stop[];
  /** Called when the sheet is pulled below its lowest stop. */
  dismiss: () => void;
  moved: () => void;
}

export function makeSheet(element: HTMLElement, options: SheetOptions): Sheet {
  let stop: Stop = options.stops[0] ?? 'half';
  const handle = h('button', { class: 'sheet-handle', type: 'button' });
  const available = () => (element.offsetParent as HTMLElement | null)?.clientHeight ?? innerHeight;
  const heightOf = (name: Stop) => {
    if (name === 'peek') return PEEK_PX;
    return name === 'half' ? Math.round(available() * HALF_SHARE) : innerHeight - (document.getElementById('top')?.getBoundingClientRect().bottom ?? 0) - TOP_PX;
  };

  const moveTo = (next: Stop) => {
    stop = next;
    element.dataset.stop = next;
    element.style.setProperty('--sheet-height', `${heightOf(next)}px`);
    relabel();
    options.moved();
  };
  const relabel = () => {
    handle.setAttribute('aria-label', t(`sheet.${stop}`));
    handle.setAttribute('aria-expanded', String(stop !== 'peek'));
  };
  const step = (by: number) => {
    const index = options.stops.indexOf(stop) + by;
    if (index < 0) options.dismiss();
    else moveTo(options.stops[Math.min(index, options.stops.length - 1)] ?? stop);
  };

  drag(element, {
    start: () => element.getBoundingClientRect().height,
    move: (height) => element.style.setProperty('--sheet-height', `${Math.max(40, Math.min(heightOf('full'), height))}px`),
    end: (height, speed) => {
      if (Math.abs(speed) > FLICK_PX_PER_MS) return step(speed > 0 ? 1 : -1);
      const lowest = options.stops[0] ?? 'half';
      if (height < heightOf(lowest) * 0.6) return options.dismiss();
      const nearest = [...options.stops].sort((a, b) => Math.abs(heightOf(a) - height) - Math.abs(heightOf(b) - height))[0];
      moveTo(nearest ?? stop);
    },
  });
  handle.addEventListener('click', () => moveTo(stop === options.stops[options.stops.length - 1] ? (options.stops[0] ?? stop) : nextOf(options.stops, stop)));
  handle.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowUp') step(1);
    else if (event.key === 'ArrowDown') step(-1);
    else return;
    event.preventDefault();
  });
  addEventListener('resize', () => isPhone() && !element.hidden && moveTo(stop));
  return { handle, stop: () => stop, moveTo, relabel };
}

const nextOf = (stops: readonly Stop[], stop: Stop): Stop => stops[stops.indexOf(stop) + 1] ?? stop;

interface Drag {
  start: () => number;
  move: (height: number) => void;
  /** `speed` in pixels a millisecond, upwards positive. */
  end: (height: number, speed: number) => void;
}

/** Follows a finger that starts on the element's `[data-drag]` parts. */
function drag(element: HTMLElement, { start, move, end }: Drag): void {
  let from: { y: number; height: number } | null = null;
  let last = { y: 0, time: 0, speed: 0 };
  let dragged = false;
  element.addEventListener('pointerdown', (event) => {
    const target = event.target as Element;
    if (!isPhone() || !target.closest('[data-drag],.sheet-handle') || target.closest('a,select,input,button:not(.sheet-handle)')) return;
    from = { y: event.clientY, height: start() };
    last = { y: event.clientY, time: event.timeStamp, speed: 0 };
    dragged = false;
  });
  addEventListener('pointermove', (event) => {
    if (!from) return;
    const way = from.y - event.clientY;
    if (!dragged && Math.abs(way) < 6) return;
    dragged = true;
    element.classList.add('dragging');
    const time = Math.max(1, event.timeStamp - last.time);
    last = { y: event.clientY, time: event.timeStamp, speed: (last.y - event.clientY) / time };
    move(from.height + way);
  });
  const finish = (event: PointerEvent) => {
    if (!from) return;
    const height = from.height + from.y - event.clientY;
    from = null;
    element.classList.remove('dragging');
    if (dragged) end(height, last.speed);
  };
  addEventListener('pointerup', finish);
  addEventListener('pointercancel', finish);
  // A drag that ends on the handle is not a click on it.
  element.addEventListener('click', (event) => dragged && event.stopPropagation(), true);
}
