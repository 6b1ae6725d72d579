// Marble tests of a safeguard, a trigger, a kill and a metric: what is drawn is in milliseconds, and takes none.
// `marbles` is RxJS's TestScheduler, which knows runs, samples, evaluations and executors.
// Its assertion is that of node:assert; in your tests each `marbles` stands in an `it`.
import { EMPTY, map, timeout } from 'rxjs';
import { createJob, everyEpochs, maxMemory, maxTime, noProgressFor, sampledMetrics } from 'pitwall';
import { fakeProbe, marbles } from 'pitwall/testing';
import { maxIdle } from '../own-safeguard/safeguards.ts';

// A safeguard: what comes in above, what it tells below.
marbles(({ samples, expectViolations }) => {
  const samples$ = samples('                          -3-6-n-7-4-8-|');
  expectViolations(maxMemory(5), { samples$ }).toBe(' ---v-------v-|', { v: { rule: 'memoryMb', limit: 5 } });
});

// One that waits: what lies between the marbles is time.
marbles(({ samples, progress, expectViolations }) => {
  const samples$ = samples('                         --9-0-0-n-0-0-|', (value) => ({ cpuPercent: value }));
  expectViolations(maxIdle(6), { samples$ }).toBe('  ----------v---|', { v: { rule: 'idleMs' } });
  const progress$ = progress('                             --1--2---------|');
  expectViolations(noProgressFor(4), { progress$ }).toBe('  ---------v');
  expectViolations(maxTime(1_800_000)).toBe('               30m (v|)');
});

// That it lets go of what it watched.
marbles(({ samples, expectViolations, expectSubscriptions }) => {
  const samples$ = samples('                                    -6-3-7-|');
  expectViolations(maxMemory(5), { samples$ }, '                ^--!').toBe('-v');
  expectSubscriptions(samples$).toBe('                          ^--!');
});

// A trigger: it fires where the second, and the fourth epoch was crossed.
marbles(({ epochs, expectObservable }) => {
  const fired$ = epochs('       -1-2-3-a|', { a: { epoch: 5 } }).pipe(everyEpochs(2));
  expectObservable(fired$.pipe(map(({ epoch }) => String(epoch)))).toBe('---2---5|');
});

// A kill: whoever unsubscribes from an executor ends its process.
marbles(({ executor, expectObservable, expectSubscriptions }) => {
  const execute = executor('      -----(r|)');
  const killed$ = execute(createJob({ input: 1 })).pipe(timeout({ each: 3, with: () => EMPTY }));
  expectObservable(killed$).toBe('---|');
  expectSubscriptions(execute).toBe('^--!');
});

// A metric: a probe that fails, takes its time, or never answers is `null`, and no number.
marbles(({ scheduler, expectObservable }) => {
  const probe = fakeProbe([3, new Error('no GPU'), { afterMs: 5, value: 7 }], { scheduler });
  const metric$ = sampledMetrics(probe, { everyMs: 2, scheduler });
  expectObservable(metric$, '^---------!').toBe('3-n------7', { 3: 3, n: null, 7: 7 });
});
console.log('the marbles agree');
