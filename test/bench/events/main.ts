// Prints what an event costs a registered callback, beside a subscriber of a bare Subject, EventEmitter, mitt and emittery.
import { printChapters } from '../print-chapters.ts';
import { flatness } from './flatness.ts';
import { oneMore } from './one-more.ts';

const preface = `# What an event costs

A trainer hands each event to its callbacks, in order, each for itself: one that throws costs itself. Told here is what one more
callback adds to an event, against what one more subscriber adds to a bare \`Subject\`. The callbacks only count.`;

await printChapters('events', preface, [oneMore, flatness]);
