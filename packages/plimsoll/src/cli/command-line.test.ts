import { describe, expect, test } from 'vitest';
import { commandLine } from './command-line.ts';

const commands = commandLine([], () => undefined).commands;

test('the commands are those of the interface', () => {
  expect(commands.map((command) => command.name())).toEqual(['run', 'quick', 'report', 'analyse', 'init', 'doctor']);
});

describe.each(commands.map((command) => [command.name(), command] as const))('plimsoll %s', (_name, command) => {
  test('says what it does, and what each argument and option is', () => {
    expect(command.description()).not.toBe('');
    for (const part of [...command.registeredArguments, ...command.options]) expect(part.description).not.toBe('');
  });

  test('has no option twice', () => {
    const flags = command.options.flatMap((option) => [option.short, option.long]).filter((flag) => flag !== undefined);
    expect(new Set(flags).size).toBe(flags.length);
  });
});
