/** What tfjs tells its callbacks: numbers, and scalars that are still tensors where no callback before has read them. */
export type Logs = Readonly<Record<string, number | { data(): Promise<ArrayLike<number>> }>>;

/** What tfjs writes into a batch's logs beside the metrics. */
const bookkeeping: readonly string[] = ['batch', 'size'];

/**
 * The metrics in tfjs' logs, as numbers. Tensors are read without blocking, and left as they are: tfjs keeps them for the callbacks
 * that follow, and disposes of them itself.
 */
export async function metricsIn(logs: Logs = {}): Promise<Record<string, number>> {
  const metrics = Object.entries(logs).filter(([name]) => !bookkeeping.includes(name));
  return Object.fromEntries(
    await Promise.all(metrics.map(async ([name, value]) => [name, await numberOf(value)] as const)),
  );
}

async function numberOf(value: Logs[string]): Promise<number> {
  return typeof value === 'number' ? value : ((await value.data())[0] ?? NaN);
}
