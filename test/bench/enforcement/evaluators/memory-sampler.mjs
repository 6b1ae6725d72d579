// Looks at a process tree's resident memory more often than its supervisor does, from a thread of its own.
// Shared: Int32 [0] the pid to look at (0: nobody), [1] the most KB that were seen, [2] looks.
import { readdirSync, readFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const shared = new Int32Array(workerData);
const text = (path) => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};
const childrenOf = (pid) => {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      text(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean),
    );
  } catch {
    return [];
  }
};
const treeOf = (pid) => [pid, ...childrenOf(pid).flatMap(treeOf)];
/** `timeout`, where the evaluator runs under it: it counts as well. */
const rootOf = (pid) => {
  const stat = text(`/proc/${pid}/stat`);
  const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  return text(`/proc/${parent}/comm`).trim() === 'timeout' ? parent : pid;
};

let tree = [];
let pid = 0;
for (let look = 0; ; look++) {
  Atomics.wait(shared, 3, 0, 0.3);
  const wanted = Atomics.load(shared, 0);
  if (wanted === 0) {
    pid = 0;
    continue;
  }
  if (wanted !== pid || look % 16 === 0) tree = treeOf(String(rootOf(wanted)));
  pid = wanted;
  const pages = tree.map((each) => Number(text(`/proc/${each}/statm`).split(' ')[1] ?? 0));
  const kilobytes = pages.reduce((sum, each) => sum + each, 0) * 4;
  if (kilobytes > Atomics.load(shared, 1)) Atomics.store(shared, 1, kilobytes);
  Atomics.add(shared, 2, 1);
}
