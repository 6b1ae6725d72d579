// Prints what evaluations cost a training, what the meter makes of it, and how the governor holds it.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trainingSpeed } from '../enforcement/training-speed.ts';
import { printChapters } from '../print-chapters.ts';
import { meter } from './meter.ts';

const preface = `# What evaluations cost the training

First what the meter of \`trainingImpactPercent\` says of evaluations that cost nothing, little and much, how long it takes to say so,
and what the training loses once the governor holds it; then how much slower a training is beside two evaluations, here and in what
one would use without Pitwall. How it works: [How the impact is measured](how-the-impact-is-measured.md).`;

const { title, how } = trainingSpeed;
const speed = {
  title,
  how,
  measure: ({ quick }: { readonly quick: boolean }) =>
    trainingSpeed.measure({ quick, folder: mkdtempSync(join(tmpdir(), 'pitwall-bench-')), token: 'impact' }),
};

await printChapters('impact', preface, [meter, speed]);
// What was tried inline cannot be ended: it would burn on.
process.exit();
