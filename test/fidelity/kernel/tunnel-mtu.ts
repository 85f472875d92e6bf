import {seconds} from '../../../engine/time.ts';
import type {FlowResult} from '../../../models/events/results.ts';
import {planOf, worldOf} from '../../support/clouds.ts';
import {exactHead, exactRow, type Table} from '../part.ts';

/** Bytes of the headers of IPv4 and UDP. */
const headers = 28;

/** What happens to packets of a VM that takes its tunnel network for an Ethernet. */
export function tunnelMtu(): Table {
  const without = '{bridge-nf-call-iptables: false}';
  return {
    title: 'VXLAN: inner MTU on an underlay of 1500, VMs with 1500',
    notes: ['UDP from one VM to another in a scenario; sizes are those of IP packets.'],
    head: ['what', ...exactHead],
    rows: [
      exactRow(['the largest packet with DF that arrives'], 1, '1450', [largest()]),
      exactRow(['larger, with DF'], 1, 'dropped, no ICMP', [fate(1460, true, '{}')]),
      exactRow(['larger, without DF, `bridge-nf-call-iptables` 1'], 1, 'arrives', [fate(1460, false, '{}')]),
      exactRow(['larger, without DF, `bridge-nf-call-iptables` 0'], 1, 'dropped, no ICMP', [
        fate(1460, false, without),
      ]),
    ],
  };
}

function largest(): string {
  const arriving = [1448, 1449, 1450, 1451, 1452].filter(size => fate(size, true, '{}') === 'arrives');
  return `${Math.max(...arriving)}`;
}

function fate(size: number, dontFragment: boolean, options: string): string {
  const {delivered, sent, icmpErrors = 0} = talk(size, dontFragment, options);
  if (delivered === sent) return 'arrives';
  return icmpErrors === 0 ? 'dropped, no ICMP' : 'dropped, with ICMP';
}

function talk(size: number, dontFragment: boolean, options: string): FlowResult {
  const text = [
    'name: mtu',
    'duration: 5s',
    `neutron: ${options}`,
    'chassis: {gw1: {role: gateway}, "cn[1..2]": {role: compute}}',
    'networks: {tunnelled: {type: vxlan, cidr: 172.16.0.0/24}}',
    'vms: {vm1: {network: tunnelled, mtu: 1500}, vm2: {network: tunnelled, mtu: 1500}}',
    `traffic: {flow: {from: vm1, to: vm2, count: 20, every: 100ms, size: ${size - headers}, dont-fragment: ${dontFragment}}}`,
  ].join('\n');
  const world = worldOf(planOf(text));
  world.advance(seconds(5));
  return world.results()[0];
}
