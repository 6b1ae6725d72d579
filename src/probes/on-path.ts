import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

/** Whether a program of this name can be run: a look at the folders of PATH, without starting anything. */
export function onPath(program: string): boolean {
  return placeOnPath(program) !== undefined;
}

/** Where the program of this name lies that PATH finds first; `undefined` where there is none. */
export function placeOnPath(program: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => resolve(folder, program))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
