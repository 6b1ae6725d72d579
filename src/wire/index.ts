export { evaluationMark, executionMark, filesOf, hostMark, scratchVariable, sweepMark } from './evaluation-folder.ts';
export {
  evaluatorMessageSchema,
  tellingFd,
  toldFd,
  type EvaluatorMessage,
  type SupervisorToEvaluator,
} from './evaluator-messages.ts';
export { frameReader, writeFrame } from './frames.ts';
export type {
  Breach,
  HostToSupervisor,
  Limits,
  ProgressReport,
  StartOrder,
  SupervisorToHost,
  Verdict,
} from './host-messages.ts';
export { createMailbox, emptyLetters, machineNowMs, mailboxReader, mailboxWriter, type Letters } from './mailbox.ts';
