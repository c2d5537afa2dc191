/** What a page of the deliveries is to the frame around it. */
export interface View {
  element: HTMLElement;
  title(): string;
  /** Draws everything anew, in the language of the page. */
  render(): void;
  recolour(): void;
  close(): void;
}
