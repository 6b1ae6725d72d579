import { join } from 'node:path';

/** What lies in an evaluation's own folder. */
export const filesOf = (folder: string) => ({
  input: join(folder, 'input'),
  mailbox: join(folder, 'mailbox'),
  partial: join(folder, 'partial'),
  result: join(folder, 'result'),
});

/** Tells people whose process it is: the evaluation's id, which another run may bear too. */
export const evaluationMark = 'PITWALL_EVALUATION';
/** Tells a command on which descriptor its JSON lines are read, and which seed is its own. */
export const tellingVariable = 'PITWALL_FD';
export const seedVariable = 'PITWALL_SEED';
/** The control group that an evaluator joins before it loads anything of the user's. */
export const controlGroupVariable = 'PITWALL_CGROUP';
/** Names the descriptor of {@link lifeFd} where the kernel does not end an evaluator with its supervisor. */
export const lifeVariable = 'PITWALL_LIFE_FD';
/** The environment variables that mark every process of an execution, and of a host: by these it is found and ended. */
export const executionMark = 'PITWALL_EXECUTION';
export const hostMark = 'PITWALL_HOST';
/** Marks what asks about GPUs, and all that it starts, with its host: a driver's program that hangs is found by it. */
export const gpuMark = 'PITWALL_GPU';
/** Tells a supervisor which host's evaluators, left by its predecessor, it has to end first. */
export const sweepMark = 'PITWALL_SWEEP';
/** Hands a supervisor, which is to load nothing of a user's, the `NODE_OPTIONS` that are for its evaluators. */
export const nodeOptionsVariable = 'PITWALL_NODE_OPTIONS';
/** Where the host keeps the evaluations' folders: removed when it ends. */
export const scratchVariable = 'PITWALL_SCRATCH';
