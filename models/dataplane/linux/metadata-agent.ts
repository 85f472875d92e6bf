import type {Fact} from '../../../engine/ledger.ts';
import type {Program} from '../../daemons/daemon.ts';
import type {Ground} from '../../ground.ts';
import type {ServiceAnswer} from '../flow-end.ts';

/**
 * neutron-metadata-agent of a network node: the proxies of all its namespaces hand requests to it through a Unix socket, and
 * it asks Nova. Without it they answer "503 Service Unavailable" themselves; one that hangs lets them wait.
 */
export class MetadataAgent {
  readonly program: Program;
  /** What it answers. */
  readonly fact: Fact;
  #answer: ServiceAnswer = {kind: 'answers', cause: 0};

  constructor({ledger, engine}: Ground) {
    this.fact = ledger.add();
    const become = (kind: ServiceAnswer['kind']) => (): void => {
      this.#answer = {kind, cause: engine.cause};
      ledger.changed(this.fact, engine.cause);
    };
    this.program = {
      die: become('refuses'),
      start: become('answers'),
      freeze: become('says nothing'),
      thaw: become('answers'),
    };
  }

  get answer(): ServiceAnswer {
    return this.#answer;
  }
}
