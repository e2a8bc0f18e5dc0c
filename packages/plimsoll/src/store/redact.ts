/** Secrets out of what is stored: the command line, URLs and messages. It masks too much rather than too little. */
import type { RunResult } from '../model/result.ts';

export const mask = '***';

/** Options whose value is a body or a secret, whatever it looks like. */
const hiddenOptions = /^--?(body|data|bearer|basic|auth|user|password|passphrase|token|secret|api-?key)$/i;

/** `Name: value` and `-HName: value`, for header names that carry secrets. */
const secretHeader =
  /^([\w-]*(?:authorization|authentication|cookie|token|secret|password|credential|session|api-?key|signature)[\w-]*\s*:).*/is;

/** In a URL the last `@` before the path ends the credentials. */
const urlCredentials = /([a-z][a-z0-9+.-]*:\/\/)[^\s/?#\\]*@/gi;

/** `user:password@host` without a scheme, as `quick` takes it. */
const bareCredentials = /^[^\s/?#\\:@]+:[^\s/?#\\]*@/;

const secretParameter =
  /([?&;](?:[\w.-]*(?:token|secret|password|passwd|signature|credential|api[_-]?key|session[_-]?id)|auth|key|pwd|sig|sid)=)[^&;#\s]+/gi;

/** A URL, or a sentence that holds URLs, without credentials and secret parameters. Doing it twice changes nothing. */
export function redactText(text: string): string {
  return text.replace(urlCredentials, `$1${mask}@`).replace(secretParameter, `$1${mask}`);
}

/** A result as it may be stored and printed. What a test itself throws, logs or names is its own word, and stays. */
export function redactResult(result: RunResult): RunResult {
  return {
    ...result,
    command: redactText(result.command),
    target: redactText(result.target),
    problems: result.problems.map(redactText),
  };
}

/** Whether a header of that name is for the server's eyes only. */
export function isSecretHeader(name: string): boolean {
  return secretHeader.test(`${name}:`);
}

/**
 * The command line as a person would type it again, without secrets: values of headers that carry any, bodies, and
 * passwords in URLs.
 *
 * @param words the program's name and its arguments
 */
export function redactCommand(words: readonly string[]): string {
  return words.map((word, i) => quoteForShell(redactWord(word, words[i - 1] ?? ''))).join(' ');
}

function redactWord(word: string, before: string): string {
  if (hiddenOptions.test(before)) return mask;
  const [, option, value] = /^(--?[a-z][\w-]*=)(.*)$/is.exec(word) ?? [];
  if (option !== undefined && value !== undefined) {
    return hiddenOptions.test(option.slice(0, -1)) ? `${option}${mask}` : `${option}${redactValue(value)}`;
  }
  return redactValue(word);
}

function redactValue(value: string): string {
  const header = value.replace(secretHeader, `$1 ${mask}`);
  return header === value ? redactText(value.replace(bareCredentials, `${mask}@`)) : header;
}

function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
