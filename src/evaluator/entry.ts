// What runs first in an evaluator's process. Everything it does stands in run-evaluator.ts.
import { Socket } from 'node:net';
import { frameReader, tellingFd, toldFd, writeFrame, type SupervisorToEvaluator } from '../wire/evaluator-side.ts';
import { blockOnOutput } from './blocking-output.ts';
import { joinControlGroup } from './join-control-group.ts';
import { watchLife } from './life-watch.ts';
import { orLeave } from './or-leave.ts';
import { evaluatorRun } from './run-evaluator.ts';

// Ctrl-C at the terminal is for the host: it decides what becomes of its evaluations.
process.on('SIGINT', () => undefined);

joinControlGroup();
watchLife();
blockOnOutput();

const onMessage = evaluatorRun((message) => {
  orLeave(() => {
    writeFrame(tellingFd, message);
  });
});
const reader = frameReader((message) => {
  onMessage(message as SupervisorToEvaluator);
});
const told = new Socket({ fd: toldFd, readable: true, writable: false });
told.on('data', reader);
// Without a supervisor nobody would end it.
told.on('close', () => process.exit(1));
