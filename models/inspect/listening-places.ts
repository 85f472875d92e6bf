import {OpenVSwitch, tunnelDevices} from '../dataplane/ovs/open-vswitch.ts';
import {deviceName, routerDevice} from '../tables/neutron-inventory.ts';
import {NeutronCloud} from '../world/neutron/neutron-cloud.ts';
import type {World} from '../world/world.ts';
import {endsOf} from './planned-ends.ts';

/** Where frames can be listened to. */
export type ListeningPlace = {
  /** As it is typed. */
  readonly name: string;
  /** As the models call it (`Taps`), which is understood too. */
  readonly tap: string;
};

export type ListeningPlaces = {readonly title: string; readonly places: readonly ListeningPlace[]};

/** All interfaces and segments of a world, those included that are made later, and by the names of routers too. */
export function listeningPlaces(world: World): readonly ListeningPlaces[] {
  const {plan, cloud} = world;
  const same = (name: string): ListeningPlace => ({name, tap: name});
  const cards = cloud.machines.flatMap(({nics}) => nics.map(({place}) => place));
  return [
    {title: 'physical switches', places: plan.segments.map(({name}) => same(name))},
    {title: 'cards of hosts', places: cards.map(same)},
    {title: 'virtual machines', places: plan.vms.map(({name}) => same(name))},
    {
      title: 'hosts and routers outside',
      places: endsOf(world)
        .map(({name}) => name)
        .filter(name => !plan.vms.some(vm => vm.name === name))
        .map(same),
    },
    ...(cloud instanceof NeutronCloud ? ofNeutron(cloud) : []),
  ].filter(({places}) => places.length > 0);
}

function ofNeutron({chassis, inventory}: NeutronCloud): readonly ListeningPlaces[] {
  // What the L3 agent makes is a port of br-int itself where there is one.
  const isSwitched = chassis.some(({mechanism}) => mechanism.switching instanceof OpenVSwitch);
  // A VM that moves can be listened to itself.
  const taps = chassis.flatMap(({name, role}, number) =>
    inventory.ports
      .filter(({kind, home}) => (kind === 'vm' ? home === number : role === 'gateway' && !isSwitched))
      .map(({id}) => `${name} ${deviceName('tap', id)}`),
  );
  const devices = new Set(
    inventory.networks.flatMap(({type, segmentation}) => {
      if (type !== 'vxlan' && type !== 'gre') return [];
      return [isSwitched ? tunnelDevices[type] : `vxlan-${segmentation}`];
    }),
  );
  const tunnels = chassis.flatMap(({name}) => [...devices].map(device => `${name} ${device}`));
  const inside = chassis.flatMap(({name, role}, number) => {
    if (role !== 'gateway') return [];
    return inventory.ports
      .filter(({kind, home}) => kind !== 'router ha interface' || home === number)
      .flatMap((port): ListeningPlace[] => {
        if (port.router === undefined) return [];
        const {id, name: router} = inventory.routers[port.router];
        const device = routerDevice(port);
        return [{name: `${name} qrouter-${router} ${device}`, tap: `${name} qrouter-${id} ${device}`}];
      });
  });
  return [
    {title: 'taps of VMs and routers', places: taps.map(name => ({name, tap: name}))},
    {title: 'tunnel devices', places: tunnels.map(name => ({name, tap: name}))},
    {title: 'interfaces of routers', places: inside},
  ];
}
