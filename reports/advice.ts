import type {Announcement} from '../models/events/announcements.ts';

/** What can be done about a link that takes long, and the page of docs/ that tells how it comes about. */
export type Advice = {readonly advice: string; readonly page: string};

type Event = Announcement['kind'];

const bfd: Advice = {advice: 'bfd-min-rx and bfd-mult set it.', page: 'models/bfd.md'};
const reconnecting: Advice = {
  advice: 'It is what is left of the back-off between attempts to connect, and of the start of who is connected to.',
  page: 'models/daemons.md',
};
const bus: Advice = {
  advice: 'It is the back-off of oslo.messaging and the heartbeats of RabbitMQ.',
  page: 'models/neutron-control.md',
};
const neutron: Advice = {advice: 'It is work of agents and neutron-server.', page: 'models/neutron-control.md'};
const ovn: Advice = {
  advice: 'It is work of ovn-controller and of the southbound database.',
  page: 'models/ovn-control.md',
};
const neighbours: Advice = {
  advice: "It is the timers of the kernel's neighbour table, or the wait for an announcement.",
  page: 'models/neighbours.md',
};
const vrrp: Advice = {
  advice:
    'It is the master-down time, three advert-int and the skew of the priority, or the skew alone after priority 0.',
  page: 'models/keepalived.md',
};
const faults: Advice = {
  advice: 'Nothing found it out, or found a way round it: it lasted until that was done.',
  page: 'models/faults.md',
};

const openVSwitch: Advice = {
  advice: 'The agent looks once in every polling interval, then sends its flows anew.',
  page: 'models/open-vswitch.md',
};
const known: Partial<Readonly<Record<Event, Advice>>> = {
  'bfd changed': bfd,
  'heartbeat lost': {
    advice: 'It is the wait for the next BFD packet, up to bfd-min-tx or what the peer asks for.',
    page: 'models/bfd.md',
  },
  'vrrp changed': vrrp,
  'vrrp gave up': vrrp,
  'vrrp priority changed': vrrp,
  'advert lost': {advice: 'It is the wait for the next advert, up to advert-int.', page: 'models/keepalived.md'},
  'fault began': faults,
  'fault ended': faults,
  'daemon started': {advice: 'It is the start of a process; its host profile sets it.', page: 'models/daemons.md'},
  'database connected': reconnecting,
  'openflow connected': reconnecting,
  'database lost': {advice: 'ovn-remote-probe-interval sets it.', page: 'models/ovn-control.md'},
  'bus connected': bus,
  'bus lost': bus,
  'agent missed': {
    advice: 'agent-down-time sets it, and how often neutron-server looks.',
    page: 'models/neutron-control.md',
  },
  'call timed out': bus,
  'router scheduled': neutron,
  'router configured': neutron,
  'port wired': {
    advice: 'The agent wires one port after the other; the step l2-wire of its host sets how fast.',
    page: 'models/neutron-control.md',
  },
  'port status changed': neutron,
  'forwarding entries changed': neutron,
  'floating address associated': neutron,
  'floating address configured': neutron,
  'gateway decided': ovn,
  'gateway moved': ovn,
  'port claimed': ovn,
  'port released': ovn,
  'binding changed': ovn,
  'chassis registered': ovn,
  'chassis unregistered': ovn,
  'tunnel toggled': ovn,
  'tunnel added': ovn,
  'tunnel removed': ovn,
  'flows complete': ovn,
  'flows cleared': ovn,
  'port filters changed': {
    advice:
      'The agent writes filters of new devices, and after it was told of a rule or a member, in the next round of its loop: ' +
      'polling-interval sets when, the steps l2-filter and l2-set how fast.',
    page: 'models/port-security.md',
  },
  'switch restart noticed': openVSwitch,
  'stale flows deleted': openVSwitch,
  'neighbour changed': neighbours,
  'address announced': neighbours,
  'mac moved': {
    advice: 'A switch learns with the next frame that somebody sends: an announcement, or traffic of its own.',
    page: 'models/switches.md',
  },
  'flow restored': {
    advice: "All was in place: it is the wait for the flow's next packet, or for the next retransmission of TCP.",
    page: 'models/traffic.md',
  },
};

/** What is said of the last step where the packet that ended the outage met something on its way. */
export const stillMissing: Advice = {
  advice: 'Something was still missing: the packet that got through met on its way what the last lines say.',
  page: 'models/traffic.md',
};

/** What is said of a link that ended with an event. */
export function adviceFor(event: string): Advice {
  return known[event as Event] ?? {advice: 'What it waited for stands in the line.', page: 'results.md'};
}

/** The pages that advice points at. */
export const advicePages: readonly string[] = [...new Set(Object.values(known).map(({page}) => page))];
