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

  it('is unknown in a container that is told of no process while a GPU is at work, and 0 while none is', () => {
    const none = { memory: '', use: null };
    expect(gpuShareOf(readNvidiaSmi({ ...none, devices: oneDevice }), new Set([1]), seen)).toEqual({
      ...unknownGpuShare,
      busiestPercent: 37,
    });
    expect(gpuShareOf(readNvidiaSmi({ ...none, devices: '0, GPU-a, 0, 0\n' }), new Set([1]), seen)).toEqual({
      utilizationPercent: 0,
      memoryMb: 0,
      busiestPercent: 0,
    });
  });

  it('is unknown without a device, and where nothing is told of processes', () => {
    expect(gpuShareOf({ devices: [], processes: [] }, new Set([1]), seen)).toEqual(unknownGpuShare);
    expect(gpuShareOf({ ...reading, processes: null }, new Set([4242]), seen).utilizationPercent).toBeNull();
  });
});
