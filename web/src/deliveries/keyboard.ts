/** Keeps the keyboard where it was when a part of the page is drawn anew. */

/** How to find the element with the keyboard again after its step was drawn anew. */
export function focusPath(steps: Element): string | null {
  const active = document.activeElement;
  if (!active || !steps.contains(active)) return null;
  const step = active.closest('.d-step');
  const label = active.getAttribute('aria-label');
  if (active.id) return `#${CSS.escape(active.id)}`;
  if (label) return `#${step?.id} [aria-label="${CSS.escape(label)}"]`;
  if (active instanceof HTMLInputElement && active.value) return `#${step?.id} input[value="${CSS.escape(active.value)}"]`;
  return `#${step?.id} ${active.classList.contains('d-step-head') ? '.d-step-head' : active.localName}`;
}
