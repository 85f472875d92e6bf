import type {Time} from '../../../engine/time.ts';
import type {Pace} from '../../daemons/host-profile.ts';
import type {Host} from '../../daemons/host.ts';

type PacedStep = 'vrrp-timer' | 'vrrp-receive' | 'vrrp-send';

/** How long the next steps of one process take: the same whether its rounds are run or counted. */
export class VrrpPace {
  readonly #host: Host;
  readonly #timer: Pace;
  readonly #receive: Pace;
  readonly #send: Pace;
  #timersRung = 0;
  #advertsHeard = 0;

  constructor(host: Host, process: string) {
    this.#host = host;
    this.#timer = host.paceOf('vrrp-timer', process);
    this.#receive = host.paceOf('vrrp-receive', process);
    this.#send = host.paceOf('vrrp-send', process);
  }

  /** How late its next timer rings. */
  timerDelay(): Time {
    return this.#timer(this.#timersRung);
  }

  timerRang(): void {
    this.#timersRung += 1;
  }

  /** How long the advert takes to be read that is the `ahead`-th from now. */
  receiveDelay(ahead: number): Time {
    return this.#receive(this.#advertsHeard + ahead);
  }

  heard(): void {
    this.#advertsHeard += 1;
  }

  /** How long it takes over the advert with that number. */
  sendDelay(number: number): Time {
    return this.#send(number);
  }

  bounds(step: PacedStep): readonly [Time, Time] {
    return this.#host.profile.bounds(step);
  }
}
