// Asks about GPUs, again and again, in a process of its own: a driver that hangs holds up nothing else, and this can be killed.
import { setTimeout as wait } from 'node:timers/promises';
import { onPath } from '../probes/index.ts';
import { endAsking } from './gpu-asking.ts';
import { nvidia } from './gpu-probe-nvidia.ts';
import { amdgpu, systemInformation } from './gpu-probe-others.ts';
import { GpuTurns } from './gpu-turns.ts';

process.on('disconnect', () => {
  endAsking(); // the supervisor may have been killed, in the middle of a question
  process.exit(0);
});
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => undefined);

const turns = new GpuTurns(onPath('nvidia-smi') ? [nvidia()] : [amdgpu, systemInformation]);
while (process.connected) {
  const told = await turns.next();
  process.send?.(told, undefined, undefined, () => undefined); // nobody may be there any more
  await wait(told.againInMs);
}
