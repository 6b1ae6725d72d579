import type { GpuDevice, GpuReading } from './nvidia-smi.ts';
import { readProc } from './process-files.ts';

/**
 * Reads what the driver amdgpu tells of its cards in files: their use by everybody, and the memory in use. Of processes it tells
 * nothing here. A card of another driver has no such files, and is left out.
 *
 * @param cards folders, as `/sys/class/drm/card0`
 */
export function readAmdgpu(
  cards: readonly string[],
  read: (path: string) => string | undefined = readProc,
): GpuReading {
  const devices = cards.flatMap((card): readonly GpuDevice[] => {
    const busy = read(`${card}/device/gpu_busy_percent`);
    const used = read(`${card}/device/mem_info_vram_used`);
    if (busy === undefined && used === undefined) return [];
    const bytes = wholeNumber(used);
    return [
      {
        index: Number(/\d+$/.exec(card)?.[0] ?? 0),
        utilizationPercent: percent(wholeNumber(busy)),
        memoryUsedMb: bytes === null ? null : bytes / 2 ** 20,
      },
    ];
  });
  return { devices, processes: null };
}

/** What is above a whole is no percentage: some drivers say 255 or 65535 for what they do not know. */
function percent(value: number | null): number | null {
  return value !== null && value <= 100 ? value : null;
}

function wholeNumber(text: string | undefined): number | null {
  const trimmed = text?.trim() ?? '';
  return /^\d+$/.test(trimmed) ? Number(trimmed) : null;
}
