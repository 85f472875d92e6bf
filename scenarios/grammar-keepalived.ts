import {z} from 'zod';
import {milliseconds, seconds} from '../engine/time.ts';
import {address, interfaceAddress, name, prefix, reference, time, wholeNumber} from './fields.ts';
import {keys, optionalList} from './grammar-parts.ts';

/** The words of keepalived.conf(5), with dashes. Their defaults are those of models/protocols/keepalived-configuration.ts. */

const weight = wholeNumber(-253, 253)
  .default(0)
  .describe('0: a failure means FAULT; else what it adds to the priority.');
const reverse = z.boolean().default(false).describe('Whether its meaning is turned round.');
const noTrack = z.boolean().default(false).describe('Whether the instance stays as it is when that interface fails.');
const repeat = wholeNumber(0, 1000);
const delay = time({whole: 'seconds', off: true});

const virtualAddress = z.union(
  [
    interfaceAddress,
    keys({
      address: interfaceAddress.describe('The address with the length of its prefix.'),
      dev: reference('interface').optional().describe('Its interface; that of the instance if left out.'),
      'no-track': noTrack,
    }),
  ],
  {error: 'an address such as 10.0.0.1/24, or {address, dev}'},
);

const virtualRoute = keys({
  to: prefix.describe('Where the route leads.'),
  via: address.describe('The next hop.'),
  dev: reference('interface').describe('Its interface.'),
  'no-track': noTrack,
});

const instance = keys({
  state: z.enum(['MASTER', 'BACKUP']).optional().describe('What it would start as; all but owners start as BACKUP.'),
  interface: reference('interface').describe('Where its adverts go out and come in.'),
  'virtual-router-id': wholeNumber(1, 255).describe('The number of the virtual router on that LAN.'),
  priority: wholeNumber(1, 255).optional().describe('The highest is master; 255 is the owner. 100, or 255 as MASTER.'),
  version: z.literal([2, 3]).optional().describe('Of VRRP.'),
  'advert-int': time({least: milliseconds(10)})
    .prefault('1s')
    .describe('Between two adverts: whole seconds in version 2, hundredths in version 3.'),
  nopreempt: z.boolean().default(false).describe('Whether it lets a master of lower priority be.'),
  'preempt-delay': time({most: seconds(1000)})
    .prefault('0s')
    .describe('How long it lets a master of lower priority be, up to 1000s.'),
  'down-timer-adverts': wholeNumber(1, 100)
    .optional()
    .describe('A backup takes over when it has missed so many adverts; vrrp-down-timer-adverts if left out.'),
  'dont-track-primary': z.boolean().default(false).describe('Whether it goes on when its interface has failed.'),
  'garp-master-delay': delay.optional().describe('After becoming master, until addresses are announced again.'),
  'garp-master-repeat': repeat.optional().describe('How often each address is announced in a burst.'),
  'garp-master-refresh': delay.optional().describe('How often a master announces its addresses anew; 0s is never.'),
  'garp-master-refresh-repeat': repeat.optional().describe('How often each, then.'),
  'garp-lower-prio-delay': delay.optional().describe('As garp-master-delay, after an advert of lower priority.'),
  'garp-lower-prio-repeat': repeat.optional().describe('As garp-master-repeat, after an advert of lower priority.'),
  'lower-prio-no-advert': z.boolean().optional().describe('Whether a master lets an advert of lower priority pass.'),
  'higher-prio-send-advert': z.boolean().optional().describe('Whether a master that gives way advertises once more.'),
  'virtual-ipaddress': z
    .array(virtualAddress)
    .min(1, {error: 'an empty list: name an address'})
    .describe('The addresses of the master, which adverts list.'),
  'virtual-ipaddress-excluded': optionalList(virtualAddress).describe('Those which adverts do not list.'),
  'virtual-routes': optionalList(virtualRoute).describe('Routes of the master.'),
  'track-interface': optionalList(
    z.union([reference('interface'), keys({interface: reference('interface').describe('It.'), weight, reverse})], {
      error: 'an interface, or {interface, weight}',
    }),
  ).describe('Interfaces on which it depends, besides its own and those of its addresses.'),
  'track-script': optionalList(
    z.union([reference('script'), keys({script: reference('script').describe('It.'), weight, reverse})], {
      error: 'a script, or {script, weight}',
    }),
  ).describe('Scripts on which it depends.'),
});

const globals = keys({
  'vrrp-version': z.literal([2, 3]).default(2).describe('Of instances that name none.'),
  'vrrp-down-timer-adverts': wholeNumber(1, 100).default(3).describe('Of instances that name none.'),
  'vrrp-garp-master-delay': delay.prefault('5s').describe('Of instances that name none.'),
  'vrrp-garp-master-repeat': repeat.default(5).describe('Of instances that name none.'),
  'vrrp-garp-master-refresh': delay.prefault('0s').describe('Of instances that name none.'),
  'vrrp-garp-master-refresh-repeat': repeat.default(1).describe('Of instances that name none.'),
  'vrrp-garp-lower-prio-delay': delay.optional().describe('Of instances that name none: vrrp-garp-master-delay.'),
  'vrrp-garp-lower-prio-repeat': repeat.optional().describe('Of instances that name none: vrrp-garp-master-repeat.'),
  'vrrp-garp-interval': time().prefault('0s').describe('The least time between two announcements on an interface.'),
  'vrrp-lower-prio-no-advert': z.boolean().default(false).describe('Of instances that say nothing.'),
  'vrrp-higher-prio-send-advert': z.boolean().default(false).describe('Of instances that say nothing.'),
});

const script = keys({
  interval: time({least: milliseconds(10)})
    .prefault('1s')
    .describe('How often it is run. It succeeds unless a fault of kind script is in force.'),
  rise: wholeNumber(1, 1000).default(1).describe('So many successes in a row make it good.'),
  fall: wholeNumber(1, 1000).default(1).describe('So many failures in a row make it bad.'),
});

/** A file keepalived.conf of one machine. */
export const keepalivedGrammar = keys({
  'global-defs': globals.prefault({}).describe('The block global_defs.'),
  'vrrp-script': z.record(name, script).default({}).describe('Blocks vrrp_script.'),
  'vrrp-instance': z.record(name, instance).describe('Blocks vrrp_instance.'),
});

/** A keepalived.conf read key by key. */
export type KeepalivedDraft = z.output<typeof keepalivedGrammar>;

export const leastAdvertInterval = {2: seconds(1), 3: milliseconds(10)} as const;
