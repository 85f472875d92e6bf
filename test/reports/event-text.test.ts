import test from 'ava';
import {seconds} from '../../engine/time.ts';
import type {Announcement, Announcements} from '../../models/events/announcements.ts';
import {tellEvent, tellInASentence} from '../../reports/event-text.ts';
import {parseIpv4} from '../../models/wire/ipv4.ts';

const gw2 = {chassis: 'gw2'} as const;
const address = parseIpv4('10.0.2.2')!;
const r2 = {chassis: 'r2', instance: 'VI_1'} as const;
const vrrp = {...r2, heardAt: undefined, peer: undefined, priority: undefined, what: undefined} as const;
const mac = 0x02_aa_00_00_00_02;
const bfd = {...gw2, peer: 'gw1', heardAt: seconds(20.921_99), detectionTime: seconds(3)} as const;

type Told = readonly [detail: object, sentence: string];

/** Every kind of announcement with what a person reads; the compiler asks for those that are missing. */
const examples: {readonly [Kind in keyof Announcements]: readonly (readonly [Announcements[Kind], string])[]} = {
  'fault began': [
    [{fault: 'underlay', occurrence: 1, kind: 'link', target: 'gw1'}, 'underlay underlay link of gw1 down'],
    [{fault: 'else', occurrence: 1, kind: 'link', target: 'gw1'}, 'else link of gw1'],
  ],
  'fault ended': [
    [{fault: 'underlay', occurrence: 1, kind: 'link', target: 'gw1'}, 'underlay underlay link of gw1 up again'],
    [{fault: 'else', occurrence: 1, kind: 'link', target: 'gw1'}, 'else link of gw1 over'],
  ],
  'daemon stopped': [
    [{...gw2, daemon: 'ovs-vswitchd', how: 'killed'}, 'gw2: ovs-vswitchd killed'],
    [{...gw2, daemon: 'ovs-vswitchd', how: 'chassis crashed'}, 'gw2: ovs-vswitchd gone with its chassis'],
  ],
  'daemon started': [[{...gw2, daemon: 'ovs-vswitchd'}, 'gw2: ovs-vswitchd runs again']],
  'carrier changed': [
    [{...gw2, nic: 'underlay', up: false}, 'gw2: underlay carrier lost'],
    [{...gw2, nic: 'underlay', up: true}, 'gw2: underlay carrier back'],
  ],
  'heartbeat lost': [
    [
      {...gw2, peer: 'gw1', reason: 'no carrier', place: 'gw1 underlay'},
      'gw2: BFD to gw1 loses its first packet since the last that arrived: no carrier at gw1 underlay',
    ],
  ],
  'bfd changed': [
    [
      {...bfd, from: 'up', to: 'down', diagnostic: 'control-detection-time-expired'},
      'gw2: BFD to gw1 up → down (no packet for 3 s, last heard at 20.922 s)',
    ],
    [
      {...bfd, heardAt: undefined, from: 'up', to: 'down', diagnostic: 'control-detection-time-expired'},
      'gw2: BFD to gw1 up → down (no packet for 3 s, none ever heard)',
    ],
    [
      {...bfd, from: 'up', to: 'down', diagnostic: 'neighbor-signaled-session-down'},
      'gw2: BFD to gw1 up → down (neighbor signaled session down)',
    ],
    [{...bfd, from: 'down', to: 'init', diagnostic: 'control-detection-time-expired'}, 'gw2: BFD to gw1 down → init'],
  ],
  'tunnel toggled': [
    [{...gw2, peer: 'gw1', enabled: true}, 'gw2: tunnel to gw1 in use'],
    [{...gw2, peer: 'gw1', enabled: false}, 'gw2: tunnel to gw1 out of use'],
  ],
  'tunnel added': [[{...gw2, peer: 'gw1'}, 'gw2: tunnel to gw1 added']],
  'tunnel removed': [[{...gw2, peer: 'gw1'}, 'gw2: tunnel to gw1 removed']],
  'gateway decided': [
    [{...gw2, router: 'r1', active: true}, 'gw2: r1 becomes active here'],
    [{...gw2, router: 'r1', active: false}, 'gw2: r1 is no longer active here'],
  ],
  'gateway moved': [
    [{...gw2, router: 'r1', active: true}, 'gw2: r1 is forwarded here'],
    [{...gw2, router: 'r1', active: false}, 'gw2: r1 is no longer forwarded here'],
  ],
  'port claimed': [
    [{...gw2, port: 'cr-r1', from: 'gw1'}, 'gw2: cr-r1 claimed from gw1'],
    [{...gw2, port: 'cr-r1', from: undefined}, 'gw2: cr-r1 claimed'],
  ],
  'port released': [[{...gw2, port: 'cr-r1'}, 'gw2: cr-r1 released']],
  'binding changed': [
    [{port: 'cr-r1', from: 'gw1', to: 'gw2'}, 'cr-r1 in the southbound database: gw1 → gw2'],
    [{port: 'cr-r1', from: undefined, to: undefined}, 'cr-r1 in the southbound database: nobody → nobody'],
  ],
  'chassis registered': [[gw2, 'gw2: Chassis row added to the southbound database']],
  'chassis unregistered': [[gw2, 'gw2: Chassis row deleted from the southbound database']],
  'flows cleared': [[gw2, 'gw2: OpenFlow tables cleared']],
  'flows complete': [[gw2, 'gw2: OpenFlow tables complete again']],
  'switch restart noticed': [[gw2, 'gw2: neutron-openvswitch-agent finds that ovs-vswitchd has no flows']],
  'stale flows deleted': [
    [{...gw2, cookies: 3}, 'gw2: neutron-openvswitch-agent deletes flows of 3 cookies that are not its own'],
  ],
  'openflow connected': [[gw2, 'gw2: ovn-controller connected to ovs-vswitchd']],
  'openflow lost': [[gw2, 'gw2: ovn-controller without ovs-vswitchd']],
  'database connected': [[gw2, 'gw2: ovn-controller connected to the southbound database']],
  'database lost': [
    [{...gw2, reason: 'probe unanswered'}, 'gw2: ovn-controller without the southbound database: probe unanswered'],
  ],
  'address announced': [[{...gw2, address, mac, round: 2}, 'gw2: 10.0.2.2 announced at 02:aa:00:00:00:02, round 2']],
  'mac moved': [
    [
      {segment: 'provider', mac, from: 'gw1', to: 'gw2'},
      'provider switch finds 02:aa:00:00:00:02 at gw2, no longer at gw1',
    ],
    [{segment: 'provider', mac, from: undefined, to: 'gw2'}, 'provider switch finds 02:aa:00:00:00:02 at gw2'],
    [{segment: 'provider', mac, from: 'gw1', to: undefined}, 'provider switch forgets 02:aa:00:00:00:02, last at gw1'],
  ],
  'mac binding changed': [
    [{router: 'r1', address, mac}, 'r1 in the southbound database: 10.0.2.2 at 02:aa:00:00:00:02'],
  ],
  'neighbour table overflow': [[{host: 'gw1'}, 'gw1: kernel arp_cache: neighbor table overflow!']],
  'neighbour changed': [
    [
      {host: 'outside', address, from: 'failed', to: 'stale', mac},
      'outside: neighbour 10.0.2.2 failed → stale at 02:aa:00:00:00:02',
    ],
    [
      {host: 'outside', address, from: 'probe', to: 'failed', mac: undefined},
      'outside: neighbour 10.0.2.2 probe → failed',
    ],
  ],
  'route changed': [
    [{router: 'r1', prefix: '0.0.0.0/0', nextHop: address, active: true}, 'r1 route 0.0.0.0/0 via 10.0.2.2 in use'],
    [{router: 'r1', prefix: '0.0.0.0/0', nextHop: address, active: false}, 'r1 route 0.0.0.0/0 via 10.0.2.2 withdrawn'],
  ],
  'bus connected': [[{...gw2, daemon: 'neutron-l3-agent'}, 'gw2: neutron-l3-agent connected to RabbitMQ']],
  'bus lost': [
    [
      {...gw2, daemon: 'neutron-l3-agent', reason: 'too many heartbeats missed'},
      'gw2: neutron-l3-agent without RabbitMQ: too many heartbeats missed',
    ],
  ],
  'call timed out': [
    [
      {...gw2, daemon: 'neutron-l3-agent', method: 'sync_routers', timeout: seconds(60)},
      'gw2: neutron-l3-agent no answer to sync_routers for 60 s',
    ],
  ],
  'agent missed': [[{...gw2, daemon: 'neutron-l3-agent'}, 'gw2: neutron-l3-agent not heard of by neutron-server']],
  'agent revived': [[{...gw2, daemon: 'neutron-l3-agent'}, 'gw2: neutron-l3-agent heard of again by neutron-server']],
  'router scheduled': [
    [{router: 'r1', from: 'gw1', to: 'gw2'}, 'r1 in the database of Neutron: gw1 → gw2'],
    [{router: 'r1', from: 'gw1', to: undefined}, 'r1 in the database of Neutron: gw1 → nobody'],
  ],
  'ha router transitioned': [
    [{...gw2, router: 'r1', state: 'primary'}, 'gw2: r1 is primary here, the L3 agent believes'],
  ],
  'ha state noted': [
    [{...gw2, router: 'r1', from: 'standby', to: 'active'}, 'r1 in the database of Neutron: standby → active at gw2'],
  ],
  'connections committed': [
    [{...gw2, router: 'r1', connections: 1}, 'gw2: r1 conntrackd commits 1 connection'],
    [{...gw2, router: 'r1', connections: 0}, 'gw2: r1 conntrackd commits 0 connections'],
  ],
  'router configured': [[{...gw2, router: 'r1'}, 'gw2: r1 is complete here']],
  'router removed': [[{...gw2, router: 'r1'}, 'gw2: r1 is removed here']],
  'port status changed': [
    [{port: 'vm1', host: 'cn1', from: 'BUILD', to: 'ACTIVE'}, 'port vm1 BUILD → ACTIVE at cn1'],
    [{port: 'vm1', host: undefined, from: 'ACTIVE', to: 'DOWN'}, 'port vm1 ACTIVE → DOWN'],
  ],
  'port wired': [[{...gw2, port: 'r1 on blue'}, 'gw2: port r1 on blue wired']],
  'port filters changed': [
    [{...gw2, ports: 2}, 'gw2: filters written for 2 ports'],
    [{...gw2, ports: 1}, 'gw2: filters written for 1 port'],
  ],
  'forwarding entries changed': [
    [{...gw2, network: 'blue', action: 'add', entries: 2}, 'gw2: blue 2 forwarding entries added'],
    [{...gw2, network: 'blue', action: 'remove', entries: 1}, 'gw2: blue 1 forwarding entry removed'],
  ],
  'floating address associated': [
    [{address, from: 'vm1', to: 'vm2'}, '10.0.2.2 in the database of Neutron: vm1 → vm2'],
    [{address, from: undefined, to: undefined}, '10.0.2.2 in the database of Neutron: nobody → nobody'],
  ],
  'floating address configured': [
    [{...gw2, address, active: true}, 'gw2: 10.0.2.2 is translated here'],
    [{...gw2, address, active: false}, 'gw2: 10.0.2.2 is no longer translated here'],
  ],
  'operation refused': [
    [{what: 'move', subject: 'vm1', reason: 'cn2 is down'}, 'vm1 move refused: cn2 is down'],
    [{what: 'add', subject: 'r1', reason: 'gw1 hosts it'}, 'r1 add refused: gw1 hosts it'],
  ],
  'vrrp changed': [
    [
      {...vrrp, from: 'backup', to: 'master', why: 'no advert', heardAt: seconds(20.5)},
      'r2: VI_1 BACKUP → MASTER: no advert since 20.500 s',
    ],
    [
      {...vrrp, from: 'backup', to: 'master', why: 'no advert'},
      'r2: VI_1 BACKUP → MASTER: no advert since it is there',
    ],
    [{...vrrp, from: 'backup', to: 'master', why: 'priority 0'}, 'r2: VI_1 BACKUP → MASTER: the master gave up'],
    [{...vrrp, from: 'backup', to: 'master', why: 'owner'}, 'r2: VI_1 BACKUP → MASTER: it owns the addresses'],
    [
      {...vrrp, from: 'master', to: 'backup', why: 'higher priority', peer: address, priority: 150},
      'r2: VI_1 MASTER → BACKUP: 10.0.2.2 has priority 150',
    ],
    [
      {...vrrp, from: 'master', to: 'backup', why: 'higher address', peer: address},
      'r2: VI_1 MASTER → BACKUP: 10.0.2.2 has the same priority and the higher address',
    ],
    [{...vrrp, from: 'master', to: 'fault', why: 'failed', what: 'lan0'}, 'r2: VI_1 MASTER → FAULT: lan0 failed'],
    [
      {...vrrp, from: 'fault', to: 'backup', why: 'recovered', what: 'lan0'},
      'r2: VI_1 FAULT → BACKUP: lan0 is well again',
    ],
    [{...vrrp, from: 'init', to: 'backup', why: 'started'}, 'r2: VI_1 INIT → BACKUP: keepalived started'],
    [
      {...vrrp, from: 'fault', to: 'backup', why: 'reloaded'},
      'r2: VI_1 FAULT → BACKUP: keepalived read its configuration anew',
    ],
  ],
  'vrrp priority changed': [[{...r2, from: 100, to: 80}, 'r2: VI_1 changes its priority from 100 to 80']],
  'vrrp gave up': [[r2, 'r2: VI_1 sends priority 0']],
  'advert lost': [
    [
      {...r2, peer: 'r1', reason: 'no carrier', place: 'r2 lan0'},
      'r2: VI_1 to r1 loses its first advert since the last that arrived: no carrier at r2 lan0',
    ],
  ],
  'vm started': [
    [{vm: 'vm1', chassis: 'cn1', waited: seconds(1.5)}, 'cn1: vm1 starts: its port was ACTIVE after 1.5 s'],
  ],
  'vm not started': [[{vm: 'vm1', chassis: 'cn1'}, 'cn1: vm1 is given up: its port was not ACTIVE in time']],
  'lease taken': [
    [{host: 'vm1', address, server: address, waited: seconds(4)}, 'vm1: 10.0.2.2 leased from 10.0.2.2 after 4 s'],
  ],
  'lease renewed late': [
    [{host: 'vm1', address, server: address, requests: 3}, 'vm1: 10.0.2.2 renewed by 10.0.2.2 at request 3'],
  ],
  'lease lost': [
    [{host: 'vm1', address, why: 'expired'}, 'vm1: 10.0.2.2 given up: its lease is over'],
    [{host: 'vm1', address, why: 'refused'}, 'vm1: 10.0.2.2 given up: refused by DHCP'],
  ],
  'dhcp ready': [[{...gw2, network: 'blue'}, 'gw2: DHCP of blue is ready here']],
  'dhcp removed': [[{...gw2, network: 'blue'}, 'gw2: DHCP of blue is removed here']],
  'network scheduled': [
    [{...gw2, network: 'blue', hosted: true}, 'DHCP of blue in the database of Neutron: at gw2'],
    [{...gw2, network: 'blue', hosted: false}, 'DHCP of blue in the database of Neutron: no longer at gw2'],
  ],
  'flow lost': [
    [{flow: 0, since: 0, reason: 'no carrier', place: 'gw1'}, 'snat: vm1 → outside loses packets: no carrier at gw1'],
    [{flow: 7, since: 0, reason: 'no carrier', place: 'gw1'}, 'flow 7 loses packets: no carrier at gw1'],
  ],
  'connection lost': [[{flow: 0, host: 'vm1', why: 'reset'}, 'vm1: snat: vm1 → outside loses its connection: reset']],
  'flow restored': [
    [{flow: 0, since: 0, until: 1, lost: 298}, 'snat: vm1 → outside gets through again after 298 lost'],
  ],
};

const background = {
  faults: [{name: 'underlay', breakage: {kind: 'link', nic: 'underlay'}}],
  flows: [{name: 'snat: vm1 → outside'}],
} as const;

for (const [kind, told] of Object.entries(examples)) {
  test(`"${kind}" is told in a sentence`, t => {
    for (const [detail, sentence] of told as readonly Told[]) {
      const announcement = {number: 1, at: 0, kind, detail, parents: []} as unknown as Announcement;
      t.is(tellInASentence(announcement, background), sentence);
      const {chassis, subject, detail: words} = tellEvent(announcement, background);
      t.is(sentence, `${chassis === '' ? '' : `${chassis}: `}${subject} ${words}`);
      t.true(subject !== '' && words !== '');
    }
  });
}
