// What browsers get (src/*/page) is no TypeScript: it goes into the package as it is.
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';

const source = new URL('../src/', import.meta.url);
const built = new URL('../dist/', import.meta.url);
for (const room of readdirSync(source)) {
  const page = `${room}/page/`;
  if (!existsSync(new URL(page, source))) continue;
  mkdirSync(new URL(page, built), { recursive: true });
  for (const name of readdirSync(new URL(page, source)))
    if (/\.(?:js|css)$/.test(name)) copyFileSync(new URL(page + name, source), new URL(page + name, built));
}
