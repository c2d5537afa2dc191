/** Language and light or dark: in the top bar on a desk, at the end of the panel on a phone. */
import { change, state } from '../state';
import { settingButtons } from './setting-buttons';

/** The language of an address stays in it, as the one that is chosen now. */
export const settings = (): HTMLElement[] =>
  settingButtons(state(), (patch) => change({ ...patch, askedLang: state().askedLang && (patch.lang ?? state().lang) }));
