// Tests the built package; where PITWALL_DIST_RESULTS is set, the results are left there too.
import { spawnSync } from 'node:child_process';

const results = process.env.PITWALL_DIST_RESULTS;
const reporters = results === undefined ? [] : ['--reporter=default', '--reporter=json', `--outputFile=${results}`];
const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'dist', ...reporters], { stdio: 'inherit' });
process.exitCode = status ?? 1;
