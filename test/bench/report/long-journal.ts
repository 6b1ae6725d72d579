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
/** Leaves behind how much memory its process had at most, in KB. */
const peakWatch = `data:text/javascript,import { writeFileSync } from 'node:fs'; process.on('exit', () => writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS)));`;

export const longJournal: OwnMeasurement = {
  title: 'A long journal',
  how: 'The journal of a training whose evaluations are sampled ten times a second (seed 1), reported by the program as a user calls it: the whole time of its process, and the most memory that was resident.',
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
            what: `its memory`,
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

function reported(folder: string, args: readonly string[]): { readonly seconds: number; readonly peakMb: number } {
  const peakFile = join(folder, 'peak');
  const beganMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--import', peakWatch, program, 'report', folder, ...args], {
    env: { ...process.env, PEAK_FILE: peakFile },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const seconds = (performance.now() - beganMs) / 1000;
  if (status !== 0) throw new Error(`It ended with ${status ?? 'a signal'}: ${stderr}`);
  return { seconds, peakMb: Number(readFileSync(peakFile, 'utf8')) / 1024 };
}
