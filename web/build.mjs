// Builds the pages into dist/: index.html, deliveries.html, reconcile.html, desk.html and access.html, and hashed scripts, styles and icons under dist/assets/.
//   node build.mjs           production build
//   node build.mjs --watch   builds on change and serves dist/ beside an invented register
//   node build.mjs --tests   bundles the unit tests for `node --test`
import { build, context } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, 'dist');
const flag = process.argv[2];

/** Each page with its own script and style; what boots before the first paint and the icon are shared. */
const PAGES = [
  { html: 'index.html', script: 'src/main.ts', style: 'src/css/style.css' },
  { html: 'deliveries.html', script: 'src/deliveries/main.ts', style: 'src/css/deliveries.css' },
  { html: 'reconcile.html', script: 'src/reconcile/main.ts', style: 'src/css/reconcile.css' },
  { html: 'desk.html', script: 'src/desk/main.ts', style: 'src/css/desk.css' },
  { html: 'access.html', script: 'src/access/main.ts', style: 'src/css/access.css' },
];

const options = {
  absWorkingDir: here,
  entryPoints: {
    main: 'src/main.ts',
    boot: 'src/boot.ts',
    style: 'src/css/style.css',
    deliveries: 'src/deliveries/main.ts',
    'deliveries-style': 'src/css/deliveries.css',
    reconcile: 'src/reconcile/main.ts',
    'reconcile-style': 'src/css/reconcile.css',
    desk: 'src/desk/main.ts',
    'desk-style': 'src/css/desk.css',
    access: 'src/access/main.ts',
    'access-style': 'src/css/access.css',
  },
  bundle: true,
  minify: flag !== '--watch',
  sourcemap: flag === '--watch' ? 'inline' : false,
  target: ['es2020', 'chrome105', 'firefox110', 'safari16'],
  format: 'esm',
  outdir: 'dist/assets',
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  loader: { '.svg': 'text', '.png': 'dataurl' },
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

/** Writes the pages with the hashed names of this build. */
async function writePages(metafile) {
  const outputs = Object.entries(metafile.outputs);
  const asset = (source, extension) => {
    const found = outputs.find(([file, out]) => out.entryPoint === source && file.endsWith(extension));
    if (!found) throw new Error(`the build has no ${extension} for ${source}`);
    return `/assets/${basename(found[0])}`;
  };
  const icon = await readFile(join(here, 'src/favicon.svg'));
  const iconName = `favicon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`;
  await writeFile(join(dist, 'assets', iconName), icon);
  for (const { html, script, style } of PAGES) {
    const names = { css: asset(style, '.css'), js: asset(script, '.js'), boot: asset('src/boot.ts', '.js'), icon: `/assets/${iconName}` };
    const template = await readFile(join(here, html), 'utf8');
    const page = template.replace(/\{\{(\w+)\}\}/g, (_, name) => {
      if (!(name in names)) throw new Error(`${html} asks for an unknown {{${name}}}`);
      return names[name];
    });
    await writeFile(join(dist, html), page);
  }
}

/** Prints what a browser loads, compressed. */
async function printSizes() {
  let total = 0;
  for (const name of await readdir(join(dist, 'assets'))) {
    const size = gzipSync(await readFile(join(dist, 'assets', name))).length;
    total += size;
    console.log(`${(size / 1024).toFixed(1).padStart(7)} KiB gz  ${name}`);
  }
  console.log(`${(total / 1024).toFixed(1).padStart(7)} KiB gz  in all`);
}

async function clean() {
  await rm(dist, { recursive: true, force: true });
  await mkdir(join(dist, 'assets'), { recursive: true });
}

if (flag === '--tests') {
  const folder = join(here, 'test/unit');
  const out = join(here, 'test-results/unit');
  await rm(out, { recursive: true, force: true });
  const files = (await readdir(folder)).filter((name) => name.endsWith('.test.ts'));
  await build({
    absWorkingDir: here,
    entryPoints: files.map((name) => `test/unit/${name}`),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node18',
    outdir: 'test-results/unit',
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
} else if (flag === '--watch') {
  await clean();
  const page = { name: 'page', setup: (b) => b.onEnd((result) => result.metafile && writePages(result.metafile)) };
  const watcher = await context({ ...options, plugins: [page] });
  await watcher.watch();
  const { serve } = await import('./test/mock-server.mjs');
  const server = await serve(Number(process.env.PORT ?? 8080));
  console.log(`http://127.0.0.1:${server.port}/`);
} else {
  await clean();
  const result = await build(options);
  await writePages(result.metafile);
  await printSizes();
}
