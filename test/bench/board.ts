import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What an evaluator wrote on its board; machine milliseconds. */
export interface Board {
  readonly beganMs: number;
  readonly lastBeatMs: number;
  readonly pid: number;
  readonly takenMb: number;
}

const fields = 4;
let boards = 0;

/** Makes an empty board in `folder`. @returns its path. */
export function newBoard(folder: string): string {
  const path = join(folder, `board-${process.pid}-${++boards}`);
  writeFileSync(path, Buffer.alloc(fields * 8));
  return path;
}

/** What stands there now; zero is what was never written. */
export function readBoard(path: string): Board {
  const content = readFileSync(path);
  const [beganMs = 0, lastBeatMs = 0, pid = 0, takenMb = 0] = Array.from({ length: fields }, (_, index) =>
    content.readDoubleLE(index * 8),
  );
  return { beganMs, lastBeatMs, pid, takenMb };
}
