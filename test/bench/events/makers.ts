import { emittery, eventEmitter, mitted, steps, subject, type Emitter } from './emitters.ts';

/** Who is measured: us first, and then what we are held to. */
export const makers: Readonly<Record<string, () => Emitter>> = {
  'pitwall, a registered callback': steps,
  'rxjs, a subscriber of a bare Subject': subject,
  'EventEmitter, a listener': eventEmitter,
  'mitt, a handler': mitted,
  'emittery, a listener': emittery,
};
