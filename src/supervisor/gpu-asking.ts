import { randomBytes } from 'node:crypto';
import { killMarked, killTree } from '../probes/index.ts';
import { gpuMark } from '../wire/index.ts';

/** By this all is found that this process starts to ask about GPUs: in the probe the mark of its host. */
export const askingMark = { variable: gpuMark, value: process.env[gpuMark] ?? randomBytes(6).toString('hex') } as const;

/** Ends what this process has started to ask, and waits for nothing. */
export function endAsking(): void {
  killTree(process.pid);
  killMarked(askingMark.variable, askingMark.value);
}
