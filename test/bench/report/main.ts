// Prints how long a report of a long journal takes, and how much memory.
import { printChapters } from '../print-chapters.ts';
import { longJournal } from './long-journal.ts';

const preface = `# What a report costs

\`pitwall report\` reads a journal line by line, checks each line's checksum, and keeps its evaluations and curves, never its events.
Told here is how long that takes, and how much memory, for the journal of a very long training.`;

await printChapters('report', preface, [longJournal]);
