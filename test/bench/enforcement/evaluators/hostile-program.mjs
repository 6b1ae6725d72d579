// As a program: its input is a JSON file, its answer a line.
import { readFileSync } from 'node:fs';
import hostile from './hostile.mjs';

const input = JSON.parse(readFileSync(process.argv[2], 'utf8'));
console.log(JSON.stringify(await hostile({ ...input, isOwnProcess: true })));
