import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadText, machineText } from './machine.ts';
import type { Measured } from './measurement.ts';
import { chapterText, summaryText, type Chapter } from './report.ts';

/** Something to measure in the process that prints it. */
export interface OwnMeasurement {
  readonly title: string;
  readonly how: string;
  readonly measure: (circumstances: { readonly quick: boolean }) => Measured | Promise<Measured>;
}

/** Measures one after the other, and prints each as it comes; with `--markdown FILE` all of it as a page too. */
export async function printChapters(
  name: string,
  preface: string,
  measurements: readonly OwnMeasurement[],
): Promise<void> {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, markdown: { type: 'string' } },
  });
  const { quick, markdown } = values;
  const command = `npm run bench:${name}${quick ? ' -- --quick' : ''}`;
  const origin = `Printed by \`${command}\` on ${machineText()}; ${loadText()}. Medians stand with the least and the most, [min to max].`;
  console.log(origin);
  const chapters: Chapter[] = [];
  for (const { title, how, measure } of measurements) {
    const beganMs = performance.now();
    const measured = await measure({ quick });
    const chapter = { title, how, seconds: (performance.now() - beganMs) / 1000, measured };
    chapters.push(chapter);
    console.log(chapterText(chapter));
  }
  console.log(summaryText(chapters));
  if (markdown !== undefined)
    writeFileSync(markdown, [preface, origin, summaryText(chapters), ...chapters.map(chapterText)].join('\n\n'));
}
