// What is needed of the wire inside an evaluator: nothing of it loads zod, which would take as long as all the rest of its start.
export { controlGroupVariable, evaluationMark, filesOf, lifeVariable } from './evaluation-folder.ts';
export {
  evaluatorErrorCodes,
  tellingFd,
  toldFd,
  type Assignment,
  type SupervisorToEvaluator,
} from './evaluator-messages.ts';
export { frameReader, writeFrame } from './frames.ts';
export { emptyLetters, type Letters } from './letters.ts';
export { machineNowMs } from './machine-now.ts';
export { lettersWriter, mailboxBytes, mailboxWriter } from './mailbox.ts';
export type { EvaluatorMessage } from './message-schemas.ts';
export { readPackedFileSync, writePackedFile } from './packed-file.ts';
export { packValue, type PackedValue } from './packed-value.ts';
export { unpackValue } from './unpack-value.ts';
