import { describe, expect, it } from 'vitest';
import { gpuShareOf, readNvidiaSmi, unknownGpuShare } from '../../src/probes/index.ts';

const oneDevice = '0, GPU-aaaa, 37, 2048\n';
const pmon = `# gpu         pid   type     sm    mem    enc    dec    jpg    ofa    command
# Idx           #    C/G      %      %      %      %      %      %    name
    0       4242     C      30     12      -      -      -      -    node
    0       4343     C       7      1      -      -      -      -    python
`;
const apps = '4242, GPU-aaaa, 1024\n4343, GPU-aaaa, 512\n';

describe('what nvidia-smi has printed', () => {
  it('is read: each device, and each process on it', () => {
    expect(readNvidiaSmi({ devices: oneDevice, memory: apps, use: pmon })).toEqual({
      devices: [{ index: 0, utilizationPercent: 37, memoryUsedMb: 2048 }],
      processes: [
        { pid: 4242, index: 0, utilizationPercent: 30, memoryMb: 1024 },
        { pid: 4343, index: 0, utilizationPercent: 7, memoryMb: 512 },
      ],
    });
  });

  it.each([
    ['a true 0 is 0', '0, GPU-a, 0, 0\n', [{ index: 0, utilizationPercent: 0, memoryUsedMb: 0 }]],
    ['[N/A] is unknown', '0, GPU-a, [N/A], [N/A]\n', [{ index: 0, utilizationPercent: null, memoryUsedMb: null }]],
    [
      '[Not Supported] is unknown',
      '0, GPU-a, [Not Supported], 11\n',
      [{ index: 0, utilizationPercent: null, memoryUsedMb: 11 }],
    ],
    [
      'what is above a whole is unknown',
      '0, GPU-a, 100, 1\n1, GPU-b, 101, 1\n2, GPU-c, 4294967295, 1\n',
      [100, null, null].map((utilizationPercent, index) => ({ index, utilizationPercent, memoryUsedMb: 1 })),
    ],
    ['a negative is unknown', '0, GPU-a, -1, 11\n', [{ index: 0, utilizationPercent: null, memoryUsedMb: 11 }]],
    [
      'several',
      '0, GPU-a, 5, 1\n1, GPU-b, 95, 2\n',
      [
        { index: 0, utilizationPercent: 5, memoryUsedMb: 1 },
        { index: 1, utilizationPercent: 95, memoryUsedMb: 2 },
      ],
    ],
    ['a part of a line', '0, GPU-a\n', [{ index: 0, utilizationPercent: null, memoryUsedMb: null }]],
    ['rubbish', 'Failed to initialize NVML, Driver/library version mismatch\n\u0000\u0001,,,\n', []],
    ['nothing', '', []],
  ])('of devices: %s', (_, devices, expected) => {
    expect(readNvidiaSmi({ devices, memory: null, use: null })).toEqual({ devices: expected, processes: null });
  });

  it.each([
    ['nobody is asked', null, null, null],
    ['none is there', '', '# gpu pid type sm\n# Idx # C/G %\n    0          -     -      -\n', []],
    [
      'under MIG memory is told and use is not',
      '7, GPU-aaaa, 300\n',
      'pmon is not supported on MIG enabled devices\n',
      [{ pid: 7, index: 0, utilizationPercent: null, memoryMb: 300 }],
    ],
    ['memory is [N/A]', '7, GPU-aaaa, [N/A]\n', null, [{ pid: 7, index: 0, utilizationPercent: null, memoryMb: null }]],
    ['only rubbish comes', null, '%%% 3\n', null],
    ['the rubbish stands in the place of memory', 'Unable to determine the device handle\n', null, null],
    ['a pid is not told', '[Not Found], GPU-aaaa, 20000\n7, GPU-aaaa, 300\n', null, null],
    ['a pid is not told beside a use', null, '# gpu pid type sm\n 0 [N/A] C 50\n 0 7 C 20\n', null],
    [
      'only one of the lists makes sense',
      '[Not Found], GPU-aaaa, 20000\n',
      '# gpu pid type sm\n 0 7 C 20\n',
      [{ pid: 7, index: 0, utilizationPercent: 20, memoryMb: null }],
    ],
    [
      'the driver warns beside it',
      '7, GPU-aaaa, 300\nWARNING: infoROM is corrupted at gpu 0000:02:00.0\n',
      null,
      [{ pid: 7, index: 0, utilizationPercent: null, memoryMb: 300 }],
    ],
    [
      'lines end as elsewhere',
      '7, GPU-aaaa, 300\r\n',
      '# gpu pid type sm\r\n# Idx # C/G %\r\n 0 7 C 33\r\n',
      [{ pid: 7, index: 0, utilizationPercent: 33, memoryMb: 300 }],
    ],
    [
      'a use is above a whole',
      null,
      '# gpu pid type sm\n 0 7 C 65535\n',
      [{ pid: 7, index: 0, utilizationPercent: null, memoryMb: null }],
    ],
    [
      'an older driver has other columns',
      null,
      '# gpu     pid  type    sm   mem   enc   dec   command\n    1    99    C    50     1     -     -   node\n',
      [{ pid: 99, index: 1, utilizationPercent: 50, memoryMb: null }],
    ],
  ])('of processes, where %s', (_, memory, use, expected) => {
    expect(readNvidiaSmi({ devices: oneDevice, memory, use }).processes).toEqual(expected);
  });
});

