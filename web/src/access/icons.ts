/** Outline icons of the pages of accounts, reports and the audit log; those of the map page are in `ui/icons.ts`. */
import copyText from 'lucide-static/icons/copy.svg';
import download from 'lucide-static/icons/download.svg';
import edit from 'lucide-static/icons/pencil.svg';
import eye from 'lucide-static/icons/eye.svg';
import eyeOff from 'lucide-static/icons/eye-off.svg';
import line from 'lucide-static/icons/spline.svg';
import key from 'lucide-static/icons/key-round.svg';
import dot from 'lucide-static/icons/circle.svg';
import reply from 'lucide-static/icons/message-square-reply.svg';
import sso from 'lucide-static/icons/id-card.svg';
import trash from 'lucide-static/icons/trash-2.svg';
import { drawn, icon as shared, type IconName } from '../ui/icons';

const sources = { copyText, download, dot, edit, eye, eyeOff, key, line, reply, sso, trash };

export type Sign = keyof typeof sources | IconName;

export const icon = (name: Sign): SVGElement => (name in sources ? drawn(sources[name as keyof typeof sources]) : shared(name as IconName));
