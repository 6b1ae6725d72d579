import { clipped, counted, figure } from '../../words/index.ts';
import type { Curve, RunReport } from '../run-report.ts';
import { spread } from '../thinned.ts';
import type { Charts } from './chart.ts';
import { markup, type Content, type Markup } from './markup.ts';
import { table } from './table.ts';
import { nameOf, valueText } from './words.ts';

/** A page of more says less: they are in `--json`. */
const mostCharts = 30;
const mostRows = 40;
const mostColumns = 12;

/** The metrics of the epochs, as curves and as a table. */
export function metricsSection(report: RunReport, charts: Charts): Content {
  const { metrics } = report;
  if (metrics.length === 0) return undefined;
  return markup`<section aria-labelledby="metrics"><h2 id="metrics">Metrics by epoch</h2>
${curves(metrics, lastEpochOf(report), charts)}</section>`;
}

/** What the evaluations found, by the epoch that each is of. */
export function resultsSection(report: RunReport, charts: Charts): Content {
  const { results } = report;
  if (results.length === 0) return undefined;
  return markup`<section aria-labelledby="results"><h2 id="results">Evaluation results</h2>
<p class="hint">Each at the epoch that it is of, however late it came. A band is the interval of an estimate.</p>
${curves(results, lastEpochOf(report), charts)}</section>`;
}

/** All curves have one axis, so that what is under each other is of one epoch. */
function lastEpochOf({ metrics, results }: RunReport): number {
  return [...metrics, ...results].reduce((last, { epochs }) => Math.max(last, epochs.at(-1) ?? 0), 1);
}

function curves(all: readonly Curve[], lastEpoch: number, charts: Charts): Markup {
  const moving = all.filter((curve) => !isConstant(curve));
  const shown = moving.slice(0, mostCharts);
  const more = moving.length - shown.length;
  const constant = all.filter(isConstant).slice(0, mostCharts);
  const told = constant.map(
    (curve, place) => markup`${place === 0 ? '' : ', '}${titleOf(curve)} ${valueText(curve.values[0] ?? null)}`,
  );
  return markup`<div class="grid">${shown.map((curve) => charts.add(titleOf(curve), wordsOf(curve), dataOf(curve, lastEpoch)))}</div>
${constant.length > 0 ? markup`<p class="hint">The same all along: ${told}.</p>` : undefined}
${more > 0 ? markup`<p class="hint">${counted(more, 'more curve')} in the JSON of this report.</p>` : undefined}
<details><summary>Values as a table</summary>${valuesTable(all)}</details>`;
}

/** A line across says no more than its value. */
function isConstant({ values, low, of }: Curve): boolean {
  return low === undefined && of > 1 && values.every((value) => value === values[0]);
}

function titleOf({ evaluation, name }: Curve): Markup {
  return evaluation === undefined ? nameOf(name) : markup`${nameOf(evaluation)} · ${nameOf(name)}`;
}

function dataOf({ epochs, values, low, high }: Curve, lastEpoch: number): Parameters<Charts['add']>[2] {
  return {
    x: epochs,
    y: values,
    ...(low === undefined || high === undefined ? {} : { low, high }),
    axis: 'epoch',
    from: Math.min(1, epochs[0] ?? 1),
    to: lastEpoch,
    unit: '',
    heightPx: 190,
  };
}

function wordsOf({ evaluation, name, epochs, values, of }: Curve): string {
  const numbers = values.filter((value) => value !== null);
  const last = values.findLastIndex((value) => value !== null);
  const whose = `${evaluation === undefined ? '' : `${clipped(evaluation, 100)}, `}${clipped(name, 100)}`;
  if (numbers.length === 0) return `${whose}: ${counted(of, 'value')}, none of them finite`;
  return (
    `${whose}: ${counted(of, 'value')}, ` +
    `from ${figure(Math.min(...numbers))} to ${figure(Math.max(...numbers))}, ` +
    `the last ${valueText(values[last] ?? null)} at epoch ${epochs[last] ?? 0}`
  );
}

/** A row an epoch: the first, the last, and as many between as can be read. */
function valuesTable(all: readonly Curve[]): Markup {
  const columns = all.slice(0, mostColumns);
  const epochs = [...new Set(columns.flatMap((curve) => curve.epochs))].sort((one, other) => one - other);
  const rows = spread(epochs, mostRows).map((epoch) => [
    epoch,
    ...columns.map(({ epochs, values, low, high }) => {
      const place = epochs.lastIndexOf(epoch);
      if (place === -1) return '';
      const interval =
        low === undefined ? '' : ` [${valueText(low[place] ?? null)} to ${valueText(high?.[place] ?? null)}]`;
      return `${valueText(values[place] ?? null)}${interval}`;
    }),
  ]);
  const left = [
    ...(epochs.length > rows.length ? [`${rows.length} of ${epochs.length} epochs`] : []),
    ...(all.length > columns.length ? [`${columns.length} of ${all.length} curves`] : []),
  ];
  return table(
    markup`Values by epoch${left.length === 0 ? '' : `: ${left.join(', ')}`}`,
    [{ head: 'Epoch', isNumber: true }, ...columns.map((curve) => ({ head: titleOf(curve), isNumber: true }))],
    rows,
  );
}
