import { counted, figure } from '../../words/index.ts';
import { overheadPart } from '../overhead-part.ts';
import type { RunReport } from '../run-report.ts';
import { statusWords } from '../state-words.ts';
import { markup, type Content, type Markup } from './markup.ts';
import { duration, foreign, measured, moment, nameOf } from './words.ts';

/** The head of the page: whose run it is, how it ended, and its figures. */
export function summarySection(report: RunReport): Markup {
  const { run, evaluations, violations, breakers, checkpoints, overhead } = report;
  const { sign, word } = statusWords[run.status];
  const why = run.error?.message ?? run.reason;
  const openings = breakers
    .flatMap(({ transitions }) => transitions.shown)
    .filter(({ to }) => to === 'open' || to === 'forced-open').length;
  const { counts } = evaluations;
  return markup`<header>
<p class="kind">Training run <bdi>${run.id}</bdi></p>
<h1>${nameOf(run.name)}</h1>
<p class="status ${run.status}"><span aria-hidden="true">${sign}</span> ${word}</p>${
    why === null ? '' : markup`<p class="why">${foreign(why, 1000)}</p>`
  }
<dl class="facts">
${fact('Began', moment(run.startedAt))}
${fact('Took', duration(run.durationMs), run.awayMs > 0 ? `${duration(run.awayMs)} of it no process ran` : undefined)}
${fact('Epochs', `${run.epochsDone} of ${run.epochsPlanned}`)}
${fact('Steps', run.steps.toLocaleString('en'))}
${fact('Evaluations', counts.requested, countsText(counts))}
${fact('SLA violations', violations.of)}
${fact('Breaker openings', openings)}
${fact('Checkpoints', checkpoints.of)}
${fact('Pitwall’s own time', measured(overhead?.percent ?? null, '%'), overhead === null ? undefined : `${duration(overhead.totalMs)} of the training’s thread${overheadPart(report)}`)}
</dl>
</header>`;
}

function fact(name: string, value: Content, beside?: string): Markup {
  return markup`<div><dt>${name}</dt><dd>${value}${beside === undefined ? '' : markup`<small>${beside}</small>`}</dd></div>`;
}

function countsText({ requested: _, ...counts }: RunReport['evaluations']['counts']): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([how, count]) => `${count} ${how}`)
    .join(', ');
}

/** What a reader must know of the record before trusting the rest; nothing where there is nothing to say. */
export function notesSection({ trouble, resumptions, run, metrics, results }: RunReport): Content {
  const thin = [...metrics, ...results].filter(({ of, values }) => values.length < of);
  const notFinite = [...metrics, ...results].filter(({ notFinite }) => notFinite > 0);
  const notes: Content[] = [
    trouble.torn,
    run.status === 'no-end'
      ? `The record has no end: the run ${run.isLocked ? 'may still go on' : 'was killed, or it still goes on'}.`
      : undefined,
    ...resumptions.map(
      ({ atMs, fromEpoch, awayMs }) =>
        markup`Resumed ${duration(atMs)} after its beginning, ${fromEpoch === 0 ? 'from the start' : `from the checkpoint of epoch ${fromEpoch}`}, after ${duration(awayMs)} without a process. What was done again is told once.`,
    ),
    ...notFinite.map(
      ({ name, notFinite: count }) => markup`${nameOf(name)} was NaN or infinite ${counted(count, 'time')}.`,
    ),
    ...thin.map(
      ({ name, values, of }) =>
        markup`Of ${nameOf(name)} ${figure(values.length)} of ${figure(of)} values are drawn: the least and the greatest of each stretch.`,
    ),
    ...trouble.errors.map(
      ({ callback, count, message }) =>
        markup`Callback ${nameOf(callback)} failed (${counted(count, 'time')}): ${foreign(message, 1000)}`,
    ),
    ...trouble.dropped.map(({ what, count }) => markup`Dropped: ${figure(count)} of ${nameOf(what)}.`),
    ...trouble.unenforceable.map(
      ({ rule, why }) => markup`The rule ${nameOf(rule)} could not be enforced: ${foreign(why, 1000)}`,
    ),
    ...trouble.unmeasured.map(({ rule, why }) => markup`${nameOf(rule)} could not be measured: ${foreign(why, 1000)}`),
  ].filter((note) => note !== undefined && note !== null);
  if (notes.length === 0) return undefined;
  return markup`<section aria-labelledby="notes"><h2 id="notes">What to know</h2>
<ul class="notes">${notes.map((note) => markup`<li>${note}</li>`)}</ul></section>`;
}
