// Imports the module that it is given, and prints every file that was loaded for it: ES modules and CommonJS alike.
import { createRequire, register } from 'node:module';
import { MessageChannel } from 'node:worker_threads';

const hooks = `
  let port;
  export const initialize = (data) => { port = data; };
  export const load = (url, context, next) => { port.postMessage(url); return next(url, context); };
`;
const { port1, port2 } = new MessageChannel();
register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: port2, transferList: [port2] });

await import(process.argv[2]);
// The hooks run in a thread of their own: what was loaded before this last module has been told before it.
const last = 'data:text/javascript,export{}';
await import(last);
const urls = [];
await new Promise((resolve) => {
  port1.on('message', (url) => {
    urls.push(url);
    if (url === last) resolve();
  });
});
port1.close();
console.log(JSON.stringify([...urls, ...Object.keys(createRequire(import.meta.url).cache)]));
