// Tells a file in which program it was preloaded.
import { appendFileSync } from 'node:fs';

appendFileSync(process.env.PITWALL_TEST_PRELOADED, `${process.argv[1]}\n`);
