export {
  runEventSchema,
  type CheckpointRef,
  type EvaluationCounts,
  type EventBody,
  type EventOf,
  type JournalledEvent,
  type Overhead,
  type RunEvent,
  type RunEventType,
} from './run-event.ts';
export { scaleEventName, scaleTold } from './scale-told.ts';
export type { Sample, Usage } from './sample.ts';
export { violationSchema, type Violation } from './violation.ts';
