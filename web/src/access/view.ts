/** What a page of accounts, reports or the audit log is to the frame around it. */
import type { Session } from '../rights';
import type { Register } from '../types';

export interface View {
  element: HTMLElement;
  title(): string;
  /** Draws everything anew, in the language of the page. */
  render(): void;
  /** Lets go of what it listens to outside of itself. */
  close?(): void;
}

export interface Context {
  session: Session;
  /** Null while the map is closed to whoever looks at the page. */
  register: Register | null;
}
