import { rounded, spreadOf } from './statistics.ts';

/** Something that is done so many times at a stretch; its time is that of one. */
export interface Contender {
  readonly name: string;
  readonly run: (times: number) => void | Promise<void>;
  /** Lets go of what it holds, a timer say. */
  readonly end?: () => void | Promise<void>;
}

/** Nanoseconds that once takes, of each round. */
export type RoundTimes = ReadonlyMap<string, readonly number[]>;

/**
 * Times contenders against each other, one after the other in each round and in another order each time: what the machine does by
 * itself falls on all of them. The first rounds are for the compiler, and are not counted.
 */
export async function timedRounds(
  contenders: readonly Contender[],
  { rounds, times }: { readonly rounds: number; readonly times: number },
): Promise<RoundTimes> {
  const found = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -3; round < rounds; round++) {
    const turn = (round + contenders.length * 3) % contenders.length;
    for (const { name, run } of [...contenders.slice(turn), ...contenders.slice(0, turn)]) {
      const began = process.hrtime.bigint();
      await run(times);
      if (round >= 0) found.get(name)?.push(Number(process.hrtime.bigint() - began) / times);
    }
  }
  for (const { end } of contenders) await end?.();
  return found;
}

export function timesOf(found: RoundTimes, name: string): readonly number[] {
  const times = found.get(name);
  if (times === undefined) throw new Error(`"${name}" was not timed.`);
  return times;
}

/** How many times longer the one takes than the other: the median of the rounds' ratios. */
export function ratioOf(times: readonly number[], base: readonly number[]): number {
  return spreadOf(ratios(times, base)).median;
}

/** `95.2 ns [90.1 to 120], 1.91x [1.80 to 2.10]` */
export function ratioText(times: readonly number[], base: readonly number[]): string {
  const of = spreadOf(times);
  const to = spreadOf(ratios(times, base));
  return `${rounded(of.median)} ns [${rounded(of.min)} to ${rounded(of.max)}], ${to.median.toFixed(2)}x [${to.min.toFixed(2)} to ${to.max.toFixed(2)}]`;
}

function ratios(times: readonly number[], base: readonly number[]): number[] {
  return times.map((time, round) => time / (base[round] ?? NaN));
}
