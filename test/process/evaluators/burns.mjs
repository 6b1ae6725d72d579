// Burns a core in slices, alone or with a child of its own, until it is told to stop; or for so much processor time, and then rests.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { setImmediate as breath } from 'node:timers/promises';

const usedMs = () => process.cpuUsage().user / 1000;

export default async function evaluate({ withChild = false, burnMs = Infinity }, { signal, partial }) {
  if (withChild) spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  const endMs = usedMs() + burnMs;
  while (!signal.aborted && usedMs() < endMs) {
    const untilMs = performance.now() + 5;
    while (performance.now() < untilMs);
    await breath();
  }
  if (!signal.aborted) await once(signal, 'abort');
  partial({ stopped: true });
  return { stopped: true };
}
