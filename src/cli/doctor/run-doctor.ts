import { hardLimits, resolveSla } from '../../sla/index.ts';
import { readSla } from '../read-options.ts';
import { heldRules } from './held-rules.ts';
import { guards, measures } from './look-around.ts';
import { findingLines, slaLines } from './report.ts';
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
  const trials = await tryEverything(sla, (finding) => {
    print(findingLines([finding]));
  });
  const measured = await measures();
  const kernel = guards(hardLimits(sla));
  print(['', 'What is measured:', '', ...findingLines(measured)]);
  print(['', 'What the kernel holds, so that it does not hang on us alone:', '', ...findingLines(kernel)]);
  const held = heldRules({ enforced: [...trials, ...kernel], measured }, sla);
  const isHeld = held.every(({ why }) => why === undefined);
  print(['', ...slaLines(path, held)]);
  if (json)
    console.log(
      JSON.stringify({ enforceable: isHeld, sla: held, trials, measures: measured, guards: kernel }, undefined, 2),
    );
  return isHeld ? 0 : 1;
}
