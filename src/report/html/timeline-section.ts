import { clipped, counted } from '../../words/index.ts';
import type { BreakerTold, EvaluationTold, Resumption, RunReport } from '../run-report.ts';
import { stateWords } from '../state-words.ts';
import type { Charts } from './chart.ts';
import { markup, type Content, type Markup } from './markup.ts';
import { lanesOf, type LaneGroup } from './timeline-lanes.ts';
import { duration, figuresText, nameOf, whyText } from './words.ts';

const lanePx = 18;
const barPx = 12;
const mostGroups = 40;

/** When each evaluation was asked for, waited, ran and ended, under the training's own speed. */
export function timelineSection(report: RunReport, charts: Charts): Content {
  const { run, evaluations, breakers, steps, resumptions } = report;
  if (evaluations.of === 0 && steps.of === 0) return undefined;
  const axis: Axis = { spanMs: Math.max(1, run.durationMs), resumptions };
  const groups = lanesOf(evaluations.shown, axis.spanMs);
  return markup`<section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>
${charts.add('Training speed, steps a second', speedWords(report), {
  x: steps.atMs,
  y: steps.perSecond,
  axis: 'elapsed',
  from: 0,
  to: axis.spanMs,
  fromZero: true,
  unit: 'steps/s',
  heightPx: 150,
})}
<div class="timeline">
${groups.slice(0, mostGroups).map((group) => groupOf(group, axis))}
${breakers.slice(0, mostGroups).map((breaker) => breakerOf(breaker, axis))}
</div>
${legend(report)}
${steps.atMs.length < steps.of ? markup`<p class="hint">${steps.atMs.length} of ${steps.of} summaries are drawn: the least and the greatest of each stretch.</p>` : undefined}
${evaluations.shown.length < evaluations.of ? markup`<p class="hint">${evaluations.shown.length} of ${evaluations.of} evaluations are drawn: of those that did not complete as many as can be, the others evenly spread.</p>` : undefined}
</section>`;
}

interface Axis {
  readonly spanMs: number;
  readonly resumptions: readonly Resumption[];
}

function speedWords({ steps: { perSecond, of } }: RunReport): string {
  if (of === 0) return 'No summary of steps is in the record: a run tells one a second.';
  const least = perSecond.reduce((one, other) => Math.min(one, other));
  const greatest = perSecond.reduce((one, other) => Math.max(one, other));
  return `${counted(of, 'summary').replace(/ys$/, 'ies')} of about a second, from ${least.toFixed(1)} to ${greatest.toFixed(1)} steps a second`;
}

function groupOf({ name, lanes, skipped }: LaneGroup, axis: Axis): Markup {
  const heightPx = lanes.length * lanePx + (skipped.length > 0 ? lanePx : 0);
  const number = lanes.reduce((sum, lane) => sum + lane.length, 0);
  const words = `${clipped(name, 100)}: ${counted(number, 'evaluation')} ran or waited, ${skipped.length} skipped; the table below has each`;
  return markup`<h3>${nameOf(name)}</h3>
<svg class="lanes" height="${heightPx}" role="img" aria-label="${words}">${marks(axis, heightPx)}${lanes.map(
    (lane, place) => lane.map((evaluation) => bar(evaluation, place * lanePx + (lanePx - barPx) / 2, axis)),
  )}${skipped.map((evaluation) => cross(evaluation, lanes.length * lanePx + lanePx - 5, axis))}</svg>`;
}

/** A line while it waited, a bar while it ran. */
function bar(evaluation: EvaluationTold, y: number, axis: Axis): Markup {
  const { requestedMs, startedMs, endedMs, state } = evaluation;
  const endMs = endedMs ?? axis.spanMs;
  const ran =
    startedMs === null
      ? undefined
      : markup`<rect class="bar ${state}" x="${percent(startedMs, axis)}" width="${percent(endMs - startedMs, axis)}" y="${y}" height="${barPx}"/>`;
  const waited = markup`<line class="waited ${startedMs === null ? state : ''}" x1="${percent(requestedMs, axis)}" x2="${percent(startedMs ?? endMs, axis)}" y1="${y + barPx / 2}" y2="${y + barPx / 2}"/>`;
  return markup`<g>${titleOf(evaluation)}${waited}${ran}</g>`;
}

