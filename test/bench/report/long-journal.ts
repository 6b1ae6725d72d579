import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atMost, medianText, type Row } from '../measurement.ts';
import type { OwnMeasurement } from '../print-chapters.ts';
import { rounded, spreadOf } from '../statistics.ts';
import { writeJournal } from './journal-of.ts';

const program = fileURLToPath(new URL('./cli/main.js', import.meta.resolve('pitwall')));
/** Leaves behind what its process took of processor and memory, at its end. */
const usageWatch = `data:text/javascript,import { writeFileSync } from 'node:fs'; process.on('exit', () => writeFileSync(process.env.USAGE_FILE, JSON.stringify(process.resourceUsage())));`;

export const longJournal: OwnMeasurement = {
  title: 'A long journal',
  how: 'The journal of a training whose evaluations are sampled ten times a second (seed 1), reported by the program as a user calls it: the whole time of its process, what the processor did of it (on a busy machine the rest is waiting), and the most memory that was resident.',
  measure: async ({ quick }) => {
    const events = quick ? 100_000 : 1_000_000;
    const folder = mkdtempSync(join(tmpdir(), 'pitwall-bench-report-'));
    try {
      const megabytes = (await writeJournal(folder, events, 1)) / 2 ** 20;
      const rows: Row[] = [];
      for (const [what, ...args] of [['the page'], ['--json', '--json'], ['--md', '--md']] as const) {
        const rounds = Array.from({ length: quick ? 2 : 7 }, () => reported(folder, args));
        const seconds = rounds.map((round) => round.seconds);
        const peaksMb = rounds.map((round) => round.peakMb);
        rows.push(
          {
            what: `${events} events: ${what}`,
            who: 'pitwall report',
            figure: medianText(seconds, 's'),
            target: atMost(5, ' s', spreadOf(seconds).median, 'median'),
          },
          {
            what: 'of it the processor',
            who: 'pitwall report',
            figure: medianText(
              rounds.map((round) => round.processorSeconds),
              's',
            ),
          },
          {
            what: 'its memory',
            who: 'pitwall report',
            figure: medianText(peaksMb, 'MB'),
            target: atMost(300, ' MB', spreadOf(peaksMb).max, 'in each round'),
          },
        );
      }
      return { rows, notes: [`The journal has ${rounded(megabytes)} MB.`] };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

interface Reported {
  readonly seconds: number;
  /** On a machine with nothing else to do they are the same, or more where the collector has a thread of its own. */
  readonly processorSeconds: number;
  readonly peakMb: number;
}

function reported(folder: string, args: readonly string[]): Reported {
  const usageFile = join(folder, 'usage');
  const beganMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--import', usageWatch, program, 'report', folder, ...args], {
    env: { ...process.env, USAGE_FILE: usageFile },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const seconds = (performance.now() - beganMs) / 1000;
  if (status !== 0) throw new Error(`It ended with ${status ?? 'a signal'}: ${stderr}`);
  const usage = JSON.parse(readFileSync(usageFile, 'utf8')) as NodeJS.ResourceUsage;
  return {
    seconds,
    processorSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
    peakMb: usage.maxRSS / 1024,
  };
}
