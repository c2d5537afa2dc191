/**
 * Runs before the first paint: sets the language and the light or dark mode on the root element, so that nothing flashes.
 * It is a classic script of its own because a strict content policy forbids inline ones.
 */
const root = document.documentElement;

function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    // Storage may be forbidden; the defaults then hold.
    return null;
  }
}

const query = new URLSearchParams(location.search);
// The page for signing in leads on to another, and speaks the language that was asked for there.
const next = new URLSearchParams(query.get('next')?.split('?')[1]);
const asked = query.get('lang') ?? next.get('lang') ?? remembered('onemap.lang');
root.lang = asked === 'en' ? 'en' : 'zh-CN';

const chosen = remembered('onemap.mode');
const dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
root.dataset.mode = dark ? 'dark' : 'light';
