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
  /** It is a desktop's: it draws, and does not compute. Its memory is not told. */
  readonly draws?: true;
  /** Under MPS: the server, which computes for others, or one of those, which older cards do not tell. */
  readonly mps?: 'server' | 'client';
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

/** Reads what `nvidia-smi` has printed. Nothing throws: a list with a line that makes no sense is not told. */
export function readNvidiaSmi({ devices, memory, use }: NvidiaSmiOutput): GpuReading {
  const found = linesOf(devices)
    .filter((line) => line.includes(','))
    .map(cellsOf)
    .flatMap(([index, uuid = '', utilization, used]) => {
      const number = wholeNumber(index);
      if (number === null) return [];
      return [{ index: number, uuid, utilizationPercent: percent(utilization), memoryUsedMb: figure(used) }];
    });
  const indexOf = new Map(found.map(({ uuid, index }) => [uuid, index]));
  const told = [
    memory === null ? null : memoryOf(memory, indexOf),
    use === null
      ? null
      : useOf(use, new Set(found.flatMap((each) => (each.utilizationPercent === 0 ? each.index : [])))),
  ].filter((list) => list !== null);
  return {
    devices: found.map(({ index, utilizationPercent, memoryUsedMb }) => ({ index, utilizationPercent, memoryUsedMb })),
    processes: told.length === 0 ? null : merged(told.flat()),
  };
}

/** `4242, GPU-5f0c, 1024` */
function memoryOf(text: string, indexOf: ReadonlyMap<string, number>): GpuProcess[] | null {
  const rows = linesOf(text).map((line) => {
    const [pid, uuid = '', used] = cellsOf(line);
    return {
      pid: wholeNumber(pid),
      index: indexOf.get(uuid) ?? null,
      utilizationPercent: null,
      memoryMb: figure(used),
    };
  });
  return rows.every(isProcess) ? rows : null;
}

/**
 * `    0     4242     C     37     12      -      -      -    python`: the columns are named above them, and differ between drivers.
 *
 * A `-` stands for a process of which no sample was taken: it has rested, if others on its GPU were sampled or that GPU has rested.
 * Where none was, as on a GPU that cannot tell, it is unknown.
 *
 * @param resting the GPUs that nobody uses
 */
function useOf(text: string, resting: ReadonlySet<number>): GpuProcess[] | null {
  const lines = linesOf(text);
  const header = lines.find((line) => /^#\s*gpu\b/.test(line));
  if (header === undefined) return null;
  const columns = header.replace('#', '').trim().split(/\s+/);
  const rows = lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => {
      const cells = line.trim().split(/\s+/);
      const [gpu, pid, sm, type, command] = ['gpu', 'pid', 'sm', 'type', 'command'].map(
        (name) => cells[columns.indexOf(name)],
      );
      return { index: wholeNumber(gpu), pid, sm, type, command };
    })
    .filter(({ pid }) => pid !== '-'); // there is no process
  const sampled = new Set(rows.flatMap(({ index, sm }) => (percent(sm) === null ? [] : index)));
  const told = rows.map(({ index, pid, sm, type, command }) => {
    const hasRested = sm === '-' && index !== null && (sampled.has(index) || resting.has(index));
    return {
      pid: wholeNumber(pid),
      index,
      utilizationPercent: hasRested ? 0 : percent(sm),
      memoryMb: null,
      ...(type === 'G' && { draws: true as const }),
      ...(command?.startsWith('nvidia-cuda-mps') === true && { mps: 'server' as const }),
      ...(type?.includes('M') === true && { mps: 'client' as const }),
    };
  });
  return told.every(isProcess) ? told : null;
}

/** One entry for a process on a GPU: its memory is told by the one command, of what computes alone, and its use by the other. */
function merged(told: readonly GpuProcess[]): GpuProcess[] {
  const found = new Map<string, GpuProcess>();
  for (const each of told) {
    const key = `${each.pid} ${each.index ?? '-'}`;
    const { draws: drew, ...before } = found.get(key) ?? each;
    const { draws, ...now } = each;
    found.set(key, {
      ...before,
      ...now,
      utilizationPercent: higher(now.utilizationPercent, before.utilizationPercent),
      memoryMb: higher(now.memoryMb, before.memoryMb),
      ...(draws === true && drew === true && { draws }),
    });
  }
  return [...found.values()];
}

function higher(one: number | null, other: number | null = null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

function isProcess<Row extends { readonly pid: number | null }>(row: Row): row is Row & { readonly pid: number } {
  return row.pid !== null;
}

/** The driver's warnings stand between its lines. */
function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '' && !/^warning\b/i.test(line));
}

function cellsOf(line: string): string[] {
  return line.split(',').map((cell) => cell.trim());
}

/** `[N/A]`, `[Not Supported]`, `-`, a negative and rubbish are unknown; 0 is 0. */
function figure(text: string | undefined): number | null {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

/** What is above a whole is no percentage: some drivers say 65535 or 4294967295 for what they do not know. */
function percent(text: string | undefined): number | null {
  const value = figure(text);
  return value !== null && value <= 100 ? value : null;
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}
