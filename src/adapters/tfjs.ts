export { fitWith, type FitOptions, type FitResult } from './tfjs-fit.ts';
export { pitwallCallbacks, type PitwallCallbacks, type PitwallCallbacksOptions } from './tfjs-callbacks.ts';
export { loadWeights, weightsOf, type ModelWithWeights, type Weight, type Weights } from './tfjs-weights.ts';
export { packWeights, readWeights, writeWeights } from './tfjs-weights-file.ts';
