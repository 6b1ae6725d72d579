import type { RunState } from '../callbacks/index.ts';
import type { EvaluationCounts, RunEvent } from '../events/index.ts';

/** Where a run stood after the events of its record so far. */
export class StateOfRecord {
  readonly #inFlight = new Set<string>();
  #state: RunState<unknown> = {
    epoch: 0,
    step: 0,
    metrics: undefined,
    evaluationsInFlight: [],
    evaluations: { requested: 0, completed: 0, violated: 0, failed: 0, cancelled: 0, skipped: 0 },
  };

  get now(): RunState<unknown> {
    return { ...this.#state, evaluationsInFlight: [...this.#inFlight] };
  }

  see(event: RunEvent): void {
    if (event.type === 'epoch:start') this.#state = { ...this.#state, epoch: event.epoch };
    else if (event.type === 'epoch:end' && event.interrupted !== true)
      this.#state = {
        ...this.#state,
        metrics: event.metrics,
        ...(event.checkpoint && { checkpoint: event.checkpoint }),
      };
    else if (event.type === 'step:summary' || event.type === 'step') this.#state = { ...this.#state, step: event.step };
    else if (event.type === 'training:end') this.#state = { ...this.#state, step: event.steps };
    else if (event.type === 'evaluation:requested') {
      this.#inFlight.add(event.evaluationId);
      this.#count('requested');
    } else if (event.type === 'evaluation:skipped') this.#ended(event.evaluationId, 'skipped');
    else if (event.type === 'evaluation:end') this.#ended(event.evaluationId, event.status);
  }

  #ended(evaluationId: string, how: keyof EvaluationCounts): void {
    if (this.#inFlight.delete(evaluationId)) this.#count(how);
  }

  #count(key: keyof EvaluationCounts): void {
    const { evaluations } = this.#state;
    this.#state = { ...this.#state, evaluations: { ...evaluations, [key]: evaluations[key] + 1 } };
  }
}
