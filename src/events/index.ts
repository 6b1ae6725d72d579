export {
  evaluationCountsSchema,
  overheadSchema,
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
export { sampleSchema, usageSchema, type Sample, type Usage } from './sample.ts';
export { violationActions, violationSchema, type Violation } from './violation.ts';
