/** Outline icons of the pages of lists and figures; those of the map page are in `ui/icons.ts`. */
import arrowRight from 'lucide-static/icons/arrow-right.svg';
import calculator from 'lucide-static/icons/calculator.svg';
import columns from 'lucide-static/icons/columns-3.svg';
import done from 'lucide-static/icons/circle-check.svg';
import download from 'lucide-static/icons/download.svg';
import filter from 'lucide-static/icons/list-filter.svg';
import mapOnly from 'lucide-static/icons/map-pin-off.svg';
import printer from 'lucide-static/icons/printer.svg';
import report from 'lucide-static/icons/file-text.svg';
import sortDown from 'lucide-static/icons/arrow-down.svg';
import sortUp from 'lucide-static/icons/arrow-up.svg';
import target from 'lucide-static/icons/target.svg';
import { drawn, icon as shared, type IconName } from '../ui/icons';

const sources = { arrowRight, calculator, columns, done, download, filter, mapOnly, printer, report, sortDown, sortUp, target };

export type Sign = keyof typeof sources | IconName;

export const icon = (name: Sign): SVGElement => (name in sources ? drawn(sources[name as keyof typeof sources]) : shared(name as IconName));
