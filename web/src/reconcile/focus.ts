/** Keeps the keyboard where it was when a part of the page is drawn anew. */

/** How to find a control again: by its own mark, its id or its label. */
function selectorOf(active: Element): string | null {
  const mark = active.getAttribute('data-focus');
  if (mark) return `[data-focus="${CSS.escape(mark)}"]`;
  if (active.id) return `#${CSS.escape(active.id)}`;
  const label = active.getAttribute('aria-label');
  return label ? `[aria-label="${CSS.escape(label)}"]` : null;
}

/** Draws, and gives the keyboard to the same control again; where it is gone or can no longer be used, to the part itself. */
export function keepFocus(part: HTMLElement, draw: () => void): void {
  const { activeElement: active } = document;
  if (!active || active === part || !part.contains(active)) return draw();
  const selector = selectorOf(active);
  const selection = active instanceof HTMLInputElement && (active.type === 'text' || active.type === 'search') ? ([active.selectionStart, active.selectionEnd] as const) : null;
  draw();
  if (part.contains(document.activeElement)) return;
  const again = selector ? part.querySelector<HTMLElement>(selector) : null;
  if (again && !again.matches(':disabled')) {
    again.focus({ preventScroll: true });
    if (selection && again instanceof HTMLInputElement) again.setSelectionRange(...selection);
    return;
  }
  part.tabIndex = -1;
  part.focus({ preventScroll: true });
}
