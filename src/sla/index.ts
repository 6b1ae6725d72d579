export { deadline } from './deadline.ts';
export { emittedViolation } from './emitted-violation.ts';
export { EvaluationError, violationSentence, type EvaluationErrorKind } from './evaluation-error.ts';
export { guardedEvaluation, type GuardOptions } from './guard-options.ts';
export { guard } from './guard.ts';
export type { LimitOptions, SampleLimitOptions } from './limit.ts';
export { ImpactControl, type ImpactVerdict } from './impact-control.ts';
export type { ImpactEstimate } from './impact-interval.ts';
export { sideOf } from './impact-rule.ts';
export { ImpactWindows } from './impact-windows.ts';
export { maxCpu } from './max-cpu.ts';
export { maxGpuMemory } from './max-gpu-memory.ts';
export { maxGpuUtilization } from './max-gpu-utilization.ts';
export { maxItemTime } from './max-item-time.ts';
export { maxMemory } from './max-memory.ts';
export { maxTime } from './max-time.ts';
export { memoryGrowth, type MemoryGrowthOptions } from './memory-growth.ts';
export { metricInRange, type MetricInRangeOptions } from './metric-in-range.ts';
export { named } from './named.ts';
export { noProgressFor } from './no-progress-for.ts';
export type { GuardedEvaluation, ItemState, Progress, Safeguard } from './safeguard.ts';
export {
  hardLimits,
  resolveSla,
  slaRules,
  slaSchema,
  type SampledRule,
  type Sla,
  type SlaInput,
  type SlaRule,
} from './schema.ts';
export { slaPipeline, slaPipelines, type SlaPipelineOptions } from './sla-pipeline.ts';
export { violationOf, type Breach } from './violation-of.ts';
