export { JournalError, type JournalErrorCode } from './journal-error.ts';
export { openJournal, type JournalOptions } from './open-journal.ts';
export { readJournal, type ReadJournalOptions } from './read-journal.ts';
export { journalFileOf } from './run-folder.ts';
export { repairJournal, type Repair } from './repair-journal.ts';
export { scanJournal, type TornLine } from './scan-journal.ts';
export type { JournalFile } from './journal-file.ts';
export type { Journal, JournalInternals } from './journal.ts';
