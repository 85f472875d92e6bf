import {haConfiguration} from '../../control/neutron/ha-configuration.ts';
import type {NeutronSettings} from '../../control/neutron/settings.ts';
import type {SettledRole} from '../../protocols/vrrp-port.ts';
import type {NeutronContents} from '../../tables/neutron-contents.ts';
import type {NeutronInventory, NeutronRouter} from '../../tables/neutron-inventory.ts';
import type {NeutronChassis} from './neutron-chassis.ts';

export type SettleHaSurroundings = {
  readonly inventory: NeutronInventory;
  readonly contents: NeutronContents;
  readonly settings: NeutronSettings;
  readonly chassis: readonly NeutronChassis[];
  /** Where in its interval a master is. */
  readonly luck: () => number;
};

/** Highly available routers as after a long quiet time: primary where the database says, backups elsewhere. */
export function settleHa(among: SettleHaSurroundings): void {
  for (const router of among.inventory.routers) if (router.ha) settleRouter(router, among);
}

function settleRouter(
  {number, ha, interfaces, gateway}: NeutronRouter,
  {inventory, contents, settings, chassis, luck}: SettleHaSurroundings,
): void {
  const active = contents.activeAgentOf(number);
  const port = active === undefined ? undefined : ha?.ports.get(active);
  if (port === undefined) return;
  const {haVrrpAdvertInt} = settings;
  const dueAt = Math.floor(luck() * haVrrpAdvertInt);
  const floating = inventory.floating.filter(
    ({number: address, router}) => router === number && contents.targetOf(address) !== undefined,
  );
  const here = {interfaces, gateway, floating: floating.map(address => address.number)};
  for (const agent of contents.agentsOf(number)) {
    const {linux, haHost} = chassis[agent];
    const configuration = haConfiguration(inventory, number, agent, here, settings);
    const [{priority = 0}] = configuration.instances;
    const master = {address: inventory.ports[port].address, priority};
    const role: SettledRole =
      agent === active ? {state: 'master', dueAt} : {state: 'backup', heardAt: dueAt - haVrrpAdvertInt, master};
    linux.routers.get(number)?.replicated?.beginSettled(configuration, role);
    haHost.beginSettled(number, configuration, agent === active ? 'primary' : 'backup');
    linux.runRouterProxy(number, agent === active);
  }
}
