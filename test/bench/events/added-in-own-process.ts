// Tells its parent what one more listener adds to an event, by the names of the makers: the medians of its rounds.
import { spreadOf } from '../statistics.ts';
import { addedTimes, type AddedTimesOptions } from './added-times.ts';
import { makers } from './makers.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as AddedTimesOptions;
const added = await addedTimes(makers, options);
const medians = [...added].map(([name, times]) => [name, spreadOf(times).median] as const);
process.send?.(Object.fromEntries(medians));
