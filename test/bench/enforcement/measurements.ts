import type { Measurement } from '../measurement.ts';

/** What is measured, in the order in which it is told; each is loaded where it is measured. */
export const measurements = {
  deadline: async () => (await import('./deadline.ts')).deadline,
  tree: async () => (await import('./whole-tree.ts')).wholeTree,
  memory: async () => (await import('./memory.ts')).memory,
  'hand-over': async () => (await import('./hand-over.ts')).handOver,
  sampling: async () => (await import('./sampling.ts')).sampling,
  'start-up': async () => (await import('./start-up.ts')).startUp,
  guard: async () => (await import('./guard-cost.ts')).guardCost,
  flatness: async () => (await import('./flatness.ts')).flatness,
  speed: async () => (await import('./training-speed.ts')).trainingSpeed,
  hostile: async () => (await import('./hostile-cases.ts')).hostileCases,
} satisfies Record<string, () => Promise<Measurement>>;

export type MeasurementName = keyof typeof measurements;

export const measurementNames = Object.keys(measurements) as readonly MeasurementName[];

export function isMeasurementName(name: string): name is MeasurementName {
  return name in measurements;
}
