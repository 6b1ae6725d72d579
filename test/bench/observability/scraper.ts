// Asks for metrics as Prometheus does: from a process of its own, over HTTP, once a second.
import type { Scraped } from './scraping.ts';

const url = process.argv[2] ?? '';
/** The first one is in the middle of a window of a second. */
const firstAfterMs = 500;
let scrapes = 0;
let timer: NodeJS.Timeout | undefined;
let scraping = Promise.resolve();

async function scrape(): Promise<void> {
  const answer = await fetch(url);
  const text = await answer.text();
  if (text.includes('pitwall_training_steps_total')) scrapes++;
}

function scrapeAfter(ms: number): void {
  timer = setTimeout(() => {
    scraping = scrape();
    scrapeAfter(1000);
  }, ms);
}

process.on('message', (message) => {
  clearTimeout(timer);
  if (message === 'resume') {
    scrapes = 0;
    scrapeAfter(firstAfterMs);
  } else void scraping.then(() => process.send?.({ scrapes } satisfies Scraped));
});
process.send?.('ready');
