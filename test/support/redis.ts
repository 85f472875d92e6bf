import {execFileSync, spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {createServer, type AddressInfo} from 'node:net';
import {setTimeout as wait} from 'node:timers/promises';
import {Redis} from 'ioredis';

const password = 'a-secret';

/** Whether there is a Redis to start. Where it must be, as in CI, its absence is an error. */
export function hasRedis(): boolean {
  try {
    execFileSync('redis-server', ['--version'], {stdio: 'ignore'});
    return true;
  } catch {
    if (process.env.FAULTLINE_REDIS === 'required') throw new Error('redis-server is not installed, and must be here');
    return false;
  }
}

/** A Redis on this machine alone, with a password, that can die and come back. */
export class RedisServer {
  readonly #folder: string;
  readonly #port: number;
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  static async start(folder: string): Promise<RedisServer> {
    const server = new RedisServer(folder, await freePort());
    await server.begin();
    return server;
  }

  get url(): string {
    return `redis://:${password}@127.0.0.1:${this.#port}`;
  }

  /** What was told to it before its death it knows again. */
  async begin(): Promise<void> {
    const words = [
      '--port',
      String(this.#port),
      '--bind',
      '127.0.0.1',
      '--requirepass',
      password,
      '--dir',
      this.#folder,
    ];
    const kept = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'];
    this.#process = spawn('redis-server', [...words, ...kept], {stdio: 'ignore'});
    const client = new Redis(this.url, {retryStrategy: () => 20, maxRetriesPerRequest: null});
    client.on('error', () => undefined);
    await client.ping();
    client.disconnect();
  }

  async kill(): Promise<void> {
    if (!this.#process || this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'close');
    this.#process.kill('SIGKILL');
    await gone;
  }
}

/** Waits until something is so; whoever waits for what never comes is ended by the time limit of tests. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await wait(5);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