describe('a process that draws', () => {
  it.each([
    ['is one of a desktop', '', ' 0 7 G 3\n', true],
    ['is none that computes too, by its type', '', ' 0 7 C+G 3\n', undefined],
    ['is none that computes too, by another line', '', ' 0 7 C 3\n 0 7 G -\n', undefined],
    ['is none that has memory to compute with', '7, GPU-aaaa, 300\n', ' 0 7 G 3\n', undefined],
  ])('%s', (_, memory, rows, draws) => {
    const { processes } = readNvidiaSmi({ devices: oneDevice, memory, use: `# gpu pid type sm\n${rows}` });

    expect(processes).toHaveLength(1);
    expect(processes?.[0]?.draws).toBe(draws);
  });
});

describe('a process of which no sample was taken', () => {
  it.each([
    ['has rested where another on its GPU was sampled', '0, GPU-a, 88, 1\n', ' 0 8 C 88\n 0 7 C -\n', 0],
    ['has rested where its GPU has', '0, GPU-a, 0, 1\n', ' 0 8 C -\n 0 7 C -\n', 0],
    ['is unknown where nobody was sampled', '0, GPU-a, 88, 1\n', ' 0 8 C -\n 0 7 C -\n', null],
    ['is unknown where its GPU is', '0, GPU-a, [N/A], 1\n', ' 0 7 C -\n', null],
    ['is unknown where one on another GPU was', '0, GPU-a, 1, 1\n1, GPU-b, 1, 1\n', ' 1 8 C 88\n 0 7 C -\n', null],
    ['is unknown where the other’s is rubbish', '0, GPU-a, 88, 1\n', ' 0 8 C 65535\n 0 7 C -\n', null],
    ['is what the other of its two lines says', '0, GPU-a, 88, 1\n', ' 0 7 C 88\n 0 7 G -\n', 88],
  ])('%s', (_, devices, rows, expected) => {
    const { processes } = readNvidiaSmi({ devices, memory: null, use: `# gpu pid type sm\n${rows}` });

    expect(processes?.find(({ pid }) => pid === 7)?.utilizationPercent).toBe(expected);
  });
});

