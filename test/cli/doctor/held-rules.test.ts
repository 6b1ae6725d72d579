import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { heldRules } from '../../../src/cli/doctor/held-rules.ts';
import { resolveSla, type SlaInput } from '../../../src/sla/index.ts';

const gpu = (status: Finding['status']): Finding => ({
  what: 'GPU',
  status,
  seen: 'its figures',
  rules: ['gpuUtilizationPercent', 'gpuMemoryMb'],
});
const deathSignal: Finding = {
  what: 'death signal',
  status: 'missing',
  seen: 'nothing is paused',
  rules: ['gpuUtilizationPercent'],
};

/** The rules that cannot be held, and why. */
function broken(sla: SlaInput, measured: Finding, enforced: readonly Finding[] = []) {
  const held = heldRules({ enforced, measured: [measured] }, resolveSla(sla, 'the SLA').sla);
  return held.flatMap(({ rule, why }) => (why === undefined ? [] : [`${rule}: ${why}`]));
}

const gpuMemoryMb = { limit: 4_000, whenUnmeasured: 'abort' } as const;

describe('a rule about a GPU, as the doctor tells it', () => {
  it.each<[string, SlaInput, Finding['status'], readonly string[]]>([
    ['is held where the GPU is measured', { gpuMemoryMb }, 'works', []],
    ['is not where too little is told, and is to be at all costs', { gpuMemoryMb }, 'limited', ['gpuMemoryMb']],
    ['nor without a GPU', { gpuMemoryMb }, 'missing', ['gpuMemoryMb']],
    ['breaks nothing otherwise where too little is told', { gpuMemoryMb: 4_000 }, 'limited', []],
    ['breaks nothing otherwise without a GPU', { gpuMemoryMb: 4_000 }, 'missing', []],
  ])('%s', (_, sla, status, rules) => {
    expect(broken(sla, gpu(status))).toEqual(rules.map((rule) => `${rule}: GPU: its figures`));
  });

  it.each(['works', 'missing'] as const)('is not held where nothing can be paused, with a GPU that is %s', (status) => {
    expect(broken({}, gpu(status), [deathSignal])).toEqual(['gpuUtilizationPercent: death signal: nothing is paused']);
  });
});
