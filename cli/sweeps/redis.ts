import {Redis} from 'ioredis';
import {Failure} from '../failure.ts';
import {version} from '../package-files.ts';
import {withoutPassword} from './redis-url.ts';

/** Runs go to workers of the same version only: others might come to other results. */
export const queueName = `faultline-${version}`;

/** Connects for as long as it takes once it has worked the first time. Interruptions and their end are told. */
export async function connect(url: string, say: (line: string) => void): Promise<Redis> {
  const shown = withoutPassword(url);
  await probe(url, shown);
  const redis = new Redis(url, {maxRetriesPerRequest: null, retryStrategy: times => Math.min(times * 100, 2000)});
  let isLost = false;
  redis.on('error', (error: Error) => {
    if (!isLost) say(`${shown}: ${reasonOf(error)}; trying again`);
    isLost = true;
  });
  redis.on('ready', () => {
    if (isLost) say(`${shown}: connected again`);
    isLost = false;
  });
  return redis;
}

async function probe(url: string, shown: string): Promise<void> {
  const redis = new Redis(url, {lazyConnect: true, retryStrategy: () => null, connectTimeout: 5000});
  let flaw: Error | undefined;
  redis.on('error', (error: Error) => (flaw ??= error));
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    throw new Failure(`${shown}: ${reasonOf(flaw ?? (error as Error))}`);
  } finally {
    redis.disconnect();
  }
}

function reasonOf(error: Error): string {
  const {code = '', message} = error as NodeJS.ErrnoException;
  if (/^(NOAUTH|WRONGPASS|ERR AUTH)/.test(message)) return 'it wants another password';
  return reasons[code] ?? message;
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody answers there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'there is no such host',
  ETIMEDOUT: 'nobody answers there',
  ECONNRESET: 'the connection was cut',
};
