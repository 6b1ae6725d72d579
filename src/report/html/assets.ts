import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What stands in the page beside its text. */
export interface Assets {
  readonly styles: string;
  /** In the order in which they run. */
  readonly scripts: readonly string[];
}

/** Reads what a page is drawn with: uPlot, as it is installed, and our own. */
export function readAssets(): Assets {
  const uPlot = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
  const read = (path: string): string => readFileSync(path, 'utf8');
  const own = (name: string): string => readFileSync(new URL(`../page/${name}`, import.meta.url), 'utf8');
  const licence = read(join(uPlot, 'LICENSE')).replaceAll('*/', '* /');
  return {
    styles: `${read(join(uPlot, 'dist', 'uPlot.min.css'))}\n${own('report-page.css')}`,
    scripts: [`/* uPlot\n${licence}*/\n${read(join(uPlot, 'dist', 'uPlot.iife.min.js'))}`, own('report-page.js')],
  };
}