function cross(evaluation: EvaluationTold, y: number, axis: Axis): Markup {
  const x = percent(evaluation.endedMs ?? evaluation.requestedMs, axis);
  return markup`<text class="skipped" x="${x}" y="${y}" text-anchor="middle">${titleOf(evaluation)}×</text>`;
}

function titleOf({ name, epoch, state, requestedMs, startedMs, wallMs, why, result }: EvaluationTold): Markup {
  const waitedMs = startedMs === null ? null : startedMs - requestedMs;
  const told = [
    `${clipped(name, 100)}, epoch ${epoch}: ${stateWords[state].word}`,
    ...(why === null ? [] : [clipped(whyText(state, why), 300)]),
    ...(result.length === 0 ? [] : [figuresText(result, 6)]),
    `asked for at ${duration(requestedMs)}`,
    ...(waitedMs === null ? [] : [`waited ${duration(waitedMs)}`]),
    ...(wallMs === null ? [] : [`ran ${duration(wallMs)}`]),
  ];
  return markup`<title>${told.join('\n')}</title>`;
}

function breakerOf({ name, transitions }: BreakerTold, axis: Axis): Markup {
  const [first] = transitions.shown;
  const changes = [{ atMs: 0, to: first?.from ?? 'closed', reason: 'as it began' }, ...transitions.shown];
  const states = changes.map(({ atMs, to, reason }, place) => {
    const untilMs = changes[place + 1]?.atMs ?? axis.spanMs;
    const told = `${to} for ${duration(untilMs - atMs)}: ${clipped(reason, 300)}`;
    return markup`<rect class="breaker ${breakerClass(to)}" x="${percent(atMs, axis)}" width="${percent(untilMs - atMs, axis)}" y="4" height="${barPx - 2}"><title>${told}</title></rect>`;
  });
  return markup`<h3>Breaker ${nameOf(name)}</h3>
<svg class="lanes" height="${lanePx}" role="img" aria-label="${`breaker ${clipped(name, 100)}: ${counted(transitions.of, 'transition')}; the table below has each`}">${marks(axis, lanePx)}${states}</svg>`;
}

/** What is neither open nor half-open lets every evaluation through. */
function breakerClass(state: string): string {
  if (state === 'open' || state === 'forced-open') return 'open';
  return state === 'half-open' ? 'half-open' : 'closed';
}

/** Where the run went on in another process, and how long there was none. */
function marks(axis: Axis, heightPx: number): Content {
  return axis.resumptions.map(
    ({ atMs, awayMs }) =>
      markup`<rect class="away" x="${percent(atMs - awayMs, axis)}" width="${percent(awayMs, axis)}" y="0" height="${heightPx}"><title>no process ran for ${duration(awayMs)}; then it was resumed</title></rect>`,
  );
}

function percent(ms: number, { spanMs }: Axis): string {
  return `${Number(((100 * Math.max(0, ms)) / spanMs).toFixed(3))}%`;
}

/** A sign for each thing that is drawn, and no other. */
function legend({ evaluations, breakers, resumptions }: RunReport): Content {
  const { counts } = evaluations;
  const opened = breakers.length > 0;
  const entries = [
    evaluations.of > 0 && sample('waited', markup`<line class="waited" x1="0" x2="28" y1="8" y2="8"/>`),
    counts.completed > 0 && sample('ran, completed', rect('bar completed')),
    counts.violated > 0 && sample('broke its SLA', rect('bar violated')),
    counts.failed > 0 && sample('failed', rect('bar failed')),
    counts.cancelled > 0 && sample('cancelled', rect('bar cancelled')),
    counts.unfinished > 0 && sample('no end in the record', rect('bar running')),
    counts.skipped > 0 && sample('skipped', markup`<text class="skipped" x="14" y="13" text-anchor="middle">×</text>`),
    opened && sample('breaker open', rect('breaker open')),
    opened && sample('half-open', rect('breaker half-open')),
    opened && sample('closed', rect('breaker closed')),
    resumptions.length > 0 && sample('no process ran', rect('away')),
  ];
  return markup`<ul class="legend" aria-label="Signs of the timeline">${entries.filter((entry) => entry !== false)}</ul>`;
}

function rect(kind: string): Markup {
  return markup`<rect class="${kind}" x="2" y="2" width="24" height="${barPx}"/>`;
}

function sample(words: string, drawn: Markup): Markup {
  return markup`<li><svg width="28" height="16" aria-hidden="true">${drawn}</svg> ${words}</li>`;
}
