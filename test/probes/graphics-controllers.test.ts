import { describe, expect, it } from 'vitest';
import { controllerNames, readControllers } from '../../src/probes/index.ts';

/** As systeminformation tells of a card that it has figures of. */
const whole = {
  vendor: 'Advanced Micro Devices, Inc. [AMD/ATI]',
  model: 'Navi 31 [Radeon RX 7900 XTX]',
  bus: 'PCIe',
  busAddress: '03:00.0',
  vram: 24_576,
  vramDynamic: false,
  utilizationGpu: 63,
  memoryUsed: 1_234,
  memoryTotal: 24_576,
};
/** As it tells of one that only lspci has named: no figure is there. */
const named = { vendor: 'Intel Corporation', model: 'UHD Graphics 630', bus: 'Onboard', vram: 256, vramDynamic: false };

const device = (index: number, utilizationPercent: number | null, memoryUsedMb: number | null) => ({
  index,
  utilizationPercent,
  memoryUsedMb,
});

describe('the controllers of systeminformation', () => {
  it.each([
    ['both figures', [whole], [device(0, 63, 1_234)]],
    ['one that is only named', [named], [device(0, null, null)]],
    ['several', [named, whole], [device(0, null, null), device(1, 63, 1_234)]],
    ['a true 0', [{ ...whole, utilizationGpu: 0, memoryUsed: 0 }], [device(0, 0, 0)]],
    ['a whole GPU', [{ ...whole, utilizationGpu: 100 }], [device(0, 100, 1_234)]],
    ['more than a whole one', [{ ...whole, utilizationGpu: 100.5 }], [device(0, null, 1_234)]],
    ['NaN', [{ ...whole, utilizationGpu: NaN, memoryUsed: NaN }], [device(0, null, null)]],
    ['infinite', [{ ...whole, utilizationGpu: Infinity, memoryUsed: Infinity }], [device(0, null, null)]],
    ['negative', [{ ...whole, utilizationGpu: -1, memoryUsed: -1 }], [device(0, null, null)]],
    ['text', [{ ...whole, utilizationGpu: '63', memoryUsed: '[N/A]' }], [device(0, null, null)]],
    ['null', [{ ...whole, utilizationGpu: null, memoryUsed: null }], [device(0, null, null)]],
    ['no controller', [], []],
    ['holes', [null, undefined, 7, 'AMD', whole], [device(0, 63, 1_234)]],
    ['nothing', undefined, []],
    ['null itself', null, []],
    ['no list', { 0: whole }, []],
  ])('%s', (_, controllers, devices) => {
    expect(readControllers(controllers)).toEqual({ devices, processes: null });
  });

  it('have names for a sentence, where they have any', () => {
    expect(controllerNames([named, { vendor: '', model: ' ' }, { model: 'Arc A770' }, { vendor: 7 }, null])).toEqual([
      'Intel Corporation UHD Graphics 630',
      'Arc A770',
    ]);
    expect(controllerNames('none')).toEqual([]);
  });
});
