import { AskedProgram, drmCards, onPath, readAmdgpu } from '../../probes/index.ts';
import type { SlaRule } from '../../sla/index.ts';
import { askingMark } from '../../supervisor/gpu-asking.ts';
import type { Finding } from './finding.ts';

/**
 * What the driver says itself, with a time limit: a hung one would answer never.
 *
 * @param cards the folders of the machine's cards, for where there is no NVIDIA driver
 */
export async function gpuFinding(patienceMs = 5_000, cards = drmCards()): Promise<Finding> {
  const what = 'NVIDIA GPU (nvidia-smi)';
  const without = 'GPU figures are null, and nothing else changes';
  const rules: readonly SlaRule[] = ['gpuUtilizationPercent', 'gpuMemoryMb'];
  if (!onPath('nvidia-smi'))
    return (
      amdFinding(cards, rules) ?? { what, status: 'missing', seen: `no nvidia-smi is on the path: ${without}`, rules }
    );
  try {
    const program = new AskedProgram('nvidia-smi', { patienceMs, mark: askingMark });
    const stdout = await program.printed(['--query-gpu=name,utilization.gpu,memory.total', '--format=csv,noheader']);
    const found = stdout.trim().split('\n').filter(Boolean);
    if (found.length === 0) return { what, status: 'missing', seen: `nvidia-smi names none: ${without}`, rules };
    return { what, status: 'works', seen: found.join('; '), rules };
  } catch (error) {
    const why = `nvidia-smi: ${(error as Error).message}`;
    return { what, status: 'missing', seen: `${why}: ${without}`, rules };
  }
}

/** What amdgpu tells, which is of the whole device; nothing where there is none. */
function amdFinding(cards: readonly string[], rules: readonly SlaRule[]): Finding | undefined {
  const uses = readAmdgpu(cards).devices.flatMap(({ utilizationPercent }) => utilizationPercent ?? []);
  if (uses.length === 0) return undefined;
  const seen = `${uses.map((percent) => `${percent} %`).join('; ')} in use by everybody: what an evaluation has of it is not known, so that gpuUtilizationPercent only warns`;
  return { what: 'AMD GPU (amdgpu)', status: 'limited', seen, rules };
}
