import { drmCards, gpuShareOf, isAlive, killMarked, onPath, readAmdgpu, type GpuReading } from '../../probes/index.ts';
import type { SlaRule } from '../../sla/index.ts';
import { askingMark } from '../../supervisor/gpu-asking.ts';
import { nvidia } from '../../supervisor/gpu-probe-nvidia.ts';
import type { Finding } from './finding.ts';

export interface GpuFindingOptions {
  /** For each question, of which there are three. Default 4 000. */
  readonly patienceMs?: number;
  /** The folders of the machine's cards, for where there is no NVIDIA driver. */
  readonly cards?: readonly string[];
}

const gpuRules = ['gpuUtilizationPercent', 'gpuMemoryMb'] as const satisfies readonly SlaRule[];
const without = 'GPU figures are null, and only a rule whose whenUnmeasured is "abort" minds';

/** What the driver tells, asked as the supervisor asks it: with a time limit, for a hung one would answer never. */
export async function gpuFinding({ patienceMs, cards = drmCards() }: GpuFindingOptions = {}): Promise<Finding> {
  const what = 'NVIDIA GPU (nvidia-smi)';
  const missing = (why: string): Finding => ({ what, status: 'missing', seen: `${why}: ${without}`, rules: gpuRules });
  if (!onPath('nvidia-smi')) return amdFinding(cards) ?? missing('no nvidia-smi is on the path');
  const answer = await endedWithUs(() => nvidia({ patienceMs }).ask());
  return 'why' in answer ? missing(answer.why) : { what, ...whatIsTold(answer.reading) };
}

/** Whoever ends this process while the driver hangs ends what was asked, too. */
async function endedWithUs<T>(ask: () => Promise<T>): Promise<T> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const letGo = (): void => {
    for (const signal of signals) process.off(signal, end);
  };
  const end = (signal: NodeJS.Signals): void => {
    killMarked(askingMark.variable, askingMark.value);
    letGo();
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.on(signal, end);
  return ask().finally(letGo);
}

/** What amdgpu tells, which is of the whole device; nothing where there is none. */
function amdFinding(cards: readonly string[]): Finding | undefined {
  const reading = readAmdgpu(cards);
  if (reading.devices.every(({ utilizationPercent }) => utilizationPercent === null)) return undefined;
  return { what: 'AMD GPU (amdgpu)', ...whatIsTold(reading) };
}

function whatIsTold(reading: GpuReading): Omit<Finding, 'what'> {
  const seen = reading.devices
    .map(({ index, utilizationPercent, memoryUsedMb }) => {
      const use = utilizationPercent === null ? 'unknown' : `${utilizationPercent} %`;
      const memory = memoryUsedMb === null ? 'unknown' : `${memoryUsedMb.toFixed(0)} MB`;
      return `GPU ${index}: use ${use}, memory ${memory}`;
    })
    .join('; ');
  const untold = gpuRules.filter((rule) => !isTold(rule, reading));
  if (untold.length > 0) {
    const warns = reading.devices.some(({ utilizationPercent }) => utilizationPercent !== null);
    const costs = untold.map((rule) =>
      rule === 'gpuUtilizationPercent' && warns ? `${rule} only warns` : `${rule} says nothing`,
    );
    return {
      status: 'limited',
      seen: `${seen}. What an evaluation has of it is not known here: ${costs.join('; ')}`,
      rules: untold,
    };
  }
  const isEmpty = computingOf(reading).length === 0;
  const note = isEmpty ? '. Nothing computes on it now: whether each is told its own shows when one is' : '';
  return { status: 'works', seen: `${seen}${note}`, rules: gpuRules };
}

/** Whether a process's own part is told; where none computes, as beside a desktop, whether it is known of one without any. */
function isTold(rule: (typeof gpuRules)[number], reading: GpuReading): boolean {
  const figure = rule === 'gpuMemoryMb' ? 'memoryMb' : 'utilizationPercent';
  const computing = computingOf(reading);
  if (computing.length === 0) return gpuShareOf(reading, new Set([process.pid]))[figure] !== null;
  return computing.some((each) => each[figure] !== null && isAlive(each.pid));
}

/** What computes by itself: of an MPS server that is alone nothing is known of anybody. */
function computingOf({ processes }: GpuReading): NonNullable<GpuReading['processes']> {
  return (processes ?? []).filter(({ draws, mps }) => draws !== true && mps !== 'server');
}
