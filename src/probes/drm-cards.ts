import { readdirSync } from 'node:fs';

/** Where Linux lists what draws or computes. */
export const drmFolder = '/sys/class/drm';

/** The folders of the machine's cards, whoever has made them: empty without Linux, and without any. */
export function drmCards(folder = drmFolder): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^card\d+$/.test(name))
      .map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}
