import { burn, type Fault } from './fault.ts';

/** A command line that misbehaves as it is told: a program for `node -e`, because a Node is there. */
export function badCommand(fault: Fault): readonly string[] {
  return [process.execPath, '-e', programOf(fault)];
}

function programOf(fault: Fault): string {
  switch (fault.does) {
    case 'never answer':
    case 'never load':
      return 'for (;;);';
    case 'never end an item':
      return `require('node:fs').writeSync(+process.env.PITWALL_FD, '{"type":"item","name":"an item that never ends"}\\n'); for (;;);`;
    case 'take memory':
      return `const held = []; setInterval(() => { if (held.length * 5 < ${fault.toMb}) held.push(Buffer.alloc(5 * 2 ** 20, 1)); }, 2);`;
    case 'slow the training':
      return `for (let burner = 0; burner < ${fault.burners}; burner++) require('node:child_process').spawn('sh', ['-c', '${burn}'], { detached: true, stdio: 'ignore' }); setInterval(() => {}, 1000);`;
    case 'fail':
      return 'process.exit(1);';
  }
}
