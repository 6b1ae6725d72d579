/** One GPU, as its driver tells it. What the driver does not tell is `null`; a true 0 stays 0. */
export interface GpuDevice {
  readonly index: number;
  readonly utilizationPercent: number | null;
  readonly memoryUsedMb: number | null;
}

/** A process on one GPU. */
export interface GpuProcess {
  readonly pid: number;
  /** `null` where the driver does not say which. */
  readonly index: number | null;
  readonly utilizationPercent: number | null;
  readonly memoryMb: number | null;
}

/** What the driver has told at one time. */
export interface GpuReading {
  readonly devices: readonly GpuDevice[];
  /** `null` where it does not tell of processes: under MIG, say, or as another user. */
  readonly processes: readonly GpuProcess[] | null;
}

/** What is asked of `nvidia-smi`: the devices, and of the processes their memory and their use. */
export const nvidiaSmiArguments = {
  devices: ['--query-gpu=index,uuid,utilization.gpu,memory.used', '--format=csv,noheader,nounits'],
  memory: ['--query-compute-apps=pid,gpu_uuid,used_memory', '--format=csv,noheader,nounits'],
  use: ['pmon', '-c', '1', '-s', 'u'],
} as const;

/** What `nvidia-smi` has printed; `null` for what could not be asked. */
export interface NvidiaSmiOutput {
  readonly devices: string;
  readonly memory: string | null;
  readonly use: string | null;
}

/** Reads what `nvidia-smi` has printed. Nothing throws: a line that makes no sense tells nothing. */
export function readNvidiaSmi({ devices, memory, use }: NvidiaSmiOutput): GpuReading {
  const found = rowsOf(devices).flatMap(([index, uuid = '', utilization, used]) => {
    const number = wholeNumber(index);
    if (number === null) return [];
    return [{ index: number, uuid, utilizationPercent: figure(utilization), memoryUsedMb: figure(used) }];
  });
  const indexOf = new Map(found.map(({ uuid, index }) => [uuid, index]));
  const told = [...(memory === null ? [] : memoryOf(memory, indexOf)), ...(use === null ? [] : useOf(use))];
  const isTold = memory !== null || (use !== null && /^#\s*gpu/m.test(use));
  return {
    devices: found.map(({ index, utilizationPercent, memoryUsedMb }) => ({ index, utilizationPercent, memoryUsedMb })),
    processes: isTold ? merged(told) : null,
  };
}

/** `4242, GPU-5f0c, 1024` */
function memoryOf(text: string, indexOf: ReadonlyMap<string, number>): GpuProcess[] {
  return rowsOf(text).flatMap(([pid, uuid = '', used]) => {
    const number = wholeNumber(pid);
    if (number === null) return [];
    return [{ pid: number, index: indexOf.get(uuid) ?? null, utilizationPercent: null, memoryMb: figure(used) }];
  });
}

/** `    0     4242     C     37     12      -      -    python`: the columns are named above them, and differ between drivers. */
function useOf(text: string): GpuProcess[] {
  const lines = text.split('\n');
  const columns = (lines.find((line) => /^#\s*gpu\b/.test(line)) ?? '').replace('#', '').trim().split(/\s+/);
  const [gpu, pid, sm] = ['gpu', 'pid', 'sm'].map((name) => columns.indexOf(name));
  return lines
    .filter((line) => !line.startsWith('#') && line.trim() !== '')
    .flatMap((line) => {
      const cells = line.trim().split(/\s+/);
      const number = wholeNumber(cells[pid ?? -1]);
      if (number === null) return []; // '-' stands for no process
      const utilizationPercent = figure(cells[sm ?? -1]);
      return [{ pid: number, index: wholeNumber(cells[gpu ?? -1]), utilizationPercent, memoryMb: null }];
    });
}

/** One entry for a process on a GPU: its memory is told by the one command, its use by the other. */
function merged(told: readonly GpuProcess[]): GpuProcess[] {
  const found = new Map<string, GpuProcess>();
  for (const each of told) {
    const key = `${each.pid} ${each.index ?? '-'}`;
    const before = found.get(key);
    found.set(key, {
      ...each,
      utilizationPercent: each.utilizationPercent ?? before?.utilizationPercent ?? null,
      memoryMb: each.memoryMb ?? before?.memoryMb ?? null,
    });
  }
  return [...found.values()];
}

function rowsOf(csv: string): string[][] {
  return csv
    .split('\n')
    .filter((line) => line.includes(','))
    .map((line) => line.split(',').map((cell) => cell.trim()));
}

/** `[N/A]`, `[Not Supported]`, `-`, a negative and rubbish are unknown; 0 is 0. */
function figure(text: string | undefined): number | null {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}
