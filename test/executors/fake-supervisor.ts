import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { HostToSupervisor, StartOrder, SupervisorToHost } from '../../src/wire/index.ts';

/** A supervisor's process as its host sees it, without a process. */
export class FakeSupervisor extends EventEmitter {
  readonly heard: HostToSupervisor[] = [];
  connected = true;
  readonly pid = 1;
  readonly channel = { ref: () => undefined, unref: () => undefined };

  get child(): ChildProcess {
    return this as unknown as ChildProcess;
  }

  get orders(): StartOrder[] {
    return this.heard.flatMap((message) => (message.type === 'start' ? [message.order] : []));
  }

  send(message: HostToSupervisor): boolean {
    this.heard.push(message);
    return true;
  }

  kills = 0;

  kill(): boolean {
    this.kills++;
    return true;
  }

  tell(message: SupervisorToHost): void {
    this.emit('message', message);
  }

  /** It is killed. */
  dies(): void {
    this.connected = false;
    this.emit('exit', null, 'SIGKILL');
  }
}
