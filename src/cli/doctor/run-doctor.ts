import { resolveSla, slaRules, type Sla } from '../../sla/index.ts';
import { readSla } from '../read-options.ts';
import type { Finding } from './finding.ts';
import { guards, measures } from './look-around.ts';
import { findingLines, slaLines, type HeldRule } from './report.ts';
import { tryEverything } from './trials.ts';

export interface DoctorOptions {
  readonly sla?: string | undefined;
  readonly json: boolean;
}

/**
 * Tries everything, and prints it as it is found.
 *
 * @returns the exit code: 1 where a rule of the SLA cannot be held here
 */
export async function runDoctor({ sla: path, json }: DoctorOptions): Promise<number> {
  const { sla } = path === undefined ? resolveSla(undefined, 'The default SLA') : await readSla(path);
  const print = (lines: readonly string[]): void => {
    if (!json) console.log(lines.join('\n'));
  };
  print(['What is tried with real evaluators:', '']);
  const trials = await tryEverything((finding) => {
    print(findingLines([finding]));
  });
  const measured = await measures();
  const kernel = guards();
  print(['', 'What is measured:', '', ...findingLines(measured)]);
  print(['', 'What the kernel holds, so that it does not hang on us alone:', '', ...findingLines(kernel)]);
  const held = heldRules([...trials, ...kernel, ...measured], sla);
  const isHeld = held.every(({ why }) => why === undefined);
  print(['', ...slaLines(path, held)]);
  if (json)
    console.log(
      JSON.stringify({ enforceable: isHeld, sla: held, trials, measures: measured, guards: kernel }, undefined, 2),
    );
  return isHeld ? 0 : 1;
}

/** The rules of an SLA, and why they cannot be held where they cannot. */
function heldRules(findings: readonly Finding[], sla: Sla): readonly HeldRule[] {
  return slaRules.flatMap((rule) => {
    const limits = sla[rule];
    if (limits === undefined) return [];
    // What says nothing here is not broken either, unless it is to be measured at all costs.
    const saysNothing = rule.startsWith('gpu') && 'whenUnmeasured' in limits && limits.whenUnmeasured === 'report';
    const without = findings.find(({ status, rules }) => !saysNothing && status === 'missing' && rules.includes(rule));
    const { limit, action } = limits;
    return [{ rule, limit, action, ...(without !== undefined && { why: `${without.what}: ${without.seen}` }) }];
  });
}
