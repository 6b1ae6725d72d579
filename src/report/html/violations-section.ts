import { counted, figure, inWords } from '../../words/index.ts';
import { violationSentence } from '../../sla/index.ts';
import type { RunReport, SamplesTold, ViolationTold } from '../run-report.ts';
import { measureOf } from '../samples.ts';
import type { Charts } from './chart.ts';
import { markup, type Content, type Markup } from './markup.ts';
import { table } from './table.ts';
import { duration, foreign, nameOf, valueText } from './words.ts';

/** Each has a curve: more are in `--json`. */
const mostViolations = 40;
/** The others are to be opened. */
const mostOpen = 6;
const mostRows = 12;

const actions = {
  abort: 'the evaluation was ended',
  throttle: 'the evaluation was given less time',
  warn: 'it was told, and nothing more',
};

const measures = {
  memoryMb: { words: 'Memory', unit: 'MB' },
  cpuPercent: { words: 'Processor', unit: '%' },
  gpuUtilizationPercent: { words: 'GPU', unit: '%' },
  gpuMemoryMb: { words: 'GPU memory', unit: 'MB' },
};

/** Each rule that was broken, with what was sampled until then. */
export function violationsSection({ violations }: RunReport, charts: Charts): Content {
  if (violations.of === 0) return undefined;
  const shown = violations.shown.slice(0, mostViolations);
  return markup`<section aria-labelledby="violations"><h2 id="violations">SLA violations</h2>
${shown.length < violations.of ? markup`<p class="hint">The first ${shown.length} of ${violations.of}.</p>` : undefined}
<div class="violations">${shown.slice(0, mostOpen).map((told) => violationOf(told, charts))}</div>
${
  shown.length > mostOpen
    ? markup`<details><summary>${shown.length - mostOpen} more</summary>
<div class="violations">${shown.slice(mostOpen).map((told) => violationOf(told, charts))}</div></details>`
    : undefined
}</section>`;
}

function violationOf(told: ViolationTold, charts: Charts): Markup {
  const { violation, name, epoch, observedMs, recoveredMs, samples } = told;
  const { rule, limit, observed, unit, action, killedAt, goneAt } = violation;
  const killed =
    killedAt !== undefined && goneAt !== undefined ? `, gone ${duration(goneAt - killedAt)} after the kill` : '';
  return markup`<article class="violation">
<h3><span aria-hidden="true">!</span> ${nameOf(rule)}: ${nameOf(name ?? violation.evaluationId)}${epoch === null ? '' : ` of epoch ${epoch}`}</h3>
<p>${foreign(violation.message ?? violationSentence(violation), 1000)}</p>
<p class="hint">Limit ${inWords(limit, unit)}, observed ${inWords(observed, unit)}, ${duration(observedMs)} after the run began; ${actions[action]}${killed}${
    recoveredMs === null ? '' : `; kept again ${duration(recoveredMs - observedMs)} later`
  }.</p>
${samplesOf(told, samples, charts)}</article>`;
}

function samplesOf({ violation, observedMs }: ViolationTold, samples: SamplesTold, charts: Charts): Content {
  if (samples.of === 0) return markup`<p class="hint">No sample of it is in the record.</p>`;
  const measure = measureOf(violation.rule);
  const { words, unit } = measures[measure];
  const isLimited = measure === violation.rule;
  const values = samples[measure];
  const beganMs = samples.atMs[0] ?? observedMs;
  const curve = {
    // What was observed may lie between two samples: it is the curve's end.
    x: [...samples.atMs, ...(isLimited ? [Math.max(observedMs, samples.atMs.at(-1) ?? 0)] : [])].map(
      (ms) => ms - beganMs,
    ),
    y: [...values, ...(isLimited ? [violation.observed] : [])],
    ...(isLimited ? { limit: violation.limit } : {}),
    axis: 'elapsed' as const,
    unit,
    heightPx: 150,
  };
  const title = `${words}, ${unit}${isLimited ? `; dashed: the limit of ${figure(violation.limit)}` : ''}`;
  const drawn = values.some((value) => value !== null)
    ? charts.add(
        title,
        `${words} of the evaluation, ${counted(samples.of, 'sample')}; the last are in the table`,
        curve,
      )
    : markup`<p class="hint">${words} was not measured.</p>`;
  const last = samples.atMs.map((_, place) => place).slice(-mostRows);
  return markup`${drawn}
<details><summary>The last samples before it</summary>${table(
    `The last ${last.length} of ${counted(samples.of, 'sample')}`,
    ['Before it', 'Memory, MB', 'Processor, %', 'GPU, %', 'GPU memory, MB'].map((head) => ({ head, isNumber: true })),
    last.map((place) => [
      duration(observedMs - (samples.atMs[place] ?? 0)),
      ...([samples.memoryMb, samples.cpuPercent, samples.gpuUtilizationPercent, samples.gpuMemoryMb] as const).map(
        (column) => valueText(column[place] ?? null),
      ),
    ]),
  )}</details>`;
}
