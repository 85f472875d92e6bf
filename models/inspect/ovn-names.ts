import type {LogicalRouter, LogicalSwitch} from '../tables/topology.ts';

/** The port of a router on a switch, and the one of the switch that leads to it, as our bench names them. */
export function routerPortName({name}: LogicalRouter, network: LogicalSwitch): string {
  return `${name}-${network.name}`;
}

export function switchPortName(network: LogicalSwitch, {name}: LogicalRouter): string {
  return `${network.name}-${name}`;
}

/** The chassisredirect port of a router's gateway port. */
export function gatewayPortName(router: LogicalRouter): string {
  return router.external ? `cr-${routerPortName(router, router.external.switch)}` : `cr-${router.name}`;
}
