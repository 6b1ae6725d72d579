export {
  controlGroupVariable,
  evaluationMark,
  executionMark,
  filesOf,
  gpuMark,
  hostMark,
  lifeVariable,
  nodeOptionsVariable,
  scratchVariable,
  seedVariable,
  sweepMark,
  tellingVariable,
} from './evaluation-folder.ts';
export { lifeFd, tellingFd, toldFd, type SupervisorToEvaluator } from './evaluator-messages.ts';
export { frameReader, writeFrame } from './frames.ts';
export type {
  Breach,
  Capacity,
  HostToSupervisor,
  Limits,
  MemoryLayer,
  ProgressReport,
  Program,
  SampledLimit,
  SettledUsage,
  StartOrder,
  SupervisorToHost,
  Throttling,
  Unenforceable,
  Verdict,
} from './host-messages.ts';
export { emptyLetters, type Letters } from './letters.ts';
export { machineNowMs } from './machine-now.ts';
export { createMailbox, mailboxWriter } from './mailbox.ts';
export { lettersReader, mailboxReader } from './mailbox-reader.ts';
export { commandMessageSchema, evaluatorMessageSchema, type EvaluatorMessage } from './message-schemas.ts';
export { scratchName, scratchOwner, scratchParents } from './scratch-folders.ts';
export { readPackedFile, readPackedFileSync, writePackedFile, writesOf } from './packed-file.ts';
export { packValue, type PackedValue } from './packed-value.ts';
export { unpackValue } from './unpack-value.ts';
