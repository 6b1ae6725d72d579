// Prints what it costs a training to be watched: by the journal, the log and the metrics, one by one and all together.
import { printChapters } from '../print-chapters.ts';
import { unwantedLine } from './unwanted-line.ts';
import { watchedOften } from './watched-often.ts';
import { watchedSpeed } from './watched-speed.ts';

const preface = `# What it costs to be watched

Journal, log and metrics are folds of the run's events. They work on the training's thread for as long as it takes to hand a line
over; what writes, sends and waits is elsewhere. Told here is what is left of that in the training's own speed, with everything
switched on that there is.

Steps cost next to nothing: what there is to tell is of epochs and evaluations, so that the cost is by their number. Half a percent is
the target of a training with one of each in 4 s, which is far more often than most have them. With one of each in 0.4 s, which has no
target, it is more than that.`;

await printChapters('observability', preface, [watchedSpeed, watchedOften, unwantedLine]);
