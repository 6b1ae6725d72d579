import { dirname } from 'node:path';
import { ReplaySubject, type Observable } from 'rxjs';
import type { JournalledEvent } from '../events/index.ts';
import { openJournal, openJournalFile, type JournalFile, type RunLock } from '../journal/index.ts';
import type { TrainerSettings } from './trainer-options.ts';

/** The journal of a run, or nothing in its place. */
export interface JournalHandle {
  append(event: JournalledEvent): void;
  /** The highest `seq` on disk, replayed; completes when the journal is closed. Without a journal it never emits. */
  readonly durable$: Observable<number>;
  /** Writes what is left, then completes `durable$`; gives how many events were lost. */
  close(): Promise<number>;
}

/**
 * Opens the run's journal.
 *
 * @param onError gets what goes wrong with it later: the run goes on
 * @param held the lock of a run that goes on with the journal that is there
 * @throws what opening it fails with, such as a journal of the same run that is there already.
 */
export function openRunJournal(
  settings: TrainerSettings,
  onError: (error: unknown) => void,
  held?: RunLock,
): JournalHandle {
  const { runFolder, runId, clock } = settings;
  const durable$ = new ReplaySubject<number>(1);
  if (runFolder === undefined) {
    return {
      append: () => undefined,
      durable$,
      close: () => {
        durable$.complete();
        return Promise.resolve(0);
      },
    };
  }
  const options = { folder: dirname(runFolder), runId, clock };
  /** Whoever opens the file has the lock, and gives it up when that fails: the next attempt takes it anew. */
  let lock = held;
  const openFile = (path: string): Promise<JournalFile> => {
    const handedOver = lock;
    lock = undefined;
    return openJournalFile(path, handedOver);
  };
  const journal = held === undefined ? openJournal(options) : openJournal({ ...options, append: true }, { openFile });
  const durable = journal.durable$.subscribe({
    next: (seq) => {
      durable$.next(seq);
    },
    error: onError,
  });
  const failed = journal.failed$.subscribe({ next: onError, error: onError });
  return {
    append: (event) => {
      journal.append(event);
    },
    durable$,
    close: async () => {
      await journal.close();
      await lock?.release(); // where nothing was opened at all
      durable.unsubscribe();
      failed.unsubscribe();
      durable$.complete();
      return journal.lost;
    },
  };
}
