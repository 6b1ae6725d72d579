import type { Letters, SupervisorToHost } from '../wire/index.ts';
import type { Output } from './output.ts';
import type { Reporter } from './reporter.ts';

/** All that an evaluation told or printed and nobody will ever see. */
export function droppedOf(
  reporter: Reporter,
  output: Output,
  letters: Letters,
): Extract<SupervisorToHost, { type: 'settled' }>['dropped'] {
  const leftOut = output.leftOut.filter(({ bytes }) => bytes > 0);
  return [
    ...reporter.dropped(letters),
    ...leftOut.map(({ stream, bytes }) => ({ what: `bytes of ${stream}`, count: bytes })),
  ];
}
