import { accessSync, constants, statfsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { HardLimits } from '../../executors/index.ts';
import type { SlaRule } from '../../sla/index.ts';
import { tryContainment } from '../../supervisor/containment.ts';
import { describeContainment, unenforceable } from '../../supervisor/describe-containment.ts';
import { machineNowMs, scratchParents } from '../../wire/index.ts';
import type { Finding } from './finding.ts';
import { gpuFinding } from './gpu-finding.ts';

/** The kernel's guards, each tried by the supervisor's own means, and which of these limits are not held without them. */
export function guards(limits: HardLimits): readonly Finding[] {
  const containment = tryContainment();
  const unheld = unenforceable(containment, 'evaluator', limits);
  return describeContainment(containment).map(({ mechanism, works, without }) => ({
    what: mechanism,
    status: works ? 'works' : 'missing',
    seen: works ? '' : without,
    rules: works ? [] : unheld.filter(({ why }) => why === without).map(({ rule }) => rule as SlaRule),
  }));
}

/** What is measured without an evaluator. */
export async function measures(): Promise<readonly Finding[]> {
  return [sharedMemory(), await clock(), await gpuFinding()];
}

const littleMb = 256;

function sharedMemory(): Finding {
  const [folder, otherwise] = scratchParents();
  const what = 'shared memory for inputs and results';
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(folder);
    const freeMb = Math.floor((bavail * bsize) / 2 ** 20);
    const isEnough = freeMb >= littleMb;
    const seen = `${freeMb} MB are free in ${folder}${isEnough ? '' : `: what does not fit goes through ${otherwise}`}`;
    return { what, status: isEnough ? 'works' : 'limited', seen, rules: [] };
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? `there is no ${folder}` : `${folder} may not be written`;
    return { what, status: 'limited', seen: `${why}: everything goes through ${otherwise}`, rules: [] };
  }
}

async function clock(): Promise<Finding> {
  const late: number[] = [];
  for (let count = 0; count < 20; count++) {
    const beganMs = machineNowMs();
    await wait(5);
    late.push(machineNowMs() - beganMs - 5);
  }
  const medianMs = late.sort((one, other) => one - other)[10] ?? 0;
  const isFine = medianMs < 5;
  const seen = `a timer of 5 ms fires ${Math.max(0, medianMs).toFixed(2)} ms late (median of 20)`;
  return { what: 'clock and timers', status: isFine ? 'works' : 'limited', seen, rules: [] };
}
