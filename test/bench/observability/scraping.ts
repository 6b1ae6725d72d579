import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Surroundings } from './observers.ts';

/** What a scraper says when it rests: how often it was answered since it went on. */
export interface Scraped {
  readonly scrapes: number;
}

/** A scraper that gets no processor may miss a window: so many of them it must have been answered in. */
const leastShare = 0.9;

/**
 * Starts a process of its own that asks for the metrics once a second, as long as the training goes on.
 *
 * @param every so many turns of the training it is let ask in one
 */
export async function startScraper(url: string, every: number): Promise<Required<Surroundings>> {
  const child = fork(new URL('./scraper.js', import.meta.url), [url]);
  await once(child, 'message');
  let turns = 0;
  let windows = 0;
  let scraped = 0;
  return {
    resume: () => {
      if (++turns % every !== 0) return;
      windows++;
      child.send('resume');
    },
    rest: async () => {
      if (turns % every !== 0) return;
      child.send('rest');
      const [{ scrapes }] = (await once(child, 'message')) as [Scraped];
      if (scrapes > 0) scraped++;
    },
    end: async () => {
      child.disconnect();
      await once(child, 'exit');
      if (scraped < windows * leastShare)
        throw new Error(
          `Nobody scraped in ${windows - scraped} of ${windows} windows: the figure would be of something else.`,
        );
    },
  };
}
