export { atEpochs } from './at-epochs.ts';
export { boundedBuffer, type BoundedBufferOptions } from './bounded-buffer.ts';
export { everyEpochs } from './every-epochs.ts';
export { everyMs } from './every-ms.ts';
export { everySteps } from './every-steps.ts';
export { isolate } from './isolate.ts';
export { sampledMetrics } from './sampled-metrics.ts';
export { sustained, type SustainedOptions } from './sustained.ts';
export { triggerPointOf, type Trigger, type TriggerPoint } from './trigger.ts';
