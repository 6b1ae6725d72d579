import { clipped } from '../../words/index.ts';
import { createHash } from 'node:crypto';
import type { RunReport } from '../run-report.ts';
import { statusWords } from '../state-words.ts';
import { readAssets } from './assets.ts';
import { Charts } from './chart.ts';
import { metricsSection, resultsSection } from './curves-section.ts';
import { evaluationsSection } from './evaluations-section.ts';
import { jsonInScript, Markup, markup } from './markup.ts';
import { breakersSection, checkpointsSection, configurationSection, overheadSection } from './other-sections.ts';
import { notesSection, summarySection } from './summary-section.ts';
import { timelineSection } from './timeline-section.ts';
import { violationsSection } from './violations-section.ts';
import { moment } from './words.ts';

/**
 * Writes a report as one HTML page that needs nothing else: no network, no file beside it.
 *
 * Its curves are drawn by a script; all of its words and tables are there without. A policy in its head lets no other script run and
 * nothing be loaded, whatever a name in the record holds.
 */
export function reportPage(report: RunReport): string {
  const { run } = report;
  const { styles, scripts } = readAssets();
  const charts = new Charts();
  const sections = [
    notesSection(report),
    metricsSection(report, charts),
    resultsSection(report, charts),
    timelineSection(report, charts),
    violationsSection(report, charts),
    evaluationsSection(report),
    breakersSection(report),
    overheadSection(report),
    checkpointsSection(report),
    configurationSection(report),
  ];
  const policy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `script-src ${scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`).join(' ')}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${clipped(run.name, 80)}: ${statusWords[run.status].word}</title>
<link rel="icon" href="data:,">
<style>${new Markup(styles)}</style>
</head>
<body>
<svg width="0" height="0" aria-hidden="true" class="patterns"><defs>
<pattern id="stripes" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" class="ground"/><rect width="2.5" height="6" class="ink"/></pattern>
<pattern id="dots" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" class="ground"/><circle cx="2.5" cy="2.5" r="1.2" class="ink"/></pattern>
</defs></svg>
<main>
${summarySection(report)}
<noscript><p class="hint">The curves are drawn by a script; their values are in the tables.</p></noscript>
${sections}
<footer>Written by Pitwall from ${run.events === 1 ? 'one event' : `${run.events.toLocaleString('en')} events`}, the last of ${moment(run.lastAt)}. Curves by uPlot.</footer>
</main>
<script type="application/json" id="charts">${jsonInScript(charts.data)}</script>
${scripts.map((script) => markup`<script>${new Markup(script)}</script>\n`)}</body>
</html>
`.text;
}
