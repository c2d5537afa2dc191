/** Paper is white: what is printed is printed in light colours, whatever the screen shows. */
import type { Mode } from '../types';

/** `turn` puts the colours on before the browser prints, and the worn ones back after it. */
export function lightOnPaper(turn: (mode: Mode) => void): void {
  let dark = false;
  addEventListener('beforeprint', () => {
    dark = document.documentElement.dataset.mode === 'dark';
    if (dark) turn('light');
  });
  addEventListener('afterprint', () => {
    if (dark) turn('dark');
    dark = false;
  });
}
