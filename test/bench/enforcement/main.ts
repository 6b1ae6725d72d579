// Prints what enforcement costs and how far it is held, beside what a user would do without Pitwall.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { endAllNow, inOwnProcess } from '../in-own-process.ts';
import { loadText, machineText } from '../machine.ts';
import { chapterText, summaryText, type Chapter } from '../report.ts';
import { preface } from './preface.ts';
import { isMeasurementName, measurementNames } from './measurements.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    markdown: { type: 'string' },
  },
});
const { quick, only, markdown } = values;
const wanted = only?.split(',') ?? measurementNames;
for (const name of wanted)
  if (!isMeasurementName(name))
    throw new Error(`There is no measurement "${name}": there are ${measurementNames.join(', ')}.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    endAllNow();
    process.exit(130);
  });

/** Only so that it ends: none takes nearly as long. */
const boundS = 600;
const command = `npm run bench:enforcement${quick ? ' -- --quick' : ''}`;
const origin = `Printed by \`${command}\` on ${machineText()}; ${loadText()}. Medians stand with the least and the most, [min to max].`;
console.log(origin);
const chapters: Chapter[] = [];
let leftovers = 0;
const beganMs = performance.now();
for (const name of wanted) {
  const chapter = await inOwnProcess(new URL('./own-process.js', import.meta.url), { name, quick, boundS });
  leftovers += chapter.leftovers;
  chapters.push(chapter);
  console.log(chapterText(chapter));
}
const took = `All of it took ${((performance.now() - beganMs) / 1000).toFixed(0)} s.${
  leftovers === 0 ? '' : ` ${leftovers} processes of peers had outlived the program that started them, and were ended.`
}\n`;
console.log(`${summaryText(chapters)}\n${took}`);
if (markdown !== undefined)
  writeFileSync(
    markdown,
    [preface, `${origin} ${took}`, summaryText(chapters), ...chapters.map(chapterText)].join('\n'),
  );
if (chapters.some(({ measured }) => 'failure' in measured)) process.exitCode = 1;
