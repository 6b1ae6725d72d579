import type { GpuReading } from './nvidia-smi.ts';

/**
 * Reads the `controllers` of systeminformation's `graphics()`. Nothing throws: what is missing, negative, not a number or no percentage
 * is `null`, and a 0 stays 0. It tells nothing of processes.
 */
export function readControllers(controllers: unknown): GpuReading {
  const devices = listOf(controllers).map((controller, index) => ({
    index,
    utilizationPercent: figure(controller.utilizationGpu, 100),
    memoryUsedMb: figure(controller.memoryUsed),
  }));
  return { devices, processes: null };
}

/** The controllers by name, as `Intel Corporation UHD Graphics 630`, for a sentence. */
export function controllerNames(controllers: unknown): readonly string[] {
  return listOf(controllers).flatMap(({ vendor, model }) => {
    const name = [vendor, model].filter((part) => typeof part === 'string' && part.trim() !== '').join(' ');
    return name === '' ? [] : [name];
  });
}

function listOf(controllers: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(controllers)) return [];
  return controllers.filter((each): each is Record<string, unknown> => typeof each === 'object' && each !== null);
}

function figure(value: unknown, most = Infinity): number | null {
  return typeof value === 'number' && value >= 0 && value <= most && Number.isFinite(value) ? value : null;
}
