import {Failure} from '../failure.ts';

/** As messages show it. */
export function withoutPassword(url: string): string {
  const {protocol, host, pathname} = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

/** For `--queue`. */
export function checkUrl(text: string): string {
  if (/^rediss?:\/\/[^/]/.test(text) && URL.canParse(text)) return text;
  throw new Failure('--queue: not an address such as redis://:password@host:6379.');
}
