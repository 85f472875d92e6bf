import type {LinuxBridges} from '../dataplane/linux/linux-bridges.ts';
import type {Nic} from '../dataplane/nic.ts';
import {everyMac} from '../protocols/vxlan-table.ts';
import type {NeutronInventory} from '../tables/neutron-inventory.ts';
import {isMulticast} from '../wire/ipv4.ts';
import type {BridgeSummary} from './brctl-show.ts';
import type {BridgeRow, RemoteRow} from './bridge-fdb.ts';

/** The card that tunnels leave by. */
const underlayDevice = 'underlay';

/** The bridges of a node. MACs of taps are not modelled, so the id is the uplink's. */
export function bridgeSummaries(
  {bridges, vxlans}: LinuxBridges,
  nics: readonly Nic[],
  {networks}: NeutronInventory,
): readonly BridgeSummary[] {
  return [...bridges].map(([number, {name, ports}]) => {
    const {segment} = networks[number];
    const card = nics.find(nic => nic.segment.name === segment);
    const uplink = vxlans.get(number)?.mac ?? card?.mac;
    return {name, ports, macs: uplink === undefined ? [] : [uplink]};
  });
}

/** What the bridges of a node know, port after port; behind a VXLAN device's comes what the device itself knows. */
export function bridgeRows(
  {bridges, vxlans}: LinuxBridges,
  {networks}: NeutronInventory,
): readonly (BridgeRow | RemoteRow)[] {
  return networks.flatMap(({number}) => {
    const bridge = bridges.get(number);
    if (!bridge) return [];
    const learnt = bridge.learnt();
    const vxlan = vxlans.get(number);
    return bridge.ports.flatMap((device): readonly (BridgeRow | RemoteRow)[] => [
      ...learnt.filter(({port}) => port === device).map(({mac}) => ({mac, device, vlan: 0, bridge: bridge.name})),
      ...(vxlan?.name === device ? vxlan.entries().flatMap(entry => remoteRows(device, entry)) : []),
    ]);
  });
}

function remoteRows(
  device: string,
  {mac, remotes, listed}: {readonly mac: number; readonly remotes: readonly number[]; readonly listed: boolean},
): readonly RemoteRow[] {
  return remotes.map(remote => {
    const via = mac === everyMac && isMulticast(remote) ? underlayDevice : undefined;
    return {mac, device, remote, via, permanent: listed};
  });
}
