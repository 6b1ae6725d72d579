import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** What a page has said and asked for since it was opened. */
export interface PageRecord {
  /** Console errors, exceptions, and what its own policy refused. */
  readonly errors: string[];
  /** Every address but the page's own. */
  readonly requests: string[];
}

/** Debian's Chromium without a window, with one page. */
export interface Browser {
  /** Opens a page and waits until it is loaded and has drawn. */
  open(url: string, options: { readonly width: number; readonly isDark?: boolean }): Promise<PageRecord>;
  /** What an expression in the page comes to, as JSON brings it. */
  evaluate<T>(expression: string): Promise<T>;
  /** Gives the window another width, and waits until the page has drawn. */
  resize(width: number): Promise<void>;
  close(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** Starts Chromium and talks to it over two pipes, in the DevTools protocol: JSON, each message ended by a NUL. */
export async function openBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'pitwall-chromium-'));
  const child = spawn(
    'chromium',
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars'],
      ...['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...['--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'],
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const [, , , toIt, fromIt] = child.stdio as unknown as [null, null, null, Writable, Readable];
  const ended = once(child, 'exit').then((): Message => ({ error: { message: 'it has ended' } }));
  const waiting = new Map<number, (message: Message) => void>();
  let record: PageRecord = { errors: [], requests: [] };
  let onLoad = (): void => undefined;
  let url = '';
  let ids = 0;

  const told = ({ id, method = '', params = {}, ...answer }: Message): void => {
    if (id !== undefined) waiting.get(id)?.(answer);
    if (method === 'Page.loadEventFired') onLoad();
    if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') record.errors.push(JSON.stringify(params));
    if (method === 'Runtime.consoleAPICalled' && params.type === 'error') record.errors.push(JSON.stringify(params));
    if (method === 'Network.requestWillBeSent') {
      const { request } = params as { readonly request: { readonly url: string } };
      if (request.url !== url && !request.url.startsWith('data:')) record.requests.push(request.url);
    }
  };
  let begun = '';
  fromIt.setEncoding('utf8').on('data', (chunk: string) => {
    const messages = (begun + chunk).split('\0');
    begun = messages.pop() ?? '';
    for (const message of messages) told(JSON.parse(message) as Message);
  });
  const call = async <T = unknown>(method: string, params: object = {}, sessionId?: string): Promise<T> => {
    const id = ++ids;
    const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
    toIt.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await Promise.race([answer, ended]);
    waiting.delete(id);
    if (error !== undefined) throw new Error(`Chromium, asked for ${method}: ${error.message}`);
    return result as T;
  };

  const { targetInfos } = await call<{ targetInfos: { type: string; targetId: string }[] }>('Target.getTargets');
  const targetId = targetInfos.find(({ type }) => type === 'page')?.targetId;
  const { sessionId } = await call<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
  const inPage = <T>(method: string, params?: object): Promise<T> => call<T>(method, params, sessionId);
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await inPage(`${domain}.enable`);

  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await inPage<{ result: { value: T }; exceptionDetails?: unknown }>(
      'Runtime.evaluate',
      { expression, returnByValue: true, awaitPromise: true },
    );
    if (exceptionDetails !== undefined) throw new Error(`In the page: ${JSON.stringify(exceptionDetails)}`);
    return result.value;
  };

  const setWidth = (width: number): Promise<unknown> =>
    inPage('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false });
  const drawn = (): Promise<unknown> =>
    evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))');

  return {
    evaluate,
    open: async (address, { width, isDark = false }) => {
      url = address;
      record = { errors: [], requests: [] };
      await setWidth(width);
      await inPage('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value: isDark ? 'dark' : 'light' }],
      });
      const loaded = new Promise<void>((resolve) => (onLoad = resolve));
      await inPage('Page.navigate', { url });
      await loaded;
      await drawn();
      return record;
    },
    resize: async (width) => {
      await setWidth(width);
      await drawn();
    },
    close: async () => {
      // Asked, it takes its own processes with it; killed alone, it leaves some that still write into the profile.
      await call('Browser.close').catch(() => undefined);
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
    },
  };
}
