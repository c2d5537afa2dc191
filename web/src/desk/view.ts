/** What a page is to the frame around it. */
import type { Looks } from '../ui/setting-buttons';
import type { Register } from '../types';

export interface View {
  element: HTMLElement;
  title(): string;
  /** Draws everything anew, in the language of the page. */
  render(): void;
  recolour(): void;
  /** Lets go of what it listens to outside of itself. */
  close?(): void;
}

export interface Context {
  /** The published register. */
  register: Register;
  /** Whether lists are told that the public does not get. */
  internal: boolean;
  looks: Readonly<Looks>;
  /** Tells the frame that the address has changed, so that its links lead on with the same street and day. */
  moved: () => void;
}
