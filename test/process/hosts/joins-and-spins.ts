// An evaluator's first acts, and then no turn of its loop any more; or the end that is asked for.
import { spawn } from 'node:child_process';
import { joinControlGroup } from '../../../src/evaluator/join-control-group.ts';
import { watchLife } from '../../../src/evaluator/life-watch.ts';
import { writeFrame } from '../../../src/wire/index.ts';

joinControlGroup();
watchLife();
const child = spawn('sleep', ['600'], { stdio: 'ignore' });
writeFrame(3, { pid: process.pid, child: child.pid });
const [exitCode] = process.argv.slice(2);
if (exitCode !== undefined) {
  child.kill();
  process.exit(Number(exitCode));
}
for (;;);
