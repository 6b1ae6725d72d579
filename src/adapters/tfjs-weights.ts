import { tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { ConfigurationError, told } from '../errors/index.ts';

/** One weight of a model, without TensorFlow.js. */
export interface Weight {
  /** As the model it came from calls it: `dense_Dense1/kernel`. tfjs counts the layers of a process, so another one differs. */
  readonly name: string;
  readonly shape: readonly number[];
  /** By its type: `Float32Array` for float32, `Int32Array` for int32, `Uint8Array` for bool. */
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** All weights of a model, in the order of its layers. */
export type Weights = readonly Weight[];

/** What is needed of a model of TensorFlow.js, of whatever package it is. */
export interface ModelWithWeights {
  readonly layers: readonly (ModelWithWeights | LayerWithWeights)[];
}

interface LayerWithWeights {
  readonly weights: readonly Variable[];
}

interface Variable {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | null)[];
  read(): Pick<Tensor, 'dataSync' | 'shape'>;
  write(value: Tensor): unknown;
}

/**
 * The weights of a model, as plain arrays that an evaluation's `input` can hand over: Pitwall copies them at the request, once.
 *
 * Nothing is left behind in tfjs. The arrays may be the model's own memory (backend `cpu`) or a copy of it (`wasm`), so they are to
 * be read only; a later step does not change them. What the optimizer keeps is not among them.
 *
 * It blocks the loop for as long as `dataSync` takes: for a million weights 0.02 ms with `cpu`, 0.3 to 2.6 ms with `wasm`
 * (TensorFlow.js 4.22, Node 20.20 on a virtual machine with 2 cores).
 *
 * @example
 * evaluation({ name: 'held-out', every: 1, module, input: () => ({ weights: weightsOf(model) }) });
 */
export function weightsOf(model: ModelWithWeights): Weights {
  return variablesOf(model).map((variable) => {
    const value = variable.read(); // the variable itself: nothing to dispose of
    return { name: variable.name, shape: [...value.shape], values: value.dataSync() };
  });
}

/**
 * Puts weights into a model of the same architecture, in whatever process: `weightsOf` of another one, or what `readWeights` read.
 *
 * They are matched by their order and shape, and by what they are in their layer (`kernel`, `bias`): the names of layers carry
 * counters of the process, and count for nothing. They are copied, and nothing is left behind in tfjs.
 *
 * @throws {ConfigurationError} one sentence about the first weight that does not fit; the model is then as it was.
 *
 * @example
 * export default defineEvaluator(async ({ weights }: { weights: Weights }) => {
 *   loadWeights(model, weights);
 *   return { accuracy: accuracyOf(model) };
 * });
 */
export function loadWeights(model: ModelWithWeights, weights: Weights): void {
  const pairs = pairsOf(variablesOf(model), weights);
  tidy(() => {
    for (const [variable, { shape, values }] of pairs)
      variable.write(tensor(values.slice(), [...shape], typeOf(values))); // tfjs may keep the array that it gets
  });
}

/** Layer by layer, so that freezing a layer, which changes the order of `model.weights`, changes nothing here. */
function variablesOf({ layers }: ModelWithWeights): readonly Variable[] {
  return layers.flatMap((layer) => ('layers' in layer ? variablesOf(layer) : layer.weights));
}

/** Each variable with the weight that it gets: all of them are looked at before the first is written. */
function pairsOf(
  variables: readonly Variable[],
  weights: readonly unknown[],
): readonly (readonly [variable: Variable, weight: Weight])[] {
  if (!Array.isArray(weights))
    throw new ConfigurationError(
      `loadWeights(model, weights) must get what weightsOf(model) gives, but ${told(weights)} came.`,
    );
  if (weights.length !== variables.length)
    throw doesNotFit(`the model has ${variables.length} weights, but ${weights.length} came`);
  return variables.map((variable, index) => {
    const weight: unknown = weights[index];
    if (isWeight(weight) && isOf(variable, weight)) return [variable, weight];
    const { name, dtype, shape } = variable;
    const came = isWeight(weight) ? saidOf(weight.name, typeOf(weight.values), weight.shape) : told(weight);
    throw doesNotFit(
      `number ${index + 1} of ${variables.length} is ${saidOf(name, dtype, shape)}, but ${came} came instead`,
    );
  });
}

const isOf = (variable: Variable, { name, shape, values }: Weight): boolean =>
  partOf(name) === partOf(variable.name) &&
  typeOf(values) === variable.dtype &&
  String(shape) === String(variable.shape);

const doesNotFit = (why: string): ConfigurationError =>
  new ConfigurationError(`The weights do not fit: ${why}: build a model of the same architecture.`);

const saidOf = (name: string, type: string, shape: readonly (number | null)[]): string =>
  `"${name}", ${type} of shape [${shape.join(', ')}]`;

/** What a weight is in its layer: `kernel` of `dense_Dense1/kernel` and of `dense_Dense3/kernel_1`. */
const partOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1).replace(/_\d+$/, '');

/** Whether it is whole: as many values as its shape says. */
function isWeight(weight: unknown): weight is Weight {
  if (typeof weight !== 'object' || weight === null) return false;
  const { name, shape, values } = weight as Partial<Weight>;
  return (
    typeof name === 'string' &&
    Array.isArray(shape) &&
    (values instanceof Float32Array || values instanceof Int32Array || values instanceof Uint8Array) &&
    values.length === shape.reduce((size: number, side: number) => size * side, 1)
  );
}

/** What tfjs calls an array of this kind. */
function typeOf(values: Weight['values']): 'float32' | 'int32' | 'bool' {
  if (values instanceof Float32Array) return 'float32';
  return values instanceof Int32Array ? 'int32' : 'bool';
}
