import { clipped, figure } from '../../words/index.ts';
import { overheadPart } from '../overhead-part.ts';
import { plainJson } from '../plain-json.ts';
import type { RunReport } from '../run-report.ts';
import { markup, type Content } from './markup.ts';
import { table } from './table.ts';
import { duration, foreign, measured, nameOf } from './words.ts';

/** Longer configurations are cut. */
const longestConfig = 100_000;
const mostRows = 200;

/** What the circuit breakers did, and why. */
export function breakersSection({ breakers }: RunReport): Content {
  if (breakers.length === 0) return undefined;
  const rows = breakers.flatMap(({ name, transitions }) =>
    transitions.shown.map(({ atMs, from, to, reason }) => [
      nameOf(name),
      duration(atMs),
      markup`${nameOf(from)} → ${nameOf(to)}`,
      foreign(reason, 1000),
    ]),
  );
  const of = breakers.reduce((sum, { transitions }) => sum + transitions.of, 0);
  const shown = rows.slice(0, mostRows);
  return markup`<section aria-labelledby="breakers"><h2 id="breakers">Circuit breakers</h2>
${table(
  `Transitions${shown.length < of ? ` (the first ${shown.length} of ${of})` : ''}`,
  [{ head: 'Breaker' }, { head: 'After', isNumber: true }, { head: 'Transition' }, { head: 'Why' }],
  shown,
)}</section>`;
}

/** What Pitwall and each callback cost the training's thread. */
export function overheadSection({ overhead, resumptions, trouble }: RunReport): Content {
  if (overhead === null) return undefined;
  const longest = new Map(trouble.slow.map(({ callback, longestMs }) => [callback, longestMs]));
  const { totalMs, trainingMs, callbacksMs } = overhead;
  const rows = Object.entries(callbacksMs).sort(([, one], [, other]) => other - one);
  const share = (ms: number): string => measured(trainingMs > 0 ? (100 * ms) / trainingMs : null, '%');
  return markup`<section aria-labelledby="overhead"><h2 id="overhead">Overhead</h2>
<p class="hint">Synchronous time on the training’s thread${overheadPart({ resumptions })}: ${duration(totalMs)} of ${duration(trainingMs)}, ${measured(overhead.percent, '%')}.${
    resumptions.length === 0 ? '' : ' What it was before is not in the record.'
  }</p>
${
  rows.length === 0
    ? undefined
    : table(
        'By callback',
        [
          { head: 'Callback' },
          { head: 'Time', isNumber: true },
          { head: 'Of the training', isNumber: true },
          { head: 'Longest told as slow', isNumber: true },
        ],
        rows
          .slice(0, mostRows)
          .map(([name, ms]) => [nameOf(name), duration(ms), share(ms), duration(longest.get(name) ?? null)]),
      )
}</section>`;
}

/** Where the training was kept. */
export function checkpointsSection({ checkpoints }: RunReport): Content {
  const { shown, of } = checkpoints;
  if (of === 0) return undefined;
  return markup`<section aria-labelledby="checkpoints"><h2 id="checkpoints">Checkpoints</h2>
<details><summary>${of === 1 ? 'One checkpoint' : `${figure(of)} checkpoints`}</summary>${table(
    shown.length < of ? `The last ${shown.length} of ${of}` : 'Each checkpoint',
    [
      { head: 'Epoch', isNumber: true },
      { head: 'Step', isNumber: true },
      { head: 'After', isNumber: true },
      { head: 'File' },
    ],
    shown.map(({ atMs, epoch, step, path }) => [epoch, step ?? '–', duration(atMs), foreign(path, 500)]),
  )}</details></section>`;
}

/** What the run was begun with. */
export function configurationSection({ config }: RunReport): Content {
  return markup`<section aria-labelledby="configuration"><h2 id="configuration">Configuration</h2>
<details><summary>As the run was begun with</summary>
<pre class="scroll" tabindex="0">${clipped(plainJson(config), longestConfig)}</pre></details></section>`;
}
