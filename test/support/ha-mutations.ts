import type {DaemonName} from '../../models/daemons/daemon.ts';
import {seconds} from '../../engine/time.ts';
import type {Mutation} from './common-mutations.ts';
import {neutronMutations} from './neutron-mutations.ts';

const key = 'test';

/** What can happen to a cloud of Neutron with highly available routers. */
export const haMutations: Readonly<Record<string, Mutation>> = {
  ...neutronMutations,

  'keepalived of a router': (world, luck) => {
    const chassis = luck.pick(world.neutron.chassis.filter(({role}) => role === 'gateway'));
    const name = luck.pick<DaemonName>(['keepalived', 'keepalived', 'neutron-keepalived-state-change']);
    const how = luck.pick(['kill', 'stop', 'hang', 'killChild', 'reload', 'release', 'resume'] as const);
    for (const process of chassis.programsFor(name, undefined)) {
      if (how === 'reload') process.reload?.();
      else process[how]?.(key);
    }
    return `${name} of ${chassis.name}: ${how}`;
  },

  'a long silence': (world, luck) => {
    world.advance(world.now + seconds(luck.whole(5, 9)));
    return 'backups may have waited in vain';
  },
};
