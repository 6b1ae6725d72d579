// Runs an evaluator the way any program is run: JSON in, lines on the descriptor, the result as the last line of stdout.
import { readFileSync, writeSync } from 'node:fs';
const [, , module, input] = process.argv;
const say = (message) => writeSync(Number(process.env.PITWALL_FD), `${JSON.stringify(message)}\n`);
const item = async (name, work) => {
  say({ type: 'item', name });
  try {
    return await work();
  } finally {
    say({ type: 'item-end', name });
  }
};
const progress = (done, total, note) => say({ type: 'progress', done, total, note });
const partial = (value) => say({ type: 'partial', value });
setInterval(() => undefined, 1000); // as a supervisor's word keeps an evaluator alive
const { default: evaluate } = await import(module);
const signal = { aborted: false, addEventListener: () => undefined }; // a command is asked by SIGTERM
const result = await evaluate(JSON.parse(readFileSync(input, 'utf8')), { item, progress, partial, signal, seed: 1 });
console.log(JSON.stringify(result ?? null));
process.exit(0);
