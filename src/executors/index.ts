export type { Executor, ExecutorTraits, HardLimits, HardRule, Job, PaceOrder, Telemetry } from './executor.ts';
export { createJob, seedOf, type JobOptions } from './job.ts';
export { processExecutor, type ProcessExecutorOptions } from './process-executor.ts';
export { evaluatorUrl } from './sibling-url.ts';
export { standInOf, type StandIn } from './stand-in.ts';
export { boundEvaluations } from './supervisor-link.ts';
export { inlineExecutor } from './inline-executor.ts';
export { commandExecutor, type CommandExecutorOptions } from './command-executor.ts';
export { threadExecutor, type ThreadExecutorOptions } from './thread-executor.ts';
