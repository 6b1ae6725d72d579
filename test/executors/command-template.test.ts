import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../src/executors/command-template.ts';

const text = (words: string) => ({ kind: 'text', text: words });

describe('the placeholders of a command', () => {
  it.each([
    ['{input}', [{ kind: 'input' }]],
    ['--out={output}', [text('--out='), { kind: 'output' }]],
    [
      '{input.epoch}/{input.net.layers.0}',
      [{ kind: 'field', keys: ['epoch'] }, text('/'), { kind: 'field', keys: ['net', 'layers', '0'] }],
    ],
    ['', [text('')]],
    ['plain', [text('plain')]],
    // Literal braces.
    ['{}', [text('{}')]],
    ['{"a":{"b":1}}', [text('{"a":{"b":1}}')]],
    ['{"input": 1}', [text('{"input": 1}')]],
    ['{1..3}', [text('{1..3}')]],
    ['{ print $1 }', [text('{ print $1 }')]],
    ['{ print }', [text('{ print }')]],
    ['echo ${HOME}', [text('echo ${HOME}')]],
    ['${input:-none}', [text('${input:-none}')]],
    ['{{print}}', [text('{print}')]],
    ['{{input}}={input}', [text('{input}='), { kind: 'input' }]],
    ['{{{x}}}', [text('{{x}}')]],
    ['{{input: 1}}', [text('{input: 1}')]],
  ])('in %s are found', (argument, parts) => {
    expect(parseCommand(['program', argument]).args).toEqual([parts]);
  });

  it.each([
    ['{inptu}', 'did you mean {input}?'],
    ['{Input}', 'did you mean {input}?'],
    ['{ouput}', 'did you mean {output}?'],
    ['{inpt.epoch}', 'did you mean {input.epoch}?'],
    ['{weights}', 'known are {input}, {output} and {input.FIELD}. Write {{weights}} for the text {weights} itself.'],
    ['{ input }', 'write {input}, without spaces'],
    ['${input}', 'write {input} for the placeholder, or $input for a variable of the shell'],
    ['{output.path}', 'the result has no fields, write {output} for its file'],
    ['{input.}', 'write {input.FIELD}'],
    ['{input.a b}', 'write {input.FIELD}'],
  ])('such as %s are refused with what was meant', (argument, advice) => {
    const parse = () => parseCommand(['python3', 'eval.py', argument]);

    expect(parse).toThrow(advice);
    expect(parse).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }) as Error);
  });

  it.each([
    ['python eval.py', 'must be an array of the program and its arguments'],
    [[], 'must be an array of the program and its arguments'],
    [undefined, 'must be an array of the program and its arguments'],
    [['python', 3], '"[1]" must be a string without NUL, but 3 came'],
    [[''], 'must begin with a program, but "" came'],
    [['{input.program}'], 'must be fixed, but "{input.program}" has a placeholder'],
  ])('%j is no command', (command, reason) => {
    expect(() => parseCommand(command)).toThrow(reason);
  });
});
