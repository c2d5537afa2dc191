// An archive with files as they are, for tests that hand one in.
import { crc32 } from 'node:zlib';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
/** Names are UTF-8. */
const FLAGS = 0x0800;

const numbers = (...fields) => {
  const bytes = Buffer.alloc(fields.reduce((sum, [size]) => sum + size, 0));
  let at = 0;
  for (const [size, value] of fields) at = bytes.writeUIntLE(value, at, size);
  return bytes;
};

/** The bytes of an archive of `files`, which are named buffers. */
export function zipped(files) {
  const parts = [];
  const entries = [];
  let at = 0;
  for (const [name, content] of Object.entries(files)) {
    const path = Buffer.from(name);
    const about = [[2, VERSION], [2, FLAGS], [2, 0], [4, 0x00210000], [4, crc32(content)], [4, content.length], [4, content.length], [2, path.length], [2, 0]];
    const local = Buffer.concat([numbers([4, LOCAL], ...about), path, content]);
    entries.push(Buffer.concat([numbers([4, CENTRAL], [2, VERSION], ...about, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]), path]));
    parts.push(local);
    at += local.length;
  }
  const central = Buffer.concat(entries);
  return Buffer.concat([...parts, central, numbers([4, END], [2, 0], [2, 0], [2, entries.length], [2, entries.length], [4, central.length], [4, at], [2, 0])]);
}
