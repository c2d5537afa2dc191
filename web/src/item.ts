/** The place of something in a delivered file. */
import { t } from './i18n';

/** The server counts rows and features in English words; what it says otherwise stays as it is. */
export function itemText(item: string): string {
  const [, kind, number] = /^(row|feature|placemark) (\d+)$/.exec(item) ?? [];
  return kind && number ? t(kind === 'row' ? 'history.item.row' : 'history.item.feature', { row: number }) : item;
}
