import { createJob, guard, inlineExecutor, maxItemTime, maxMemory, maxTime } from 'pitwall';
import { firstValueFrom, of, timeout, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { atMost, medianText, type Measurement, type Row } from '../measurement.ts';
import { spreadOf } from '../statistics.ts';

/** What it costs to hold safeguards over an evaluation, its start-up left out. */
export const guardCost: Measurement = {
  title: 'The guard around an evaluation',
  how: 'Three safeguards (`maxTime`, `maxItemTime`, `maxMemory`) over an observable of one value, and over an inline evaluation; told is what they add to the bare one, by the mean of rounds of 2 000.',
  measure: async ({ quick }) => {
    const rounds = quick ? 10 : 40;
    const guarded: MonoTypeOperatorFunction<unknown> = (source$) =>
      source$.pipe(guard([maxTime(10_000), maxItemTime(10_000), maxMemory(1000)]));
    const timed: MonoTypeOperatorFunction<unknown> = (source$) => source$.pipe(timeout(10_000));
    const executor = inlineExecutor(() => 1);
    const value = (): Observable<unknown> => of(1);
    const evaluation = (): Observable<unknown> => executor(createJob({ input: {} }));
    return {
      rows: [
        row('one value', 'pitwall, guard of three', await addedUs(value, guarded, rounds), 50),
        row('one value', 'rxjs timeout', await addedUs(value, timed, rounds)),
        row('an inline evaluation', 'pitwall, guard of three', await addedUs(evaluation, guarded, rounds), 50),
        row('an inline evaluation', 'rxjs timeout', await addedUs(evaluation, timed, rounds)),
      ],
    };
  },
};

const perRound = 2000;

/** Microseconds that an operator adds to one run of a source, of each round. */
async function addedUs(
  source: () => Observable<unknown>,
  operator: MonoTypeOperatorFunction<unknown>,
  rounds: number,
): Promise<number[]> {
  const added: number[] = [];
  for (let round = -2; round < rounds; round++) {
    const bare = await roundUs(source);
    const withIt = await roundUs(() => source().pipe(operator));
    // Two rounds to be compiled in.
    if (round >= 0) added.push(withIt - bare);
  }
  return added;
}

async function roundUs(run: () => Observable<unknown>): Promise<number> {
  const beganMs = performance.now();
  for (let count = 0; count < perRound; count++) await firstValueFrom(run());
  return ((performance.now() - beganMs) * 1000) / perRound;
}

function row(around: string, who: string, found: readonly number[], targetUs?: number): Row {
  const target = targetUs === undefined ? {} : { target: atMost(targetUs, ' us', spreadOf(found).median, 'median') };
  return { what: `added to ${around}`, who, figure: medianText(found, 'us'), ...target };
}
