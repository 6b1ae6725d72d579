// A command that puts a pipe where its supervisor keeps its partial results: who opens it waits for a reader.
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
export default (_input, { partial }) => {
  const [, , , inputFile] = process.argv;
  for (const name of ['partial', 'partial.new']) execFileSync('mkfifo', [join(dirname(inputFile), name)]);
  partial({ begun: true });
  return new Promise(() => undefined);
};
