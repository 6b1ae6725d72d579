export { isAlive, listProc, readProc } from './process-files.ts';
export { childrenOf, lastPid, processesMarked, ProcessTree } from './process-tree.ts';
export { onPath } from './on-path.ts';
export { identityOf, isGone } from './process-identity.ts';
