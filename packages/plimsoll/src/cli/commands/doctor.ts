/** `plimsoll doctor`: can this machine generate load and measure? */
import { exitCodes, type ExitCode } from '../../kernel/errors.ts';
import { terminalStyle, wantsColour, wantsUnicode } from '../../report/terminal-style.ts';
import { checkMachine } from '../machine-checks.ts';
import { lookAtMachine } from '../machine-facts.ts';
import { standardOutput } from '../output.ts';

export interface DoctorOptions {
  readonly json?: true;
  readonly color: boolean;
}

/** Advice is no failure: the exit code is 0 whatever was found. */
export async function doctor(options: DoctorOptions): Promise<ExitCode> {
  const out = standardOutput();
  const findings = checkMachine(await lookAtMachine());
  if (options.json === true) {
    out.write(`${JSON.stringify(findings, null, 2)}\n`);
    return exitCodes.passed;
  }
  const style = terminalStyle({
    columns: out.columns,
    colour: wantsColour(out.isTerminal, process.env, options.color ? undefined : false),
    unicode: wantsUnicode(process.env),
  });
  for (const { ok, name, text, advice } of findings) {
    const mark = ok ? style.good(style.symbols.tick) : style.warn(style.symbols.warning);
    out.write(`${mark} ${name.padEnd(12)} ${style.clean(text)}\n`);
    if (advice !== '') out.write(`  ${''.padEnd(12)} ${style.dim(advice)}\n`);
  }
  return exitCodes.passed;
}
