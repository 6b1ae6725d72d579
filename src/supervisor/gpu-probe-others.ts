import { setTimeout as wait } from 'node:timers/promises';
import { controllerNames, drmCards, readAmdgpu, readControllers } from '../probes/index.ts';
import { endAsking } from './gpu-asking.ts';
import { hasFigures, type GpuAnswer, type GpuSource } from './gpu-told.ts';

const patienceMs = 5_000;

/** AMD's driver, which tells in files: a look costs microseconds. */
export const amdgpu: GpuSource = {
  everyMs: 1_000,
  ask: () => {
    const reading = readAmdgpu(drmCards());
    return Promise.resolve(hasFigures(reading) ? { reading } : { why: 'no card has the files of amdgpu' });
  },
};

/** Whatever systeminformation finds out: it starts a handful of programs for that, so it is asked seldom. */
export const systemInformation: GpuSource = { everyMs: 5_000, ask };

async function ask(): Promise<GpuAnswer> {
  try {
    // Loaded here and now: no other process of ours ever does, and this one only where nothing better is there.
    const { graphics } = await import('systeminformation');
    const found = await Promise.race([graphics(), wait(patienceMs, undefined, { ref: false })]);
    if (found === undefined) {
      endAsking(); // it gives the programs that it starts no limit of time
      return { why: `systeminformation did not answer within ${patienceMs / 1000} s` };
    }
    const controllers: unknown = (found as { readonly controllers?: unknown } | null)?.controllers;
    const reading = readControllers(controllers);
    if (hasFigures(reading)) return { reading };
    const names = controllerNames(controllers).join(', ') || 'no GPU';
    return { why: `systeminformation names ${names}, and tells nothing of its use` };
  } catch (error) {
    return { why: `systeminformation: ${(error as Error).message}` };
  }
}
