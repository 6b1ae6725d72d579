export { isAlive, listProc, readProc } from './process-files.ts';
export { childrenOf, lastPid, processesMarked, ProcessTree } from './process-tree.ts';
export { gpuShareOf, unknownGpuShare, type GpuShare } from './gpu-share.ts';
export { nvidiaSmiArguments, readNvidiaSmi, type GpuReading } from './nvidia-smi.ts';
export { onPath } from './on-path.ts';
export { identityOf, isGone } from './process-identity.ts';
