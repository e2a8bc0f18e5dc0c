/** docs/reference/commands.md, from the command definitions. */
import { code, codeBlock, notice, paragraphs, table } from './markdown.mjs';

const exitCodeMeanings = {
  passed: 'Every test passed.',
  failed: 'A threshold was not held, set-up failed, or a test was stopped early.',
  usage:
    'The command line, the configuration, a test file or a data file is wrong, or this machine cannot carry the load asked for. Nothing was sent.',
  invalid: 'The measurement cannot be trusted, whatever the thresholds say.',
  unreachable: 'The target did not answer before the first request.',
  broken: 'A part of plimsoll failed.',
  interrupted: 'Ctrl-C, SIGTERM or a closed terminal. What was measured is judged and written.',
};

export function commandsPage({ commandLine, exitCodes }) {
  const program = commandLine([], () => undefined);
  const commands = program.commands.filter((command) => command.name() !== 'help');
  const overview = commands.map((command) => [
    `[${code(command.name())}](#plimsoll-${command.name()})`,
    sentence(command.description()),
  ]);
  const codes = Object.entries(exitCodes).map(([name, number]) => [code(String(number)), name, exitCodeMeanings[name]]);
  return paragraphs(
    notice('`src/cli/command-line.ts`'),
    '# Commands',
    codeBlock('npx plimsoll <command> [options]', 'sh'),
    table(['command', 'does'], overview),
    '`plimsoll --version` prints the version, `plimsoll <command> --help` the options below.',
    ...commands.map(commandSection),
    '## Exit codes',
    'A contract: scripts may rely on it.',
    table(['code', 'verdict', 'means'], codes),
    'Where several hold, the first of 130, 5, 4, 3, 1 counts.',
  );
}

function commandSection(command) {
  const args = command.registeredArguments.map((argument) => [code(term(argument)), sentence(argument.description)]);
  const options = command.options.map((option) => [code(option.flags), sentence(option.description)]);
  const usage = ['plimsoll', command.name(), ...command.registeredArguments.map(term), '[options]'].join(' ');
  const aliases = command.aliases().map(code);
  return paragraphs(
    `## plimsoll ${command.name()}`,
    `${sentence(command.description())}${aliases.length > 0 ? ` Also written ${aliases.join(', ')}.` : ''}`,
    codeBlock(usage, 'sh'),
    args.length > 0 ? table(['argument', 'is'], args) : '',
    options.length > 0 ? table(['option', 'does'], options) : '',
  ).trimEnd();
}

function term(argument) {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function sentence(text) {
  const first = `${text.charAt(0).toUpperCase()}${text.slice(1)}`.replaceAll('*.load.ts', '`*.load.ts`');
  return /[.?]$/.test(first) ? first : `${first}.`;
}
