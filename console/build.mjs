import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Builds the console into dist/console-page: one script and one stylesheet, named by their content.
const [source, folder] = ['./', '../dist/console-page/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const { metafile } = await build({
  entryPoints: [`${source}src/main.tsx`],
  outdir: folder,
  entryNames: '[name]-[hash]',
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  tsconfig: `${source}tsconfig.json`,
  logLevel: 'warning',
  metafile: true,
});
const fileOf = (extension) => basename(Object.keys(metafile.outputs).find((name) => name.endsWith(extension)));
const page = readFileSync(`${source}index.html`, 'utf8')
  .replace('main.js', fileOf('.js'))
  .replace('main.css', fileOf('.css'));
writeFileSync(`${folder}index.html`, page);
writeFileSync(`${folder}icon.svg`, readFileSync(`${source}icon.svg`));
