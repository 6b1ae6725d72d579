// Adds up vitest's JSON reports into the line 'N passed, N failed'; a missing report counts as one failure.
import { existsSync, readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
for (const path of process.argv.slice(2)) {
  const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
  passed += report?.numPassedTests ?? 0;
  failed +=
    report === undefined ? 1 : report.numFailedTests + report.numFailedTestSuites * (report.numFailedTests === 0);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
