/** Outline icons of the deliveries page; those of the map page are in `ui/icons.ts`. */
import ban from 'lucide-static/icons/circle-slash.svg';
import arrowRight from 'lucide-static/icons/arrow-right.svg';
import clock from 'lucide-static/icons/clock.svg';
import columns from 'lucide-static/icons/columns-3.svg';
import done from 'lucide-static/icons/circle-check.svg';
import download from 'lucide-static/icons/download.svg';
import file from 'lucide-static/icons/file-text.svg';
import must from 'lucide-static/icons/octagon-x.svg';
import later from 'lucide-static/icons/circle-alert.svg';
import order from 'lucide-static/icons/arrow-up-down.svg';
import repaired from 'lucide-static/icons/wrench.svg';
import shield from 'lucide-static/icons/shield-check.svg';
import sortDown from 'lucide-static/icons/arrow-down.svg';
import sortUp from 'lucide-static/icons/arrow-up.svg';
import undo from 'lucide-static/icons/undo-2.svg';
import upload from 'lucide-static/icons/upload.svg';
import vanished from 'lucide-static/icons/circle-minus.svg';
import { drawn, icon as shared, type IconName } from '../ui/icons';

const sources = { arrowRight, ban, clock, columns, done, download, file, later, must, order, repaired, shield, sortDown, sortUp, undo, upload, vanished };

export type Sign = keyof typeof sources | IconName;

export const icon = (name: Sign): SVGElement => (name in sources ? drawn(sources[name as keyof typeof sources]) : shared(name as IconName));
