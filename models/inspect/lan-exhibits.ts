import type {LanMachine} from '../world/lan/lan-machine.ts';
import type {Lans} from '../world/lan/lans.ts';
import {byName} from './by-name.ts';
import {switchedOff, type Exhibit, type Tool} from './exhibit.ts';
import {formatAddresses, type LinkRow} from './ip-addr.ts';
import {formatNeighbours} from './ip-neigh.ts';
import {formatRoutes} from './ip-route.ts';
import {keepalivedData} from './keepalived-data.ts';

/** What machines on LANs have to show. */
export function lanExhibits({machines}: Lans): readonly Exhibit[] {
  const on = (words: string, show: (machine: LanMachine) => string): Tool => ({
    words,
    show: name => {
      const machine = byName(machines, name);
      return machine.namespace.on ? show(machine) : switchedOff(name);
    },
  });
  const common = [
    on('ip addr', machine => formatAddresses(links(machine))),
    on('ip route', ({namespace}) => formatRoutes(namespace.routes(), 'static')),
    on('ip neigh', ({namespace}) =>
      formatNeighbours(
        [...namespace.interfaces].flatMap(([device, known]) =>
          [...known.neighbours()].map(({address, mac, state}) => ({address, device, mac, state})),
        ),
      ),
    ),
  ];
  const data = on('cat /tmp/keepalived.data', ({keepalived}) => keepalivedData(keepalived?.vrrp));
  return [
    {
      title: 'machines with keepalived',
      places: machines.filter(({keepalived}) => keepalived).map(({name}) => name),
      tools: [data, ...common],
    },
    {title: 'machines', places: machines.filter(({keepalived}) => !keepalived).map(({name}) => name), tools: common},
  ];
}

function links({nics, namespace}: LanMachine): readonly LinkRow[] {
  return nics.map(({name, mac, carrier, segment: {mtu}}) => {
    const addresses = namespace.interfaces.get(name)?.addresses ?? [];
    return {name, mac, mtu, qdisc: 'fq_codel', carrier, addresses};
  });
}
