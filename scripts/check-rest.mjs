// All of the check but `npm test`: steps that only look run two at a time, and then, alone, those that start processes.
// What a step says is shown whole when it has ended, and of those that failed at the very end, where it is found.
//
//     node scripts/check-rest.mjs [looks|starts]     one part of it alone
import { spawn } from 'node:child_process';

const [part] = process.argv.slice(2);
if (part !== undefined && part !== 'looks' && part !== 'starts') throw new Error(`There is no part "${part}".`);
/** What those that failed said, by name. */
const failed = new Map();

// The longest first. The package is looked at as it was built.
const looking = [['lint'], ['build', 'package'], ['types'], ['format'], ['docs'], ['layers'], ['unused']];
if (part !== 'starts') await Promise.all([inTurns(looking), inTurns(looking)]);
// Their evaluations run at the lowest priority: beside anything else they would starve.
if (part !== 'looks') {
  if (!failed.has('build')) await step('test:dist');
  await step('examples');
}

for (const said of failed.values()) process.stdout.write(said);
if (failed.size > 0) console.log(`\nfailed: ${[...failed.keys()].join(', ')}`);
process.exitCode = failed.size === 0 ? 0 : 1;

/** Takes the next of what is left, as long as something is; of steps that build upon each other, the rest only after a success. */
async function inTurns(left) {
  for (let steps = left.shift(); steps !== undefined; steps = left.shift())
    for (const name of steps) if (!(await step(name))) break;
}

/** Runs a script of package.json, and tells whether it succeeded. */
async function step(name) {
  const fromMs = Date.now();
  const child = spawn('npm', ['run', '--silent', name], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
  const code = await new Promise((resolve) => child.on('close', resolve));
  const seconds = ((Date.now() - fromMs) / 1000).toFixed(0);
  const title = `\n> ${name}: ${code === 0 ? 'passed' : `ended with ${code ?? 'a signal'}`} in ${seconds} s\n`;
  const whole = Buffer.concat([Buffer.from(title), ...said]);
  if (code === 0) process.stdout.write(whole);
  else failed.set(name, whole);
  return code === 0;
}
