// A host that serves its metrics, and has nothing else to do once its input has ended.
import { Registry } from 'prom-client';
import { serveMetrics } from '../../../src/observability/prometheus.ts';

const { port } = await serveMetrics({ port: 0, registry: new Registry() });
console.log(JSON.stringify({ port }));
process.stdin.resume();
