/** The cookies of one VU; no jar is made before the first cookie. */
import { CookieJar } from '../../../protocol/http1/cookie-jar.ts';
import { resolveUrl, type BaseUrl, type Origin } from '../../../protocol/http1/target-url.ts';

export class CookieHolder {
  readonly #wallMs: () => number;
  #jar: CookieJar | undefined;

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  get isEmpty(): boolean {
    return this.#jar === undefined || this.#jar.isEmpty;
  }

  store(setCookies: readonly string[], origin: Origin, path: string): void {
    this.#jar ??= new CookieJar();
    const url = urlParts(origin, path);
    for (const line of setCookies) this.#jar.setFromHeader(line, url, this.#wallMs());
  }

  /** 'a=1; b=2', or ''. */
  headerFor(origin: Origin, path: string): string {
    return this.#jar === undefined ? '' : this.#jar.headerFor(urlParts(origin, path), this.#wallMs());
  }

  get(base: BaseUrl | undefined, url: string, name: string): string | undefined {
    const { origin, path } = resolveUrl(base, url);
    const pair = this.headerFor(origin, path)
      .split('; ')
      .find((text) => text.startsWith(`${name}=`));
    return pair?.slice(name.length + 1);
  }

  set(base: BaseUrl | undefined, url: string, name: string, value: string): void {
    const { origin, path } = resolveUrl(base, url);
    this.store([`${name}=${value}; Path=/`], origin, path);
  }

  clear(): void {
    this.#jar = undefined;
  }
}

function urlParts(origin: Origin, path: string): { host: string; path: string; secure: boolean } {
  const query = path.indexOf('?');
  return { host: origin.host, path: query < 0 ? path : path.slice(0, query), secure: origin.protocol === 'https:' };
}
