export { lastMetrics } from './last-metrics.ts';
export { plainJson } from './plain-json.ts';
export { reportMarkdown } from './markdown.ts';
export { reportPage } from './html/report-page.ts';
export { reportRun } from './report-run.ts';
export type { RunReport } from './run-report.ts';
export { statusWords } from './state-words.ts';
