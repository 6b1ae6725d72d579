export { isAlive, listProc } from './process-files.ts';
export { childrenOf, processesMarked, ProcessTree } from './process-tree.ts';
export { onPath } from './on-path.ts';
