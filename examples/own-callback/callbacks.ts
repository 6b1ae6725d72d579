// Three callbacks that are functions of the run's stream of events.
import { concatMap, filter, first, ignoreElements, map, scan, tap } from 'rxjs';
import { defineCallback, scale, stop } from 'pitwall';

/** Asks for the end once the loss has not come below its lowest for `patience` epochs. */
export function plateau(patience: number) {
  return defineCallback('plateau', (run) =>
    run.events$.pipe(
      filter((event) => event.type === 'epoch:end'),
      scan(
        ({ lowest, since }, { metrics }) => {
          const loss = Number(metrics.loss);
          return loss < lowest ? { lowest: loss, since: 0 } : { lowest, since: since + 1 };
        },
        { lowest: Infinity, since: 0 },
      ),
      filter(({ since }) => since === patience),
      map(({ lowest }) => stop(`the loss has stayed at ${lowest} for ${patience} epochs`)),
    ),
  );
}

/** Tells of each result once it is on the disk, where no crash can take it back. */
export function announce(tell: (sentence: string) => void) {
  return defineCallback('announce', (run) =>
    run.events$.pipe(
      filter((event) => event.type === 'evaluation:end'),
      concatMap((event) =>
        run.durable$.pipe(
          first((seq) => seq >= event.seq),
          map(() => event),
        ),
      ),
      tap(({ epoch, status }) => {
        tell(`on disk: the evaluation of epoch ${epoch} ${status}`);
      }),
      ignoreElements(), // it only watches, and gives no directives
    ),
  );
}

/** Asks for a smaller learning rate after each epoch. */
export function decay(factor: number) {
  return defineCallback('decay', (run) =>
    run.events$.pipe(
      filter((event) => event.type === 'epoch:end'),
      map(({ epoch }) => scale('learningRate', factor, `epoch ${epoch} has ended`)),
    ),
  );
}
