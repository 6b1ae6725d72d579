import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { drmCards, gpuShareOf, readAmdgpu } from '../../src/probes/index.ts';

const card = '/sys/class/drm/card1';

/** The files of one card, by their names below its device. */
const files = (named: Readonly<Record<string, string>>) => (path: string) => named[path.replace(`${card}/device/`, '')];

describe('what amdgpu tells in its files', () => {
  it.each([
    ['both figures', { gpu_busy_percent: '37\n', mem_info_vram_used: '2147483648\n' }, 37, 2048],
    ['a true 0', { gpu_busy_percent: '0\n', mem_info_vram_used: '0\n' }, 0, 0],
    ['a whole GPU', { gpu_busy_percent: '100\n', mem_info_vram_used: '1048576' }, 100, 1],
    ['more than a whole one', { gpu_busy_percent: '101\n', mem_info_vram_used: '1048576' }, null, 1],
    ['a marker for unknown', { gpu_busy_percent: '65535\n', mem_info_vram_used: '1048576' }, null, 1],
    ['a negative', { gpu_busy_percent: '-1\n', mem_info_vram_used: '-5' }, null, null],
    ['rubbish', { gpu_busy_percent: 'busy?', mem_info_vram_used: 'NaN' }, null, null],
    ['an empty file', { gpu_busy_percent: '', mem_info_vram_used: '\n' }, null, null],
    ['no use', { mem_info_vram_used: '1048576' }, null, 1],
    ['no memory', { gpu_busy_percent: '12' }, 12, null],
  ])('%s', (_, named, utilizationPercent, memoryUsedMb) => {
    expect(readAmdgpu([card], files(named))).toEqual({
      devices: [{ index: 1, utilizationPercent, memoryUsedMb }],
      processes: null,
    });
  });

  it('a card of another driver has no such files, and is left out', () => {
    expect(readAmdgpu([card], () => undefined)).toEqual({ devices: [], processes: null });
  });

  it('is of the whole device: what a process has of it stays unknown', () => {
    const reading = readAmdgpu([card], files({ gpu_busy_percent: '95' }));

    expect(gpuShareOf(reading, new Set([process.pid]))).toEqual({
      utilizationPercent: null,
      memoryMb: null,
      busiestPercent: 95,
    });
  });
});

describe('the cards of the machine', () => {
  it('are those that Linux lists, without their outlets', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pitwall-drm-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    for (const name of ['card0', 'card12', 'card0-HDMI-A-1', 'renderD128']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'version'), 'drm 1.1.0');

    expect([...drmCards(folder)].sort()).toEqual([join(folder, 'card0'), join(folder, 'card12')]);
  });

  it('are none where there is no such folder', () => {
    expect(drmCards('/there/is/no/such/folder')).toEqual([]);
  });
});
