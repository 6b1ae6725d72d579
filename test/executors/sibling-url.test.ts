import { describe, expect, it } from 'vitest';
import { evaluatorUrl, inheritedNodeArgs } from '../../src/executors/sibling-url.ts';

describe('Node arguments of the host', () => {
  it.each([
    [
      ['--import', 'tsx', '-C', 'pitwall:source'],
      ['--import', 'tsx', '-C', 'pitwall:source'],
    ],
    [['-e', 'console.log(1)', '--expose-gc'], ['--expose-gc']],
    // The size of the heap is the evaluation's own limit.
    [['--max-old-space-size=4096', '--max_old_space_size=60', '--max-heap-size=60', '--expose-gc'], ['--expose-gc']],
    [['--max-old-space-size-percentage=50', '--max-semi-space-size=64'], ['--max-semi-space-size=64']],
    // What every process would write anew.
    [['--heapsnapshot-near-heap-limit=3', '--report-on-signal', '--report-directory', '/tmp/reports'], []],
    [['--cpu-prof', '--heap-prof', '--trace-event-categories', 'v8', '--trace-warnings'], ['--trace-warnings']],
    [['--inspect-brk=0', '--input-type=module', '--eval=1', '--test'], []],
    [['--input-type', 'module', '--expose-gc'], ['--expose-gc']],
    [
      ['--cpu-prof-dir', '/tmp/profiles', '-r', './setup.cjs'],
      ['-r', './setup.cjs'],
    ],
    [
      ['--inspect=9229', '--import', 'tsx'],
      ['--import', 'tsx'],
    ],
  ])('%j are inherited as %j', (given, inherited) => {
    expect(inheritedNodeArgs(given)).toEqual(inherited);
  });
});

describe('the URL of an evaluator', () => {
  it('may be the text of a file: URL', () => {
    expect(evaluatorUrl('file:///tmp/evaluate.js').pathname).toBe('/tmp/evaluate.js');
  });

  it.each([[new URL('data:text/javascript,1')], ['file://server/evaluate.js'], ['evaluate.js'], [undefined]])(
    'is not %s',
    (url) => {
      expect(() => evaluatorUrl(url as never)).toThrow(/must be named by a file: URL of this machine/);
    },
  );
});
