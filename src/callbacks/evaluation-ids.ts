/** The number at the end of an evaluation's id: of how many of its name it is, in its run. 0 for an id of another make. */
export function numberIn(evaluationId: string): number {
  return Number(/-(\d+)$/.exec(evaluationId)?.[1] ?? 0);
}

/**
 * Gives ids that are readable and unique in a run, also when the evaluation is registered in it again.
 *
 * @returns a function of the run and the highest number that an evaluation of this name has had in it.
 */
export function evaluationIds(name: string): (runId: string, last: number) => (epoch: number) => string {
  const numbers = new Map<string, number>();
  return (runId, last) => (epoch) => {
    const number = Math.max(numbers.get(runId) ?? 0, last) + 1;
    numbers.set(runId, number);
    return `${name}-${epoch}-${number}`;
  };
}
