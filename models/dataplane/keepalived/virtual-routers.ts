import type {Ipv4} from '../../wire/ipv4.ts';
import type {AdvertProcess} from './advert-process.ts';
import type {AdvertStream} from './advert-stream.ts';

/** A process with its streams, as who asks for the reason of its silence sees it. */
export type Speaking = AdvertProcess & {
  /** Why it is silent, if it is, or why it does what it does: the announcement. */
  readonly cause: number;
  readonly works: boolean;
  streamFrom(vrid: number, address: Ipv4): AdvertStream | undefined;
};

/** All processes of a world that run virtual routers. No daemon knows it; it is for chains of causes. */
export class VirtualRouters {
  readonly #processes: Speaking[] = [];

  add(process: Speaking): void {
    this.#processes.push(process);
  }

  /** Why `listener` heard no more of the master at `address`: the announcement; 0 if none is known. */
  whySilent(vrid: number, address: Ipv4 | undefined, listener: AdvertProcess): number {
    if (address === undefined) return 0;
    for (const process of this.#processes) {
      const stream = process === listener ? undefined : process.streamFrom(vrid, address);
      if (stream) return process.works ? stream.lossTo(listener) || process.cause : process.cause;
    }
    return 0;
  }
}