describe('what a process tree has of the GPUs', () => {
  const seen = () => true;
  const hidden = () => false;
  const reading = readNvidiaSmi({ devices: oneDevice, memory: apps, use: pmon });

  it('is the sum of its processes', () => {
    expect(gpuShareOf(reading, new Set([4242, 4343, 1]), hidden)).toEqual({
      utilizationPercent: 37,
      memoryMb: 1536,
      busiestPercent: 37,
    });
  });

  it('is that of the GPU that it uses most, and the memory of all of them', () => {
    const both = readNvidiaSmi({
      devices: '0, GPU-a, 90, 1\n1, GPU-b, 60, 1\n',
      memory: '7, GPU-a, 100\n7, GPU-b, 200\n',
      use: '# gpu pid type sm\n 0 7 C 80\n 1 7 C 60\n',
    });

    expect(gpuShareOf(both, new Set([7]), hidden)).toEqual({
      utilizationPercent: 80,
      memoryMb: 300,
      busiestPercent: 90,
    });
  });

  it('is a true 0 where other processes are seen, and unknown where they are those of another machine', () => {
    expect(gpuShareOf(reading, new Set([1]), seen)).toMatchObject({ utilizationPercent: 0, memoryMb: 0 });
    expect(gpuShareOf(reading, new Set([1]), hidden)).toEqual({ ...unknownGpuShare, busiestPercent: 37 });
  });

  it.each([
    ['unknown where the server of MPS is told alone', '', null],
    ['0 where one is told for which it computes', ' 0 8 M+C 7 python\n', 0],
  ])('is %s', (_, client, expected) => {
    const use = `# gpu pid type sm command\n 0 7 C 97 nvidia-cuda-mps-server\n${client}`;
    const served = readNvidiaSmi({ devices: oneDevice, memory: '7, GPU-aaaa, 7000\n', use });

    expect(gpuShareOf(served, new Set([1]), seen)).toMatchObject({ utilizationPercent: expected, memoryMb: expected });
    expect(gpuShareOf(served, new Set([7]), seen)).toMatchObject({ utilizationPercent: 97, memoryMb: 7000 });
  });

  it.each([
    ['one at work, with memory in use', '0, GPU-a, 37, 2048\n', null, null],
    ['one that rests for a moment, with memory in use', '0, GPU-a, 0, 20480\n', 0, null],
    ['one that rests, and has in use what it needs itself', '0, GPU-a, 0, 32\n', 0, 0],
    ['one that rests, and has more in use', '0, GPU-a, 0, 33\n', 0, null],
    ['one of two at work', '0, GPU-a, 0, 1\n1, GPU-b, 5, 2048\n', null, null],
    ['one of unknown use', '0, GPU-a, [N/A], 1\n', null, 0],
    ['one of unknown memory', '0, GPU-a, 0, [N/A]\n', 0, null],
  ])('is 0 without any process only as far as there is nothing to have: %s', (_, devices, use, memory) => {
    const reading = readNvidiaSmi({ devices, memory: '', use: '# gpu pid type sm\n 0 - - -\n' });

    expect(gpuShareOf(reading, new Set([1]), seen)).toMatchObject({ utilizationPercent: use, memoryMb: memory });
  });

  it.each([
    ['memory', '7, GPU-a, 100\n7, GPU-b, [N/A]\n', ' 0 7 C 30\n 1 7 C 20\n', 30, null],
    ['use', '7, GPU-a, 100\n7, GPU-b, 200\n', ' 0 7 C 30\n 1 7 C -\n', null, 300],
  ])('is unknown where a part of its %s is', (_, memory, rows, use, memoryMb) => {
    const devices = '0, GPU-a, 50, 1\n1, GPU-b, 50, 1\n';
    const reading = readNvidiaSmi({ devices, memory, use: `# gpu pid type sm\n${rows}` });

    expect(gpuShareOf(reading, new Set([7]), seen)).toMatchObject({ utilizationPercent: use, memoryMb });
  });

  it('is unknown without a device, and where nothing is told of processes', () => {
    expect(gpuShareOf({ devices: [], processes: [] }, new Set([1]), seen)).toEqual(unknownGpuShare);
    expect(gpuShareOf({ ...reading, processes: null }, new Set([4242]), seen).utilizationPercent).toBeNull();
  });
});
